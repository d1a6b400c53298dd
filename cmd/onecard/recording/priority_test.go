package recording_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"onecard/activities"
	"onecard/worker"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// backlog is how many payment steps wait when the desk's work comes.
const backlog = 40

// deskBeforeBatches has one place for activities and many payment steps that wait for it; work of the desk's priority, which
// comes last, is picked before them.
func deskBeforeBatches(t *testing.T, c client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	world, full := workflowstest.New(false), make(chan struct{})
	var once sync.Once
	world.Script = func(call workflowstest.Call) error {
		if call.Activity == "Pay" {
			once.Do(func() { <-full })
		}
		return nil
	}
	before := make(chan int, 1)
	w := sdk.New(c, worker.TaskQueue, sdk.Options{MaxConcurrentActivityExecutionSize: 1, DisableEagerActivities: true})
	worker.RegisterWorkflows(w)
	w.RegisterActivity(world.Activities())
	w.RegisterActivityWithOptions(func(context.Context) (activities.TimetableChecked, error) {
		before <- len(world.Begun("Pay"))
		return activities.TimetableChecked{Wait: time.Hour}, nil
	}, activity.RegisterOptions{Name: "CheckTimetable"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)

	for n := range backlog {
		b := workflowstest.Batch("102", n+1)
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: workflows.PayBatchWorkflowID(b), TaskQueue: worker.TaskQueue},
			workflows.PayBatch, workflows.BatchInput{Batch: b})
		require.NoError(t, err)
		requirePending(ctx, t, c, workflows.PayBatchWorkflowID(b))
	}
	require.NoError(t, worker.StartTimetable(ctx, c))
	requirePending(ctx, t, c, workflows.TimetableWorkflowID)
	close(full)
	require.Less(t, <-before, backlog/2, "payment steps that were picked before the desk's work")
	require.NoError(t, c.TerminateWorkflow(ctx, workflows.TimetableWorkflowID, "", "the test is over"))
}

// requirePending waits until an activity of the workflow waits for a worker.
func requirePending(ctx context.Context, t *testing.T, c client.Client, id string) {
	t.Helper()
	require.Eventually(t, func() bool {
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		return err == nil && len(d.GetPendingActivities()) > 0
	}, bound, 5*time.Millisecond, id)
}
