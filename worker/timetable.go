package worker

import (
	"context"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"onecard/card"
	"onecard/workflows"
)

// StartTimetable starts the hub's timetable unless it runs already. Every worker calls it; there is one all the same.
func StartTimetable(ctx context.Context, c client.Client) error {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.TimetableWorkflowID, TaskQueue: TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, workflows.Timetable)
	if err != nil {
		return card.E(card.Unavailable, "start the timetable", card.ReasonTemporalDown, err)
	}
	return nil
}
