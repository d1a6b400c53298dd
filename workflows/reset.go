package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// An operator can reset a rollout's workflow to an earlier point of its history, from where it goes on as a new run. Temporal then
// leaves the workflows of its batches alone. Those that had begun by then belong to the new run; those that began later are left
// behind: they go on, and a second one of the same ID cannot begin. Where the rollout stands in the new run may be long past, too:
// the ledger knows better. What the steps have done they find done by their business keys.

// processes names its activities; it is never called through.
var processes *activities.Processes

// errGone says that a workflow which had been left behind has ended, but not come to its end.
var errGone = errors.New("a workflow that was left behind has ended before its end")

// isLeftBehind says whether a batch's workflow could not begin because one of its ID is at work.
func isLeftBehind(err error) bool {
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	return errors.As(err, &started)
}

// again tries once more whenever a workflow is gone that was in the way.
func again(try func() error) func() error {
	return func() error {
		for {
			if err := try(); !errors.Is(err, errGone) {
				return err
			}
		}
	}
}

// outlast waits until a workflow has ended that was left behind. When ctx is cancelled, so is that workflow, and its end is waited for.
func outlast(ctx workflow.Context, id string) error {
	err := awaitEnd(ctx, id)
	if ctx.Err() == nil {
		return err
	}
	away, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	_ = workflow.RequestCancelExternalWorkflow(away, id, "").Get(away, nil) // it fails for one that has ended by now
	return awaitEnd(away, id)
}

func awaitEnd(ctx workflow.Context, id string) error {
	var completed bool
	err := workflow.ExecuteActivity(patient(ctx), processes.AwaitProcess, id).Get(ctx, &completed)
	if err == nil && !completed {
		err = errGone
	}
	return err
}

// wasReset says whether this run has taken over from one that was reset. It differs between the runs of one history, so that
// nothing may hang on it that leaves a trace.
func wasReset(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.OriginalRunID != "" && info.WorkflowExecution.RunID != info.OriginalRunID
}

// adopt takes over where the ledger says that the rollout stands, and says whether that is somewhere else.
func (r *decisions) adopt(ctx workflow.Context) bool {
	if !asksLedger(ctx) {
		return false
	}
	var status card.RolloutStatus
	err := workflow.ExecuteActivity(quick(ctx), rollouts.RolloutStatus, r.id).Get(ctx, &status)
	if err != nil || status == r.status {
		return false
	}
	r.status = status
	r.tellBatches(ctx)
	return true
}
