package recording_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"onecard/card"
	"onecard/worker"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// recordMatch has the schedule begin a population match, and then once more, which finds that the month has its match. A second worker
// that schedules it changes nothing but what the settings say.
func recordMatch(t *testing.T, c client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	s := &session{T: t, ctx: ctx, client: c, world: workflowstest.New(false)}
	s.world.Pages = map[string]int{"440600": 2, "440700": 0}
	w := sdk.New(c, worker.TaskQueue, sdk.Options{})
	worker.RegisterWorkflows(w)
	w.RegisterActivity(s.world.Activities())
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	at, err := card.ParseClock("02:30")
	require.NoError(t, err)
	for _, day := range []int{9, 12} {
		require.NoError(t, worker.ScheduleMatch(ctx, c, worker.MonthlyTime{Day: day, At: at}))
	}
	schedule := c.ScheduleClient().GetHandle(ctx, workflows.MatchScheduleID)
	d, err := schedule.Describe(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, d.Info.NextActionTimes)
	require.Equal(t, "12 02:30", d.Info.NextActionTimes[0].In(card.Shanghai).Format("02 15:04"))
	for n, name := range []string{"scheduled", "scheduled-again"} {
		require.NoError(t, schedule.Trigger(ctx, client.ScheduleTriggerOptions{}))
		id := s.scheduled(schedule, n)
		s.run = c.GetWorkflow(ctx, id, "")
		require.NoError(t, s.run.Get(ctx, nil))
		s.recordAll(name)
	}
	s.run = c.GetWorkflow(ctx, workflows.PopulationMatchWorkflowID(card.MonthOf(time.Now())), "")
	s.recordAll("match")
	require.Len(t, s.world.Begun("PlanMatch"), 1)
	for range 2 {
		require.NoError(t, worker.UnscheduleMatch(ctx, c))
	}
}

// scheduled waits for the n-th workflow, counted from 0, that a schedule starts.
func (s *session) scheduled(schedule client.ScheduleHandle, n int) (id string) {
	s.Helper()
	require.Eventually(s, func() bool {
		d, err := schedule.Describe(s.ctx)
		if err != nil || len(d.Info.RecentActions) <= n {
			return false
		}
		id = d.Info.RecentActions[n].StartWorkflowResult.WorkflowID
		return true
	}, bound, 20*time.Millisecond)
	return id
}
