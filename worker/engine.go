package worker

import (
	"context"
	"errors"
	"fmt"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"onecard/activities"
)

// Engine tells the activities of the workflows on a Temporal server.
func Engine(c client.Client) activities.Engine { return engine{c} }

// engine is the Temporal server as the activities see it.
type engine struct{ client client.Client }

// Ended asks for the last run of a workflow. One that Temporal does not know has ended, and not come to its end.
func (e engine) Ended(ctx context.Context, workflowID string) (ended, completed bool, err error) {
	told, err := e.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return true, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("look at the workflow %s: %w", workflowID, err)
	}
	status := told.GetWorkflowExecutionInfo().GetStatus()
	return status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING, status == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, nil
}
