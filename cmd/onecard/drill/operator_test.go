package drill_test

import (
	"context"
	"fmt"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// operator is somebody with Temporal's Web UI, or its command line.
type operator struct {
	engine    client.Client
	namespace string
}

// operator works at the Temporal at this address.
func (b *hub) operator(address, namespace string) operator {
	b.Helper()
	engine, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: namespace})
	require.NoError(b, err)
	b.Cleanup(engine.Close)
	return operator{engine, namespace}
}

// points are the events of a run to which it can be reset: the ends of its workflow tasks.
func (o operator) points(ctx context.Context, id, run string) (points []int64, err error) {
	events := o.engine.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return nil, err
		}
		if e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			points = append(points, e.GetEventId())
		}
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("%s has done nothing yet", id)
	}
	return points, nil
}

// reset resets a run to an event, from where a new run goes on.
func (o operator) reset(ctx context.Context, id, run string, point int64) error {
	_, err := o.engine.WorkflowService().ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: o.namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run},
		Reason: byChaos, WorkflowTaskFinishEventId: point, RequestId: fmt.Sprint(run, point),
	})
	return err
}

// isAtWork says whether a workflow of the ID is at work, and which run.
func (o operator) isAtWork(ctx context.Context, id string) (run string, works bool) {
	told, err := o.engine.DescribeWorkflowExecution(ctx, id, "")
	info := told.GetWorkflowExecutionInfo()
	return info.GetExecution().GetRunId(), err == nil && info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}
