package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"onecard/card"
)

// A canary is a few payments of a bank that prove the way of the money before much of it follows. Each bank has its own, but for a bank
// that is paid no more than a canary anyway. So no bank waits for the business hours of another, and no money follows a canary that
// nobody has judged.

// payAll pays each bank's canary, and behind it the bank's other batches.
func (r *subsidy) payAll(ctx workflow.Context) {
	if !hasCanaries(ctx) {
		r.payAfterCanary(ctx)
		return
	}
	beside(ctx, r.plan.Batches, func(ctx workflow.Context, b card.PlannedBatch) {
		if b.Kind == card.CanaryBatch {
			r.payCanary(ctx, b.ID)
			return
		}
		before := card.CanariesBefore(r.plan.Batches, b.ID.Bank)
		_ = workflow.Await(ctx, func() bool { return r.haveBeenJudged(before) })
		r.payInHours(ctx, b.ID)
	})
}

// payAfterCanary pays the one canary alone, and then all other batches.
func (r *subsidy) payAfterCanary(ctx workflow.Context) {
	rest := r.plan.Batches
	if len(rest) > 0 && rest[0].Kind == card.CanaryBatch {
		if r.payInHours(ctx, rest[0].ID) {
			r.judge(ctx, rest[0].ID)
		}
		rest = rest[1:]
	}
	beside(ctx, rest, func(ctx workflow.Context, b card.PlannedBatch) { r.payInHours(ctx, b.ID) })
}

// payCanary pays a canary and has it judged. When it fails, the rollout stops until somebody overrules the verdict.
func (r *subsidy) payCanary(ctx workflow.Context, b card.BatchID) {
	if r.payInHours(ctx, b) {
		r.judge(ctx, b)
		r.judged = append(r.judged, b)
	}
}

func (r *subsidy) haveBeenJudged(canaries []card.BatchID) bool {
	return !slices.ContainsFunc(canaries, func(b card.BatchID) bool { return !slices.Contains(r.judged, b) })
}
