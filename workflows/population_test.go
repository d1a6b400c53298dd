package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

const november card.Month = "2026-11"

func matchWorld(pages map[string]int) *workflowstest.World {
	w := workflowstest.New(false)
	w.Pages = pages
	return w
}

// TestPopulationMatch walks every city page by page: each page is one file and its answer, and a page whose answer is a fault does not
// end the others.
func TestPopulationMatch(t *testing.T) {
	t.Parallel()
	w := matchWorld(map[string]int{"440600": 9, "440700": 1, "440800": 0})
	failing(w, "CollectPopulation", 3, card.ReasonLedgerFault)
	s := newStage(w)
	s.ExecuteWorkflow(workflows.PopulationMatch, workflows.MatchInput{Month: november, By: "operator1"})
	require.NoError(t, s.GetWorkflowError())
	require.Equal(t, "operator1", w.Begun("PlanMatch")[0].By)
	asked, answered := map[card.BatchID]int{}, map[card.BatchID]int{}
	for _, c := range w.Begun("RequestPopulation") {
		asked[c.Batch]++
	}
	for _, c := range w.Begun("CollectPopulation") {
		answered[c.Batch]++
	}
	require.Len(t, asked, 10)
	require.Len(t, answered, 10)
	require.Equal(t, 2, asked[workflowstest.Page(november, "440600", 3)], "it is tried again")
	require.Equal(t, 1, asked[workflowstest.Page(november, "440600", 9)])
	calls := w.Calls()
	require.Equal(t, "FinishMatch", calls[len(calls)-1].Activity)
}

// TestCityMatchWaitsForAFewAtOnce has no more files out than civil affairs is asked to bear.
func TestCityMatchWaitsForAFewAtOnce(t *testing.T) {
	t.Parallel()
	w := matchWorld(map[string]int{"440600": 9})
	for page := 1; page <= 9; page++ {
		waiting(w, "CollectPopulation", page, 3)
	}
	out, most := 0, 0
	w.Script = also(w.Script, func(c workflowstest.Call) error {
		switch c.Activity {
		case "RequestPopulation":
			out++
		case "CollectPopulation": // which answers now
			out--
		}
		most = max(most, out)
		return nil
	})
	s := newStage(w)
	s.ExecuteWorkflow(workflows.MatchCity, workflows.CityMatch{Month: november, City: "440600", Page: 1})
	require.NoError(t, s.GetWorkflowError())
	require.Equal(t, 4, most)
	require.Len(t, w.Begun("RequestPopulation"), 9)
	require.Len(t, w.Begun("PlanMatchPage"), 10)
}

// TestCityMatchGoesOnAsNew ends what is under way before its history grows too long, and goes on with the next page.
func TestCityMatchGoesOnAsNew(t *testing.T) {
	t.Parallel()
	w := matchWorld(map[string]int{"440600": 9})
	s := newStage(w)
	s.SetContinueAsNewSuggested(true)
	s.ExecuteWorkflow(workflows.MatchCity, workflows.CityMatch{Month: november, City: "440600", Page: 4})
	var anew *workflow.ContinueAsNewError
	require.ErrorAs(t, s.GetWorkflowError(), &anew)
	var in workflows.CityMatch
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(anew.Input, &in))
	require.Equal(t, workflows.CityMatch{Month: november, City: "440600", Page: 5}, in)
	require.Len(t, w.Begun("CollectPopulation"), 1)
}

// TestMonthlyMatch is the match of the month in which it was due in Shanghai, though it begins later.
func TestMonthlyMatch(t *testing.T) {
	t.Parallel()
	w := matchWorld(map[string]int{"440600": 1})
	s := newStage(w)
	s.SetStartTime(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC))
	due := temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")
	require.NoError(t, s.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(due.ValueSet(time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)))))
	var started []string
	s.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		started = append(started, info.WorkflowExecution.ID)
	})
	s.ExecuteWorkflow(workflows.MonthlyMatch)
	require.NoError(t, s.GetWorkflowError())
	require.Equal(t, []string{"match/2026-10", "match/2026-10/440600"}, started)
	require.Equal(t, "schedule", w.Begun("PlanMatch")[0].By)
}
