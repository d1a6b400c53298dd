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
		{UpdateApprove, []card.RolloutStatus{card.RolloutSubmitted}, card.RolloutApproved, card.ReasonNotSubmitted},
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
}

func newDecisions(ctx workflow.Context, in IssuanceInput) *decisions {
	return &decisions{id: in.Rollout, status: in.Status, one: workflow.NewMutex(ctx)}
}

// handleDecisions takes decisions from now on.
func (r *decisions) handleDecisions(ctx workflow.Context) error {
	for _, d := range decisionTable() {
		err := workflow.SetUpdateHandlerWithOptions(ctx, d.name,
			func(ctx workflow.Context, by card.Decision) (card.RolloutStatus, error) { return r.decide(ctx, d, by) },
			workflow.UpdateHandlerOptions{Validator: func(by card.Decision) error { return r.mayDecide(d, by) }})
		if err != nil {
			return err
		}
	}
	return nil
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

// decide records the decision in the ledger first, and then lets the batches know.
func (r *decisions) decide(ctx workflow.Context, d decision, by card.Decision) (card.RolloutStatus, error) {
	if err := r.one.Lock(ctx); err != nil {
		return r.status, err
	}
	defer r.one.Unlock()
	if err := r.mayDecide(d, by); err != nil || r.status == d.to {
		return r.status, err
	}
	if err := r.record(ctx, d, by); err != nil {
		return r.status, err
	}
	r.status = d.to
	r.tellBatches(ctx)
	return r.status, nil
}

func (r *decisions) record(ctx workflow.Context, d decision, by card.Decision) error {
	switch d.name {
	case UpdateSubmit:
		return workflow.ExecuteActivity(heavy(ctx), rollouts.SubmitRollout, r.id, by).Get(ctx, nil)
	case UpdateApprove:
		return workflow.ExecuteActivity(heavy(ctx), rollouts.ApproveRollout, r.id, by).Get(ctx, nil)
	default:
		s := activities.Standing{Status: d.to, By: by.By, Note: card.Reason(by.Note)}
		return workflow.ExecuteActivity(quick(ctx), rollouts.SetRolloutStatus, r.id, s).Get(ctx, nil)
	}
}

// stand records where the rollout stands by its own doing.
func (r *decisions) stand(ctx workflow.Context, s activities.Standing) error {
	if err := workflow.ExecuteActivity(quick(ctx), rollouts.SetRolloutStatus, r.id, s).Get(ctx, nil); err != nil {
		return err
	}
	r.status = s.Status
	r.tellBatches(ctx)
	return nil
}

// stop stops the rollout for a reason and waits until a person resumes or cancels it.
func (r *decisions) stop(ctx workflow.Context, reason card.Reason) {
	if err := r.one.Lock(ctx); err != nil {
		return
	}
	err := r.stand(ctx, activities.Standing{Status: card.RolloutStopped, Note: reason})
	r.one.Unlock()
	if err == nil {
		_ = workflow.Await(ctx, func() bool { return r.status == card.RolloutRunning })
	}
}

// tellBatches lets the batches under way go on or holds them. One that has just ended needs no telling.
func (r *decisions) tellBatches(ctx workflow.Context) {
	for _, id := range slices.Clone(r.children) {
		_ = workflow.SignalExternalWorkflow(ctx, id, "", signalHold, r.status != card.RolloutRunning).Get(ctx, nil)
	}
}

func (r *decisions) forget(id string) {
	r.children = slices.DeleteFunc(r.children, func(c string) bool { return c == id })
}
