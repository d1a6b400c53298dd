package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"onecard/activities"
)

// timetable names its activities; it is never called through.
var timetable *activities.Timetable

// TimetableWorkflowID is the ID of the one timetable that a hub has.
const TimetableWorkflowID = "timetable"

// afterFault is how long the timetable rests when a check failed for a reason that no retry mends.
const afterFault = time.Minute

// Timetable notices what partners do not do, for as long as the hub stands:
//
// at least once a minute, and the moment a deadline passes, it is checked which promised files have not come, which answers
// are overdue, and who has been silent for longer than agreed. Each is raised once, and resolved when it comes after all. A
// check that fails is no reason to stop looking. Before its history grows too long for Temporal, it continues as new.
func Timetable(ctx workflow.Context) error {
	for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		if err := workflow.Sleep(ctx, checkTimetable(ctx)); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, Timetable)
}

// checkTimetable returns how long nothing has to be checked.
func checkTimetable(ctx workflow.Context) time.Duration {
	var c activities.TimetableChecked
	if err := workflow.ExecuteActivity(prompt(ctx), timetable.CheckTimetable).Get(ctx, &c); err != nil {
		workflow.GetLogger(ctx).Error("The timetable could not be checked.", "error", err)
		return afterFault
	}
	return c.Wait
}
