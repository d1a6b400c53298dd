package recording_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdk "go.temporal.io/sdk/worker"

	"onecard/activities"
	"onecard/card"
	"onecard/worker"
	"onecard/workflows"
)

// recordTimetable has the timetable checked: twice in quick order, once after a try that could not reach the ledger, and once
// in vain, after which it rests until somebody cancels it. A second worker that starts it finds it running.
func recordTimetable(t *testing.T, c client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	asked, attempt := make(chan int), 0
	check := func(ctx context.Context) (activities.TimetableChecked, error) {
		attempt++
		select {
		case asked <- attempt:
		case <-ctx.Done():
		}
		switch attempt {
		case 2:
			return activities.TimetableChecked{}, temporal.NewApplicationError("unreachable", string(card.ReasonLedgerUnreachable))
		case 4:
			return activities.TimetableChecked{}, temporal.NewNonRetryableApplicationError("a fault", string(card.ReasonLedgerFault), nil)
		}
		return activities.TimetableChecked{Raised: attempt, Wait: 10 * time.Millisecond}, nil
	}
	w := sdk.New(c, worker.TaskQueue, sdk.Options{})
	worker.RegisterWorkflows(w)
	w.RegisterActivityWithOptions(check, activity.RegisterOptions{Name: "CheckTimetable"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	require.NoError(t, worker.StartTimetable(ctx, c))
	require.NoError(t, worker.StartTimetable(ctx, c))
	for n := 1; n <= 4; n++ {
		require.Equal(t, n, <-asked)
	}
	s := &session{T: t, ctx: ctx, client: c, run: c.GetWorkflow(ctx, workflows.TimetableWorkflowID, "")}
	require.Eventually(t, func() bool {
		d, err := c.DescribeWorkflowExecution(ctx, workflows.TimetableWorkflowID, "")
		return err == nil && len(d.GetPendingActivities()) == 0
	}, bound, 10*time.Millisecond, "it rests")
	require.NoError(t, c.CancelWorkflow(ctx, workflows.TimetableWorkflowID, ""))
	require.True(t, temporal.IsCanceledError(s.run.Get(ctx, nil)))
	s.record("checks.Timetable", s.history(workflows.TimetableWorkflowID, s.run.GetRunID()))
}
