package worker

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
	"onecard/workflows"
)

// MonthlyTime is a day of every month, from 1 to 28, and a clock in Asia/Shanghai.
type MonthlyTime struct {
	Day int
	At  card.Clock
}

// catchUp is for how long a match that was due while nothing ran is made up for; it is that of the month in which it was due.
const catchUp = 14 * 24 * time.Hour

// ScheduleMatch has a population match begin every month at a time. Every worker calls it; there is one schedule all the same, which
// follows the settings. One that somebody has paused stays paused.
func ScheduleMatch(ctx context.Context, c client.Client, at MonthlyTime) error {
	schedules := c.ScheduleClient()
	_, err := schedules.Create(ctx, client.ScheduleOptions{
		ID: workflows.MatchScheduleID, Spec: at.spec(), Action: startMatch(), Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUp,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = schedules.GetHandle(ctx, workflows.MatchScheduleID).Update(ctx, client.ScheduleUpdateOptions{DoUpdate: at.update})
	}
	if err != nil {
		return card.E(card.Unavailable, "schedule the population match", card.ReasonTemporalDown, err)
	}
	return nil
}

func (m MonthlyTime) update(was client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
	s := was.Description.Schedule
	spec := m.spec()
	s.Spec, s.Action = &spec, startMatch()
	s.Policy = &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUp}
	return &client.ScheduleUpdate{Schedule: &s}, nil
}

func (m MonthlyTime) spec() client.ScheduleSpec {
	return client.ScheduleSpec{
		TimeZoneName: "Asia/Shanghai",
		Calendars: []client.ScheduleCalendarSpec{{
			DayOfMonth: []client.ScheduleRange{{Start: m.Day}}, Hour: []client.ScheduleRange{{Start: int(m.At) / 60}}, Minute: []client.ScheduleRange{{Start: int(m.At) % 60}},
			Comment: "人口比对 population match",
		}},
	}
}

func startMatch() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{ID: workflows.MatchScheduleID, Workflow: workflows.MonthlyMatch, TaskQueue: TaskQueue}
}

// UnscheduleMatch ends the schedule of the population match, if there is one; a match that runs goes on.
func UnscheduleMatch(ctx context.Context, c client.Client) error {
	err := c.ScheduleClient().GetHandle(ctx, workflows.MatchScheduleID).Delete(ctx)
	var none *serviceerror.NotFound
	if err == nil || errors.As(err, &none) {
		return nil
	}
	return card.E(card.Unavailable, "end the schedule of the population match", card.ReasonTemporalDown, err)
}
