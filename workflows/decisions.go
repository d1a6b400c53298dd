package workflows

import (
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// The decisions that people take about a rollout, each an update of its workflow that takes a card.Decision and returns the
// rollout's new status.
const (
	UpdateSubmit  = "submit"
	UpdateApprove = "approve"
	UpdateStart   = "start"
	UpdatePause   = "pause"
	UpdateResume  = "resume"
	UpdateCancel  = "cancel"
)

// byTemporal is who cancels a rollout whose workflow is cancelled.
const byTemporal = "temporal"

// decision says from where a decision leads where; reason is why it cannot be taken from anywhere else.
type decision struct {
	name   string
	from   []card.RolloutStatus
	to     card.RolloutStatus
	reason card.Reason
}

func decisionTable() []decision {
	return []decision{
		{UpdateSubmit, []card.RolloutStatus{card.RolloutDraft}, card.RolloutSubmitted, card.ReasonWrongState},
		{UpdateApprove, []card.RolloutStatus{card.RolloutSubmitted, card.RolloutStopped}, card.RolloutApproved, card.ReasonNotSubmitted},
		{UpdateStart, []card.RolloutStatus{card.RolloutApproved}, card.RolloutRunning, card.ReasonNotApproved},
		{UpdatePause, []card.RolloutStatus{card.RolloutRunning}, card.RolloutPaused, card.ReasonWrongState},
		{UpdateResume, []card.RolloutStatus{card.RolloutPaused, card.RolloutStopped}, card.RolloutRunning, card.ReasonWrongState},
		{UpdateCancel, []card.RolloutStatus{card.RolloutDraft, card.RolloutSubmitted, card.RolloutApproved, card.RolloutRunning,
			card.RolloutPaused, card.RolloutStopped}, card.RolloutCancelled, card.ReasonWrongState},
	}
}

// decisions is where a rollout stands and who is told when that changes.
type decisions struct {
	id       card.RolloutID
	status   card.RolloutStatus
	children []string // workflow IDs of the batches under way
	one      workflow.Mutex
	money    bool                                                                              // it pays, and does not make cards
	approve  func(workflow.Context, card.RolloutID, card.Decision) (card.RolloutStatus, error) // records an approval
}

func newDecisions(ctx workflow.Context, in IssuanceInput) *decisions {
	return &decisions{id: in.Rollout, status: in.Status, one: workflow.NewMutex(ctx), approve: approveCards}
}

// handleDecisions takes decisions from now on.
func (r *decisions) handleDecisions(ctx workflow.Context) error {
	for _, d := range decisionTable() {
		err := workflow.SetUpdateHandlerWithOptions(ctx, d.name,
			func(ctx workflow.Context, by card.Decision) (card.RolloutStatus, error) { return r.decide(ctx, d, by) },
			workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, by card.Decision) error { return r.admit(ctx, d, by) }})
		if err != nil {
			return err
		}
	}
	return nil
}

// admit refuses what cannot be decided, before it leaves a trace. After a reset that cannot be said before the ledger was asked.
func (r *decisions) admit(ctx workflow.Context, d decision, by card.Decision) error {
	if by.By != "" && wasReset(ctx) {
		return nil
	}
	return r.mayDecide(d, by)
}

// mayDecide refuses a decision that does not fit where the rollout stands. Taking the same decision twice is harmless.
func (r *decisions) mayDecide(d decision, by card.Decision) error {
	switch {
	case by.By == "":
		return temporal.NewNonRetryableApplicationError("a decision needs a name", string(card.ReasonUserUnknown), nil)
	case r.status != d.to && !slices.Contains(d.from, r.status):
		return temporal.NewNonRetryableApplicationError(d.name+": the rollout is "+string(r.status), string(d.reason), nil)
	}
	return nil
}

// decide takes a decision. One that cannot be taken where the rollout stands, and can be where the ledger says that it stands, is.
func (r *decisions) decide(ctx workflow.Context, d decision, by card.Decision) (card.RolloutStatus, error) {
	if err := r.one.Lock(ctx); err != nil {
		return r.status, err
	}
	defer r.one.Unlock()
	status, err := r.take(ctx, d, by)
	if err != nil && r.adopt(ctx) {
		return r.take(ctx, d, by)
	}
	return status, err
}

// take records the decision in the ledger first, and then lets the batches know.
func (r *decisions) take(ctx workflow.Context, d decision, by card.Decision) (card.RolloutStatus, error) {
	if err := r.mayDecide(d, by); err != nil || r.status == d.to && !r.mayApproveAgain(ctx, d) {
		return r.status, err
	}
	status, err := r.record(ctx, d, by)
	if err != nil {
		return r.status, err
	}
	r.status = status
	r.tellBatches(ctx)
	return r.status, nil
}

// mayApproveAgain says whether an approval of what is approved already is heard: money is approved again when a key was revoked.
func (r *decisions) mayApproveAgain(ctx workflow.Context, d decision) bool {
	return d.name == UpdateApprove && r.money && hearsApprovalAgain(ctx)
}

// record records the decision and returns where the rollout then stands.
func (r *decisions) record(ctx workflow.Context, d decision, by card.Decision) (card.RolloutStatus, error) {
	switch d.name {
	case UpdateSubmit:
		return d.to, workflow.ExecuteActivity(decided(ctx), rollouts.SubmitRollout, r.id, by).Get(ctx, nil)
	case UpdateApprove:
		return r.approve(ctx, r.id, by)
	default:
		s := activities.Standing{Status: d.to, By: by.By, Note: card.Reason(by.Note)}
		return d.to, workflow.ExecuteActivity(decided(ctx), rollouts.SetRolloutStatus, r.id, s).Get(ctx, nil)
	}
}

func approveCards(ctx workflow.Context, id card.RolloutID, by card.Decision) (card.RolloutStatus, error) {
	return card.RolloutApproved, workflow.ExecuteActivity(decided(ctx), rollouts.ApproveRollout, id, by).Get(ctx, nil)
}

// heedCancellation takes a cancellation of ctx, the workflow's own, for the decision to cancel the rollout.
func (r *decisions) heedCancellation(ctx, hub workflow.Context) {
	workflow.Go(hub, func(hub workflow.Context) {
		ctx.Done().Receive(hub, nil)
		for _, d := range decisionTable() {
			if d.name == UpdateCancel {
				_, _ = r.decide(hub, d, card.Decision{By: byTemporal}) // refused when the rollout has ended
			}
		}
	})
}

// stop stops the rollout for a reason and waits until a person resumes or cancels it. It stops also when the ledger cannot
// be told.
func (r *decisions) stop(ctx workflow.Context, reason card.Reason) {
	if err := r.one.Lock(ctx); err != nil {
		return
	}
	if !r.status.Ended() {
		s := activities.Standing{Status: card.RolloutStopped, Note: reason}
		if err := workflow.ExecuteActivity(quick(ctx), rollouts.SetRolloutStatus, r.id, s).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("The rollout has stopped, and the ledger could not be told.", "reason", string(reason), "error", err)
		}
		r.status = card.RolloutStopped
		r.tellBatches(ctx)
	}
	r.one.Unlock()
	_ = workflow.Await(ctx, func() bool { return r.status == card.RolloutRunning })
}

// end records that the rollout is done, once it is not held and unless it is cancelled.
func (r *decisions) end(ctx workflow.Context) error {
	for {
		if err := workflow.Await(ctx, func() bool { return r.status == card.RolloutRunning || r.status.Ended() }); err != nil || r.status.Ended() {
			return err
		}
		if err := r.endUnlessHeld(ctx); err != nil {
			return err
		}
	}
}

func (r *decisions) endUnlessHeld(ctx workflow.Context) error {
	if err := r.one.Lock(ctx); err != nil {
		return err
	}
	defer r.one.Unlock()
	if r.status != card.RolloutRunning {
		return nil
	}
	s := activities.Standing{Status: card.RolloutDone}
	if err := workflow.ExecuteActivity(quick(ctx), rollouts.SetRolloutStatus, r.id, s).Get(ctx, nil); err != nil {
		return err
	}
	r.status = card.RolloutDone
	return nil
}

// holds says whether batches must not begin anything. A rollout that the ledger knows as done holds nothing: what a reset has its
// batches do again they find done.
func (r *decisions) holds(ctx workflow.Context) bool {
	return r.status != card.RolloutRunning && (r.status != card.RolloutDone || !doneHoldsNothing(ctx))
}

// tellBatches lets the batches under way go on or holds them, all at once. One that has just ended needs no telling.
func (r *decisions) tellBatches(ctx workflow.Context) {
	held := r.holds(ctx)
	var told []workflow.Future
	for _, id := range r.children {
		told = append(told, workflow.SignalExternalWorkflow(ctx, id, "", signalHold, held))
	}
	for _, t := range told {
		_ = t.Get(ctx, nil)
	}
}

func (r *decisions) forget(id string) {
	r.children = slices.DeleteFunc(r.children, func(c string) bool { return c == id })
}
