package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

var batch1 = workflowstest.Batch("102", 1)

// TestDeskWakesTheHandOver hands cards over at a desk in the middle of the wait for reports, which are looked for each hour.
func TestDeskWakesTheHandOver(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Rounds: []int{3}}
	s := newStage(w)
	tell := func(cards int) func() {
		return func() {
			w.HandOver(batch1, cards)
			require.NoError(t, s.SignalWorkflowByID(workflows.HandOverWorkflowID(batch1), workflows.SignalHandedOver, nil))
		}
	}
	s.RegisterDelayedCallback(tell(5), 10*time.Minute)
	s.RegisterDelayedCallback(tell(2), 20*time.Minute)
	start := s.Now()
	var minutes []int
	w.Script = func(c workflowstest.Call) error {
		if c.Activity == "ActivateCards" {
			minutes = append(minutes, int(s.Now().Sub(start).Minutes()))
			require.Equal(t, len(minutes), c.Round)
		}
		return nil
	}
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Equal(t, []int{0, 10, 20}, minutes)
	require.Len(t, w.Begun("CollectActivations"), 3)
}

// TestDeskToldDuringAnActivation keeps what a desk tells while the bank is being asked for the round before.
func TestDeskToldDuringAnActivation(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Rounds: []int{3}}
	waiting(w, "CollectActivations", 1, 2)
	s := newStage(w)
	s.RegisterDelayedCallback(func() {
		require.NoError(t, s.SignalWorkflowByID(workflows.HandOverWorkflowID(batch1), workflows.SignalHandedOver, nil))
	}, time.Minute)
	s.RegisterDelayedCallback(func() { w.HandOver(batch1, 7) }, 90*time.Minute) // found by the look for reports, an hour later
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Len(t, w.Begun("ActivateCards"), 2)
}

func TestHandOverTakesTheLedgersRound(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Rounds: []int{4, 6}}
	first(w, "RequestActivations", 1, func() error { return workflowstest.Final(card.ReasonLedgerFault) })
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "manager1")
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	var rounds []int
	for _, c := range w.Begun("RequestActivations") {
		rounds = append(rounds, c.Round)
	}
	require.Equal(t, []int{1, 1, 2}, rounds, "the round that broke off is finished first")
}

// TestHandOverContinuesAsNew does so between rounds, when Temporal says that the history grows long.
func TestHandOverContinuesAsNew(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Rounds: []int{4, 6}}
	s := newStage(w)
	s.SetContinueAsNewSuggested(true)
	s.ExecuteWorkflow(workflows.HandOverBatch, workflows.BatchInput{Batch: batch1})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.GetWorkflowError(), &next)
	require.Equal(t, "HandOverBatch", next.WorkflowType.Name)
	var in workflows.BatchInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	require.Equal(t, workflows.BatchInput{Batch: batch1}, in)
	require.Len(t, w.Begun("CollectActivations"), 1)
}
