package workflows

import "go.temporal.io/sdk/workflow"

// holdsNotice says whether the workflow of a subsidy waits for the end of the public notice itself. Those that began before it did
// leave that to the ledger, which lets nobody start earlier in either case.
func holdsNotice(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "public-notice", workflow.DefaultVersion, 1) >= 1
}

// outlivesReset says whether a rollout waits for the workflow of a batch that a reset has left behind. Those that began before it did
// stop instead.
func outlivesReset(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "outlive-reset", workflow.DefaultVersion, 1) >= 1
}

// asksLedger says whether a rollout asks the ledger where it stands when a decision does not fit. Those that began before it did refuse
// the decision.
func asksLedger(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "ask-ledger", workflow.DefaultVersion, 1) >= 1
}

// hearsApprovalAgain says whether an approval of money that is approved already is handed to the ledger, which knows whether a key
// was revoked since. Workflows of before answered by themselves that it is approved.
func hearsApprovalAgain(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "approve-again", workflow.DefaultVersion, 1) >= 1
}

// doneHoldsNothing says whether the batches of a rollout go on that was reset and that the ledger knows as done. Those that began
// before waited for somebody to resume it, which nobody could.
func doneHoldsNothing(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "done-holds-nothing", workflow.DefaultVersion, 1) >= 1
}

// hasCanaries says whether the batches of a subsidy wait for the canary of their own bank. Those that began before all waited for the
// first, also while its bank was closed.
func hasCanaries(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "canary-of-each-bank", workflow.DefaultVersion, 1) >= 1
}

// tellsLeft says whether a batch of payments tells its rollout that its file has left. Those that began before told nobody, and kept
// their place until they were answered.
func tellsLeft(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "tell-left", workflow.DefaultVersion, 1) >= 1
}

// asksBanksTogether says whether the payer's money is blocked, and what is left of it released, at all banks beside each other. Subsidies
// that began before asked one bank after the other.
func asksBanksTogether(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "banks-together", workflow.DefaultVersion, 1) >= 1
}
