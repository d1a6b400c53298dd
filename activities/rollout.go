package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"onecard/card"
)

// DecisionLedger records what people decide about rollouts.
type DecisionLedger interface {
	// Submit closes the content and returns its hash; again returns the same.
	Submit(ctx context.Context, id card.RolloutID, by string) ([]byte, error)
	// Approve records an approval of exactly the submitted content by somebody other than its maker and submitter.
	Approve(ctx context.Context, id card.RolloutID, by string) error
	// SetStatus records where the rollout stands, who said so and why.
	SetStatus(ctx context.Context, id card.RolloutID, status card.RolloutStatus, by string, note card.Reason) error
	// Status returns where the rollout stands.
	Status(ctx context.Context, id card.RolloutID) (card.RolloutStatus, error)
}

// PlanLedger keeps the batches of rollouts.
type PlanLedger interface {
	// Batches returns the planned batches in order, canaries first, without remakes.
	Batches(ctx context.Context, id card.RolloutID) ([]card.PlannedBatch, error)
	// JudgeCanary compares the canary's failures with the rollout's threshold.
	JudgeCanary(ctx context.Context, b card.BatchID) (passed bool, err error)
	// PlanRemake moves the cards that failed to be made into a batch of their own, once, at most tries deep.
	PlanRemake(ctx context.Context, b card.BatchID, tries int) (card.BatchID, bool, error)
	// Withdraw ends a cancelled batch and leaves every row explained.
	Withdraw(ctx context.Context, b card.BatchID) error
	// FinishBatch marks a batch as done or cancelled.
	FinishBatch(ctx context.Context, b card.BatchID, status card.BatchStatus) error
}

// AllocationLedger gives out card numbers.
type AllocationLedger interface {
	// AllocateNumbers claims each person's one card and numbers it; again gives the same tally.
	AllocateNumbers(ctx context.Context, b card.BatchID) (card.Tally, error)
}

// Policy is how rollouts are run here.
type Policy struct {
	Concurrency int      // batches in production at once
	Payouts     int      // batches of a subsidy whose files are being made at once; as many as Concurrency when 0
	Banks       []Places // of these at each bank
	Remakes     int      // how often failed cards are made again
}

// Places is how many batches one bank has in production at once.
type Places struct {
	Bank    string // CNAPS prefix
	Batches int
	Hours   bool // it takes payment files at certain times only
}

// Plan is a rollout's batches and how they are run.
type Plan struct {
	Batches []card.PlannedBatch
	Policy  Policy
}

// Rollouts decides, plans and ends.
type Rollouts struct {
	Decisions DecisionLedger
	Plans     PlanLedger
	Numbers   AllocationLedger
	Outlets   *Outlets // nil: there are none, cards only leave by post
	Policy    Policy
}

// SubmitRollout closes the rollout's content.
func (r *Rollouts) SubmitRollout(ctx context.Context, id card.RolloutID, d card.Decision) error {
	_, err := r.Decisions.Submit(ctx, id, d.By)
	return fault(err)
}

// ApproveRollout approves the submitted content.
func (r *Rollouts) ApproveRollout(ctx context.Context, id card.RolloutID, d card.Decision) error {
	return fault(r.Decisions.Approve(ctx, id, d.By))
}

// Standing is where a rollout stands, and why.
type Standing struct {
	Status card.RolloutStatus
	By     string
	Note   card.Reason
}

// SetRolloutStatus records where the rollout stands.
func (r *Rollouts) SetRolloutStatus(ctx context.Context, id card.RolloutID, s Standing) error {
	return fault(r.Decisions.SetStatus(ctx, id, s.Status, s.By, s.Note))
}

// RolloutStatus returns where the ledger says that the rollout stands.
func (r *Rollouts) RolloutStatus(ctx context.Context, id card.RolloutID) (card.RolloutStatus, error) {
	status, err := r.Decisions.Status(ctx, id)
	return status, fault(err)
}

// PlanRollout returns the batches and how they are run.
func (r *Rollouts) PlanRollout(ctx context.Context, id card.RolloutID) (Plan, error) {
	batches, err := r.Plans.Batches(ctx, id)
	return Plan{Batches: batches, Policy: r.Policy}, fault(err)
}

// JudgeCanary says whether the rest may follow the canary.
func (r *Rollouts) JudgeCanary(ctx context.Context, b card.BatchID) (bool, error) {
	passed, err := r.Plans.JudgeCanary(ctx, b)
	return passed, fault(err)
}

// Remake is a batch of cards to be made again, if there are any.
type Remake struct {
	Planned bool
	Batch   card.BatchID
}

// PlanRemake gives the cards of the batch that failed to be made a batch of their own.
func (r *Rollouts) PlanRemake(ctx context.Context, b card.BatchID) (Remake, error) {
	remake, planned, err := r.Plans.PlanRemake(ctx, b, r.Policy.Remakes)
	return Remake{Planned: planned, Batch: remake}, fault(err)
}

// AllocateNumbers gives the batch's matched people their card numbers.
func (r *Rollouts) AllocateNumbers(ctx context.Context, s Step) (card.Tally, error) {
	t, err := r.Numbers.AllocateNumbers(ctx, s.Batch)
	return t, fault(err)
}

// FinishBatch marks the batch as done.
func (r *Rollouts) FinishBatch(ctx context.Context, b card.BatchID) error {
	return fault(r.Plans.FinishBatch(ctx, b, card.BatchDone))
}

// WithdrawBatch ends a cancelled batch. What the outlets have reported by now is taken in before, so that no card in the hands
// of its holder is spoiled; outlets that cannot be reached do not hold the cancel up.
func (r *Rollouts) WithdrawBatch(ctx context.Context, b card.BatchID) error {
	if r.Outlets != nil {
		if err := r.Outlets.applyReports(ctx, 0); err != nil {
			activity.GetLogger(ctx).Warn("A batch is withdrawn without the last reports of the outlets.", "batch", b.String(), "error", err)
		}
	}
	if err := r.Plans.Withdraw(ctx, b); err != nil {
		return fault(err)
	}
	return fault(r.Plans.FinishBatch(ctx, b, card.BatchCancelled))
}
