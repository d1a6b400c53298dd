package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// IssuanceInput names the rollout and where the ledger says that it stands: usually a draft.
type IssuanceInput struct {
	Rollout card.RolloutID
	Status  card.RolloutStatus
}

// IssuanceWorkflowID is the ID of a rollout's workflow.
func IssuanceWorkflowID(id card.RolloutID) string { return "issuance/" + string(id) }

// Issuance carries out one rollout of new cards:
//
// its maker submits it, which closes its content; somebody else approves exactly that content; it is started. The canary,
// the first rows of one bank, is produced alone. When too many of its rows fail, the rollout stops and waits for a person to
// resume or cancel it; else the other batches follow, as many at once as the partners bear. Cards that the bureau
// failed to make are made again in batches of their own. Each batch's cards are then handed over, which takes weeks and
// keeps nobody waiting. A batch that breaks an invariant stops the rollout.
//
// At any time it may be paused, resumed and cancelled; a cancellation through Temporal counts as one by a person. A cancelled
// rollout leaves every row explained.
func Issuance(ctx workflow.Context, in IssuanceInput) (card.RolloutStatus, error) {
	hub, _ := workflow.NewDisconnectedContext(ctx)
	r := &issuance{&batches{decisions: newDecisions(hub, in)}}
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

// issuance is a rollout of cards under way.
type issuance struct{ *batches }

func (r *issuance) run(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return r.status == card.RolloutRunning || r.status.Ended() }); err != nil {
		return err
	}
	if err := workflow.ExecuteActivity(quick(ctx), rollouts.PlanRollout, r.id).Get(ctx, &r.plan); err != nil {
		return err
	}
	r.openLanes(ctx)
	work, cancel := workflow.WithCancel(ctx)
	if r.status == card.RolloutCancelled {
		cancel()
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		_ = workflow.Await(ctx, func() bool { return r.status == card.RolloutCancelled })
		cancel()
	})
	r.issueAll(work)
	return r.end(ctx)
}

// issueAll issues the canary alone, and then all other batches.
func (r *issuance) issueAll(ctx workflow.Context) {
	done := workflow.NewWaitGroup(ctx)
	rest := r.plan.Batches
	if len(rest) > 0 && rest[0].Kind == card.CanaryBatch {
		canary := rest[0].ID
		if r.produce(ctx, canary, false) {
			r.judge(ctx, canary)
			r.follow(ctx, done, canary)
		}
		rest = rest[1:]
	}
	for _, b := range rest {
		r.issue(ctx, done, b.ID, false)
	}
	done.Wait(ctx)
}

// issue produces a batch and what comes after it, beside the others.
func (r *issuance) issue(ctx workflow.Context, done workflow.WaitGroup, b card.BatchID, remake bool) {
	done.Add(1)
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer done.Done()
		if r.produce(ctx, b, remake) {
			r.follow(ctx, done, b)
		}
	})
}

// follow sees to what comes after a batch's production: a remake of the cards that failed, and the hand-over.
func (r *issuance) follow(ctx workflow.Context, done workflow.WaitGroup, b card.BatchID) {
	if remake := r.planRemake(ctx, b); remake.Planned {
		r.issue(ctx, done, remake.Batch, true)
	}
	done.Add(1)
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer done.Done()
		r.child(ctx, HandOverWorkflowID(b), HandOverBatch, BatchInput{Batch: b})
	})
}

// planRemake is not broken off by a cancellation: a remake that the ledger has planned must be known here, to be withdrawn.
func (r *issuance) planRemake(ctx workflow.Context, b card.BatchID) (remake activities.Remake) {
	r.insist(ctx, func() error {
		away, cancel := workflow.NewDisconnectedContext(ctx)
		defer cancel()
		return workflow.ExecuteActivity(quick(away), rollouts.PlanRemake, b).Get(away, &remake)
	})
	return remake
}

// produce runs a batch's production when its bank and the rollout have a place for it, and says whether it came to its end.
func (r *issuance) produce(ctx workflow.Context, b card.BatchID, remake bool) bool {
	return r.inPlace(ctx, b, func() bool {
		return r.child(ctx, BatchWorkflowID(b), IssueBatch, BatchInput{Batch: b, Remake: remake})
	})
}

// The search attributes under which operators find workflows: business keys only.
var (
	SearchRollout = temporal.NewSearchAttributeKeyKeyword("OnecardRollout")
	SearchCity    = temporal.NewSearchAttributeKeyKeyword("OnecardCity")
	SearchBank    = temporal.NewSearchAttributeKeyKeyword("OnecardBank")
)

// reasonOf returns the reason code with which an activity ended a workflow.
func reasonOf(err error) card.Reason {
	var failed *temporal.ApplicationError
	switch {
	case errors.As(err, &failed) && failed.Type() != "":
		return card.Reason(failed.Type())
	case temporal.IsCanceledError(err):
		return card.ReasonCancelled
	}
	return card.ReasonInvariantBreach
}
