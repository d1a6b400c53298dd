package workflows

import (
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// population names its activities; it is never called through.
var population *activities.Population

const (
	citiesAtOnce = 4
	pagesAtOnce  = 4 // of a city, that wait for their answers
)

// MatchInput names the month of a population match, and who has it made.
type MatchInput struct {
	Month card.Month
	By    string
}

// CityMatch is a city's part of a match, from a page on.
type CityMatch struct {
	Month card.Month
	City  string
	Page  int
}

// PopulationMatchWorkflowID is the ID of the population match of a month: there is one.
func PopulationMatchWorkflowID(month card.Month) string { return "match/" + string(month) }

// CityMatchWorkflowID is the ID of a city's part of the match of a month.
func CityMatchWorkflowID(month card.Month, city string) string {
	return PopulationMatchWorkflowID(month) + "/" + city
}

// MatchScheduleID is the ID of the schedule that begins a match every month.
const MatchScheduleID = "population-match"

// scheduledFor is when a workflow that a schedule starts should have been started, which after a standstill is long ago.
var scheduledFor = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// MonthlyMatch is what the schedule starts: the population match of the month for which it was due, unless somebody has begun it by
// hand. It lasts as long as the match, so that the schedule does not begin the next one beside it.
func MonthlyMatch(ctx workflow.Context) error {
	due, scheduled := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledFor)
	if !scheduled {
		due = workflow.GetInfo(ctx).WorkflowStartTime
	}
	month := card.MonthOf(due)
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            PopulationMatchWorkflowID(month),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
	})
	err := workflow.ExecuteChildWorkflow(ctx, PopulationMatch, MatchInput{Month: month, By: "schedule"}).Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

// PopulationMatch compares the whole population with civil affairs, once a month:
//
// everybody who holds a live card, and everybody who was paid lately, is asked about, city by city, in files of at most 20,000
// people. Whom civil affairs knows as dead or by another name, and who was paid and is not known at all, is put up for review by a
// person, and until that is decided nothing is paid to them. Who is left out of an answer, or whose answer does not come by its
// deadline, is unknown: nothing follows from that, and they are asked about again next month.
func PopulationMatch(ctx workflow.Context, in MatchInput) error {
	var cities []string
	if err := workflow.ExecuteActivity(inBackground(heavy(ctx)), population.PlanMatch, in.Month, in.By).Get(ctx, &cities); err != nil {
		return err
	}
	places, done := workflow.NewSemaphore(ctx, citiesAtOnce), workflow.NewWaitGroup(ctx)
	for _, city := range cities {
		if err := places.Acquire(ctx, 1); err != nil {
			return err
		}
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			defer places.Release(1)
			c := CityMatch{Month: in.Month, City: city, Page: 1}
			persist(ctx, func() error {
				child := workflow.ChildWorkflowOptions{WorkflowID: CityMatchWorkflowID(c.Month, c.City), WaitForCancellation: true}
				return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, child), MatchCity, c).Get(ctx, nil)
			})
		})
	}
	waitForAll(ctx, done)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return workflow.ExecuteActivity(quick(ctx), population.FinishMatch, in.Month).Get(ctx, nil)
}

// MatchCity walks a city page by page: each page is a file to civil affairs and its answer. Some wait for their answers at once.
// Before its history grows too long for Temporal, it waits for those and continues as new with the next page.
func MatchCity(ctx workflow.Context, in CityMatch) error {
	places, done := workflow.NewSemaphore(ctx, pagesAtOnce), workflow.NewWaitGroup(ctx)
	for {
		if err := places.Acquire(ctx, 1); err != nil {
			return err
		}
		var p activities.MatchPage
		if err := workflow.ExecuteActivity(inBackground(heavy(ctx)), population.PlanMatchPage, activities.CityPage(in)).Get(ctx, &p); err != nil {
			return err
		}
		if p.Rows == 0 {
			waitForAll(ctx, done)
			return ctx.Err()
		}
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			defer places.Release(1)
			persist(ctx, func() error { return askPage(ctx, p.Batch) })
		})
		in.Page++
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			waitForAll(ctx, done)
			return workflow.NewContinueAsNewError(ctx, MatchCity, in)
		}
	}
}

// askPage asks civil affairs about the people of a page, and waits for the answer or its deadline.
func askPage(ctx workflow.Context, b card.BatchID) error {
	if err := workflow.ExecuteActivity(inBackground(heavy(ctx)), population.RequestPopulation, b).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteActivity(inBackground(patient(ctx)), population.CollectPopulation, b).Get(ctx, nil)
}

// inBackground lets a step wait behind all others.
func inBackground(ctx workflow.Context) workflow.Context {
	return workflow.WithPriority(ctx, temporal.Priority{PriorityKey: matchLast})
}
