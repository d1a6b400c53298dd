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

// busy is a worker with one place for activities, in a world that begins to answer when full is closed.
type busy struct {
	ctx    context.Context
	client client.Client
	world  *workflowstest.World
	full   chan struct{}
	worker sdk.Worker
	batch  int // the last that was begun
}

// newBusy has the first call of an activity occupy the worker until full is closed.
func newBusy(t *testing.T, c client.Client, occupies string) *busy {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	b := &busy{ctx: ctx, client: c, world: workflowstest.New(false), full: make(chan struct{})}
	var once sync.Once
	b.world.Script = func(call workflowstest.Call) error {
		if call.Activity == occupies {
			once.Do(func() { <-b.full })
		}
		return nil
	}
	b.worker = sdk.New(c, worker.TaskQueue, sdk.Options{MaxConcurrentActivityExecutionSize: 1, DisableEagerActivities: true})
	worker.RegisterWorkflows(b.worker)
	b.worker.RegisterActivity(b.world.Activities())
	t.Cleanup(b.worker.Stop)
	return b
}

// pay begins to pay n batches, whose first steps then wait.
func (b *busy) pay(t *testing.T, n int) {
	t.Helper()
	for range n {
		b.batch++
		batch := workflowstest.Batch("102", b.batch)
		id := workflows.PayBatchWorkflowID(batch)
		_, err := b.client.ExecuteWorkflow(b.ctx, client.StartWorkflowOptions{ID: id, TaskQueue: worker.TaskQueue}, workflows.PayBatch, workflows.BatchInput{Batch: batch})
		require.NoError(t, err)
		requirePending(b.ctx, t, b.client, id)
	}
}

// ended waits until every batch has been paid, so that nothing is left to the next test.
func (b *busy) ended(t *testing.T) {
	t.Helper()
	for n := 1; n <= b.batch; n++ {
		require.NoError(t, b.client.GetWorkflow(b.ctx, workflows.PayBatchWorkflowID(workflowstest.Batch("102", n)), "").Get(b.ctx, nil))
	}
}

// deskBeforeBatches has many payment steps wait for the one place; work of the desk's priority, which comes last, is picked before them.
func deskBeforeBatches(t *testing.T, c client.Client) {
	b := newBusy(t, c, "Pay")
	before := make(chan int, 1)
	b.worker.RegisterActivityWithOptions(func(context.Context) (activities.TimetableChecked, error) {
		before <- len(b.world.Begun("Pay"))
		return activities.TimetableChecked{Wait: time.Hour}, nil
	}, activity.RegisterOptions{Name: "CheckTimetable"})
	require.NoError(t, b.worker.Start())
	b.pay(t, backlog)
	require.NoError(t, worker.StartTimetable(b.ctx, c))
	requirePending(b.ctx, t, c, workflows.TimetableWorkflowID)
	close(b.full)
	require.Less(t, <-before, backlog/2, "payment steps that were picked before the desk's work")
	require.NoError(t, c.TerminateWorkflow(b.ctx, workflows.TimetableWorkflowID, "", "the test is over"))
	b.ended(t)
}

// moneyBeforeAnswers has many banks' answers wait for the one place; money that is to leave, which comes last, leaves before they are read.
func moneyBeforeAnswers(t *testing.T, c client.Client) {
	b := newBusy(t, c, "CollectPayments")
	require.NoError(t, b.worker.Start())
	b.pay(t, backlog/2)
	require.Eventually(t, func() bool { return len(b.world.Begun("CollectPayments")) == 1 }, bound, 5*time.Millisecond)
	b.pay(t, backlog/2)
	close(b.full)
	b.ended(t)
	read := 0
	for left, i := 0, 0; left < backlog; i++ {
		switch b.world.Calls()[i].Activity {
		case "Pay":
			left++
		case "CollectPayments":
			read++
		}
	}
	require.Less(t, read, backlog/4, "answers that were read before all money had left")
}

// requirePending waits until an activity of the workflow waits for a worker.
func requirePending(ctx context.Context, t *testing.T, c client.Client, id string) {
	t.Helper()
	require.Eventually(t, func() bool {
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		return err == nil && len(d.GetPendingActivities()) > 0
	}, bound, 5*time.Millisecond, id)
}
