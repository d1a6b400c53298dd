package workflows

import (
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
)

// fileWatch names its activity; it is never called through.
var fileWatch *activities.FileWatch

// FileWatchWorkflowID is the ID of the one watch over a partner's files.
func FileWatchWorkflowID(partner string) string { return "files/" + partner }

// WatchFiles follows one partner's files for as long as the hub stands:
//
// our files, until the partner has taken or refused them; files of the partner's that no step waits for, which are refused with
// a reason; and the receipts that the partner is owed. It is one activity that is never done, so its history does not grow.
func WatchFiles(ctx workflow.Context, partner string) error {
	return workflow.ExecuteActivity(patient(ctx), fileWatch.WatchFiles, partner).Get(ctx, nil)
}
