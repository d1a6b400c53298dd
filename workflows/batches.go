package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"onecard/activities"
	"onecard/card"
)

// batches is a rollout under way: its plan, and the places in which its batches run.
type batches struct {
	*decisions
	plan   activities.Plan
	lanes  []lane
	total  workflow.Semaphore
	placed []card.BatchID // those that have one of all places
	free   workflow.Semaphore
}

// lane is the places that one bank has for batches in production.
type lane struct {
	bank   string
	places workflow.Semaphore
}

func (r *batches) openLanes(ctx workflow.Context) {
	r.total = workflow.NewSemaphore(ctx, int64(r.plan.Policy.Concurrency))
	r.free = workflow.NewSemaphore(ctx, int64(len(r.plan.Batches)+1))
	for _, p := range r.plan.Policy.Banks {
		r.lanes = append(r.lanes, lane{p.Bank, workflow.NewSemaphore(ctx, int64(p.Batches))})
	}
}

// lane returns the places of a bank; one that nothing was agreed with has no limit of its own.
func (r *batches) lane(bank string) workflow.Semaphore {
	for _, l := range r.lanes {
		if l.bank == bank {
			return l.places
		}
	}
	return r.free
}

// signalLeft is how a batch of payments tells its rollout that its file is with the partner, and that it mostly waits from now on.
const signalLeft = "left"

// heedLeft gives the place of a batch to another as soon as its file has left the hub. The place that its bank has for it stays taken
// until the bank has answered.
func (r *batches) heedLeft(ctx workflow.Context) {
	left := workflow.GetSignalChannel(ctx, signalLeft)
	workflow.Go(ctx, func(ctx workflow.Context) {
		var b card.BatchID
		for left.Receive(ctx, &b) {
			r.giveUpPlace(b)
		}
	})
}

// giveUpPlace frees the place of a batch that still has one.
func (r *batches) giveUpPlace(b card.BatchID) {
	if i := slices.Index(r.placed, b); i >= 0 {
		r.placed = slices.Delete(r.placed, i, i+1)
		r.total.Release(1)
	}
}

// inPlace runs work when the batch's bank and the rollout have a place for it, and returns what it returns.
func (r *batches) inPlace(ctx workflow.Context, b card.BatchID, work func() bool) bool {
	places := r.lane(b.Bank)
	if places.Acquire(ctx, 1) == nil {
		defer places.Release(1)
	}
	if r.total.Acquire(ctx, 1) == nil {
		r.placed = append(r.placed, b)
		defer r.giveUpPlace(b)
	}
	return work()
}

// judge stops the rollout when the canary failed. A person who resumes it then overrules the verdict.
func (r *batches) judge(ctx workflow.Context, canary card.BatchID) {
	var passed bool
	judged := r.insist(ctx, func() error {
		return workflow.ExecuteActivity(quick(ctx), rollouts.JudgeCanary, canary).Get(ctx, &passed)
	})
	if judged && !passed {
		r.stop(ctx, card.ReasonCanaryFailed)
	}
}

// child runs a batch's workflow and says whether it came to its end. When it fails, the rollout stops; resumed, it takes the
// batch up where it stands. When the rollout is cancelled, the batch is withdrawn.
func (r *batches) child(ctx workflow.Context, id string, process any, in BatchInput) bool {
	if r.insist(ctx, again(func() error { return r.attempt(ctx, id, process, in) })) {
		return true
	}
	away, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if err := workflow.ExecuteActivity(heavy(away), rollouts.WithdrawBatch, in.Batch).Get(away, nil); err != nil {
		workflow.GetLogger(ctx).Error("A cancelled batch could not be withdrawn.", "batch", in.Batch.String(), "error", err)
	}
	return false
}

// attempt runs a batch's workflow once. What has been decided while it was being started is told to it afterwards: nobody can
// be told anything before.
func (r *batches) attempt(ctx workflow.Context, id string, process any, in BatchInput) error {
	in.Held = r.holds(ctx)
	child := workflow.ExecuteChildWorkflow(childOptions(ctx, id, in.Batch), process, in)
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	switch {
	case err == nil:
		return r.accompany(ctx, id, r.holds(ctx) != in.Held, func() error { return child.Get(ctx, nil) })
	case isLeftBehind(err) && outlivesReset(ctx):
		return r.accompany(ctx, id, true, func() error { return outlast(ctx, id) })
	}
	return child.Get(ctx, nil)
}

// accompany lets a batch's workflow know what is decided, from now on or with what has been decided by now, until it has ended.
func (r *batches) accompany(ctx workflow.Context, id string, now bool, end func() error) error {
	r.children = append(r.children, id)
	defer r.forget(id)
	if now {
		workflow.SignalExternalWorkflow(ctx, id, "", signalHold, r.holds(ctx))
	}
	return end()
}

// insist tries until it succeeds. A failure, which takes a breach or a fault that no retry mends, stops the rollout; resumed,
// it tries again. It gives up when the rollout is cancelled.
func (r *batches) insist(ctx workflow.Context, try func() error) bool {
	for ctx.Err() == nil {
		err := try()
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			r.stop(ctx, reasonOf(err))
		}
	}
	return false
}

func childOptions(ctx workflow.Context, id string, b card.BatchID) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            id,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WaitForCancellation:   true,
		Priority:              temporal.Priority{PriorityKey: batchesLater},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			SearchRollout.ValueSet(string(b.Rollout)), SearchCity.ValueSet(b.City), SearchBank.ValueSet(b.Bank)),
	})
}
