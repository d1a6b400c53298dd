package workflows

import (
	"cmp"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// SubsidyInput names the rollout and where the ledger says that it stands: usually a draft.
type SubsidyInput struct {
	Rollout card.RolloutID
	Status  card.RolloutStatus
}

// SubsidyWorkflowID is the ID of a subsidy rollout's workflow.
func SubsidyWorkflowID(id card.RolloutID) string { return "subsidy/" + string(id) }

// Subsidy carries out one rollout of payments:
//
// while it is a draft, civil affairs and the banks are asked about every person and account. Its maker submits it, which closes
// its content and begins the public notice, during which rows are held that somebody objects to; a timer runs until its end.
// Everybody who must approves exactly that content with a signature; when the notice is over it may be started. At each bank the
// payer's money is blocked; one that does not hold enough stops the rollout. The canary is paid alone, and when too much of it fails
// the rollout stops; else the other batches follow. After its bank's cut-off a batch waits for the next business hours. When the
// outcome of every payment is known, what is left of the blocked money is released.
//
// At any time it may be paused, resumed and cancelled: what has not been released then stays or ends, what has been released is
// waited for.
func Subsidy(ctx workflow.Context, in SubsidyInput) (card.RolloutStatus, error) {
	hub, _ := workflow.NewDisconnectedContext(ctx)
	r := &subsidy{batches: &batches{decisions: newDecisions(hub, IssuanceInput(in))}}
	r.approve, r.money = approveMoney, true
	if err := r.handleDecisions(hub); err != nil {
		return r.status, err
	}
	r.heedCancellation(ctx, hub)
	err := r.run(hub)
	if wait := workflow.Await(hub, func() bool { return workflow.AllHandlersFinished(hub) }); err == nil {
		err = wait
	}
	return r.status, err
}

// approveMoney records an approval, which may be one of several that are needed.
func approveMoney(ctx workflow.Context, id card.RolloutID, by card.Decision) (status card.RolloutStatus, err error) {
	err = workflow.ExecuteActivity(decided(ctx), payments.ApprovePayout, id, by).Get(ctx, &status)
	return status, err
}

// subsidy is a rollout of payments under way.
type subsidy struct {
	*batches
	blocks []block
}

// block is the payer's money at one bank: the first batch of the bank stands for it, and round is the order that blocked.
type block struct {
	batch card.BatchID
	round int
}

func (r *subsidy) run(ctx workflow.Context) error {
	if err := workflow.ExecuteActivity(quick(ctx), rollouts.PlanRollout, r.id).Get(ctx, &r.plan); err != nil {
		return err
	}
	r.plan.Policy.Concurrency = cmp.Or(r.plan.Policy.Payouts, r.plan.Policy.Concurrency)
	r.openLanes(ctx)
	work, cancel := workflow.WithCancel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		_ = workflow.Await(ctx, func() bool { return r.status == card.RolloutCancelled })
		cancel()
	})
	if holdsNotice(ctx) {
		workflow.Go(work, r.notice)
	}
	if r.status == card.RolloutDraft {
		r.checkAll(work)
	}
	if err := workflow.Await(ctx, func() bool { return r.status == card.RolloutRunning || r.status.Ended() }); err != nil {
		return err
	}
	r.blockAll(work)
	r.payAll(work)
	r.releaseAll(ctx)
	return r.end(ctx)
}

// checkAll checks every batch, and then lets the rollout be submitted.
func (r *subsidy) checkAll(ctx workflow.Context) {
	r.each(ctx, r.plan.Batches, func(ctx workflow.Context, b card.BatchID) bool {
		return r.inPlace(ctx, b, func() bool { return r.check(ctx, b) })
	})
	persist(ctx, func() error {
		return workflow.ExecuteActivity(quick(ctx), payments.FinishChecks, r.id).Get(ctx, nil)
	})
}

// notice waits, once the rollout is submitted, until its public notice is over, and has the ledger tell so. When it ends is the
// ledger's to say, so that a workflow that is started again takes up what is left.
func (r *subsidy) notice(ctx workflow.Context) {
	if workflow.Await(ctx, func() bool { return r.status != card.RolloutDraft }) != nil {
		return
	}
	for ctx.Err() == nil {
		var left time.Duration
		if !persist(ctx, func() error { return workflow.ExecuteActivity(quick(ctx), payments.CloseNotice, r.id).Get(ctx, &left) }) || left <= 0 {
			return
		}
		_ = workflow.NewTimerWithOptions(ctx, left, workflow.TimerOptions{Summary: "public notice 公示期"}).Get(ctx, nil)
	}
}

// check runs a batch's checks. They wait for no decision: a draft is not held, and does not stop.
func (r *subsidy) check(ctx workflow.Context, b card.BatchID) bool {
	id := CheckBatchWorkflowID(b)
	return persist(ctx, again(func() error {
		err := workflow.ExecuteChildWorkflow(childOptions(ctx, id, b), CheckBatch, BatchInput{Batch: b}).Get(ctx, nil)
		if isLeftBehind(err) && outlivesReset(ctx) {
			return outlast(ctx, id)
		}
		return err
	}))
}

// persist tries until it succeeds, and says whether it did before ctx was cancelled.
func persist(ctx workflow.Context, try func() error) bool {
	for ctx.Err() == nil {
		err := try()
		if err == nil {
			return true
		}
		workflow.GetLogger(ctx).Error("A step that nobody decides about has failed; it is tried again.", "error", err)
		_ = workflow.Sleep(ctx, time.Minute)
	}
	return false
}

// each runs work for every batch, beside each other, and waits for all.
func (r *subsidy) each(ctx workflow.Context, plan []card.PlannedBatch, work func(workflow.Context, card.BatchID) bool) {
	done := workflow.NewWaitGroup(ctx)
	for _, b := range plan {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			work(ctx, b.ID)
		})
	}
	waitForAll(ctx, done)
}

// waitForAll waits also when ctx has ended, for who ends with it takes a moment.
func waitForAll(ctx workflow.Context, done workflow.WaitGroup) {
	away, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	done.Wait(away)
}

// blockAll has the payer's money blocked at each bank. When a bank does not hold enough, the rollout stops until somebody who has
// provided for it resumes.
func (r *subsidy) blockAll(ctx workflow.Context) {
	for _, b := range r.plan.Batches {
		if ctx.Err() != nil {
			return
		}
		if slices.ContainsFunc(r.blocks, func(k block) bool { return k.batch.Bank == b.ID.Bank }) {
			continue
		}
		for round := 0; ctx.Err() == nil; round += 2 {
			var t card.Tally
			if r.insist(ctx, func() error { return order(ctx, activities.Step{Batch: b.ID, Round: round}, &t) }) && t.Done > 0 {
				r.blocks = append(r.blocks, block{b.ID, round})
				break
			}
			r.stop(ctx, card.ReasonFundsShort)
		}
	}
}

// order has the bank carry out one order on the payer's account.
func order(ctx workflow.Context, s activities.Step, t *card.Tally) error {
	if err := workflow.ExecuteActivity(heavy(ctx), payments.OrderFunds, s).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteActivity(patient(ctx), payments.CollectFunds, s).Get(ctx, t)
}

// payAll pays the canary alone, and then all other batches.
func (r *subsidy) payAll(ctx workflow.Context) {
	rest := r.plan.Batches
	if len(rest) > 0 && rest[0].Kind == card.CanaryBatch {
		if r.payInHours(ctx, rest[0].ID) {
			r.judge(ctx, rest[0].ID)
		}
		rest = rest[1:]
	}
	r.each(ctx, rest, r.payInHours)
}

// payInHours pays a batch when there is a place for it and its bank takes payment files. After the bank's cut-off it gives its place to
// batches of other banks and waits.
func (r *subsidy) payInHours(ctx workflow.Context, b card.BatchID) bool {
	for {
		var paid bool
		late := r.inPlace(ctx, b, func() bool {
			if r.isLate(ctx, b) {
				return true
			}
			paid = r.pay(ctx, b)
			return false
		})
		if !late {
			return paid
		}
		r.insist(ctx, func() error {
			return workflow.ExecuteActivity(patient(ctx), payments.AwaitPayWindow, b).Get(ctx, nil)
		})
	}
}

// isLate says whether the batch's bank takes no payment files now. Of a bank that takes them at any time it is not asked.
func (r *subsidy) isLate(ctx workflow.Context, b card.BatchID) bool {
	if !slices.ContainsFunc(r.plan.Policy.Banks, func(p activities.Places) bool { return p.Bank == b.Bank && p.Hours }) {
		return false
	}
	open := true
	r.insist(ctx, func() error {
		return workflow.ExecuteActivity(quick(ctx), payments.PayWindowOpen, b).Get(ctx, &open)
	})
	return !open && ctx.Err() == nil
}

func (r *subsidy) pay(ctx workflow.Context, b card.BatchID) bool {
	return r.child(ctx, PayBatchWorkflowID(b), PayBatch, BatchInput{Batch: b})
}

// releaseAll releases what is left of the blocked money at each bank.
func (r *subsidy) releaseAll(ctx workflow.Context) {
	for _, k := range r.blocks {
		var t card.Tally
		persist(ctx, func() error { return order(ctx, activities.Step{Batch: k.batch, Round: k.round + 1}, &t) })
	}
}
