package worker

import (
	"context"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"onecard/card"
	"onecard/workflows"
)

// StartFileWatch starts the watch over each partner's files unless it runs already. Every worker calls it; there is one watch
// over a partner all the same.
func StartFileWatch(ctx context.Context, c client.Client, partners []string) error {
	for _, partner := range partners {
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: workflows.FileWatchWorkflowID(partner), TaskQueue: TaskQueue,
			WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		}, workflows.WatchFiles, partner)
		if err != nil {
			return card.E(card.Unavailable, "start the watch over the files of "+partner, card.ReasonTemporalDown, err)
		}
	}
	return nil
}
