package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// TestCancelInEveryPhase cancels while a step is under way or waits: every batch is withdrawn once, and nothing else is begun.
func TestCancelInEveryPhase(t *testing.T) {
	t.Parallel()
	for _, activity := range append(everyStep(), "JudgeCanary", "PlanRemake") {
		t.Run(activity, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(true, "102", "103", "105")
			w.Fates[1] = workflowstest.Fate{Unknown: 1, MakeFailed: 1}
			waiting(w, activity, 1, 3)
			for batch := 2; batch <= 4; batch++ {
				waiting(w, "CollectReports", batch, 9)
			}
			s := newStage(w)
			s.decideAt(90*time.Minute, workflows.UpdateCancel, "manager1")
			require.Equal(t, card.RolloutCancelled, s.issue(t, card.RolloutRunning))
			requireWithdrawn(t, w, withRemake(activity))
		})
	}
}

// withRemake is the batches that there are when the canary, whose remake is batch 4, is cancelled in an activity.
func withRemake(activity string) []int {
	if slices.Contains(slices.Concat(handed, []string{"PlanRemake", "FinishBatch"}), activity) {
		return []int{1, 2, 3, 4}
	}
	return []int{1, 2, 3}
}

func requireWithdrawn(t *testing.T, w *workflowstest.World, batches []int) {
	t.Helper()
	calls := w.Calls()
	cancelled := slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutCancelled })
	require.GreaterOrEqual(t, cancelled, 0)
	require.Empty(t, steps(calls[cancelled:]), "no step after it")
	var withdrawn []int
	for _, c := range w.Begun("WithdrawBatch") {
		withdrawn = append(withdrawn, c.Batch.Number)
	}
	require.ElementsMatch(t, batches, withdrawn, "each batch once")
}

func TestCancelBeforeTheStart(t *testing.T) {
	t.Parallel()
	for _, status := range []card.RolloutStatus{card.RolloutDraft, card.RolloutSubmitted, card.RolloutApproved} {
		w := workflowstest.New(true, "102", "103")
		s := newStage(w)
		s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
		require.Equal(t, card.RolloutCancelled, s.issue(t, status))
		requireWithdrawn(t, w, []int{1, 2})
	}
}

func TestCancelWhileHeld(t *testing.T) {
	t.Parallel()
	for _, hold := range []string{workflows.UpdatePause, "breach"} {
		t.Run(hold, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102", "103")
			waiting(w, "CollectCards", 1, 5)
			s := newStage(w)
			if hold == "breach" {
				first(w, "OrderCards", 2, func() error { return workflowstest.Final(card.ReasonHashDiffers) })
			} else {
				s.decideAt(time.Hour, hold, "manager1")
			}
			s.decideAt(24*time.Hour, workflows.UpdateCancel, "manager1")
			require.Equal(t, card.RolloutCancelled, s.issue(t, card.RolloutRunning))
			if hold == "breach" {
				requireWithdrawn(t, w, []int{1, 2})
			} else {
				requireWithdrawn(t, w, []int{1}) // batch 2 was done before
			}
		})
	}
}

// TestCancelledThroughTemporal cancels the workflow itself, as an operator may in the Web UI.
func TestCancelledThroughTemporal(t *testing.T) {
	t.Parallel()
	for _, status := range []card.RolloutStatus{card.RolloutDraft, card.RolloutPaused, card.RolloutRunning} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(true, "102", "103")
			waiting(w, "CollectAccounts", 1, 5)
			s := newStage(w)
			s.RegisterDelayedCallback(s.CancelWorkflow, 90*time.Minute)
			require.Equal(t, card.RolloutCancelled, s.issue(t, status))
			require.Equal(t, "temporal", w.Begun("SetRolloutStatus")[0].By)
			requireWithdrawn(t, w, []int{1, 2})
		})
	}
}

// TestUnwithdrawableBatchDoesNotHoldTheOthers fails one withdrawal for good.
func TestUnwithdrawableBatchDoesNotHoldTheOthers(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102", "103")
	first(w, "WithdrawBatch", 1, func() error { return workflowstest.Final(card.ReasonInvariantBreach) })
	waiting(w, "CollectMatch", 1, 5)
	waiting(w, "CollectMatch", 2, 5)
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
	require.Equal(t, card.RolloutCancelled, s.issue(t, card.RolloutRunning))
	require.Len(t, w.Begun("WithdrawBatch"), 2)
}
