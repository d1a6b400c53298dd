package workflows

import "go.temporal.io/sdk/workflow"

// holdsNotice says whether the workflow of a subsidy waits for the end of the public notice itself. Those that began before it did
// leave that to the ledger, which lets nobody start earlier in either case.
func holdsNotice(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "public-notice", workflow.DefaultVersion, 1) >= 1
}
