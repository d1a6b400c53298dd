package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/activities"
	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// everyStep is the activities of a batch that asks twice for its accounts.
func everyStep() []string {
	return slices.Concat(matched, enquired, made, handed, []string{"FinishBatch"})
}

// TestPauseInEveryStep pauses while a step is under way or waits for a partner: it is broken off, nothing is begun before
// the rollout is resumed, and then it is begun again.
func TestPauseInEveryStep(t *testing.T) {
	t.Parallel()
	for _, activity := range everyStep() {
		t.Run(activity, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102")
			w.Fates[1] = workflowstest.Fate{Unknown: 1}
			waiting(w, activity, 1, 4)
			s := newStage(w)
			s.decideAt(90*time.Minute, workflows.UpdatePause, "manager1")
			s.decideAt(48*time.Hour, workflows.UpdateResume, "manager1")
			require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))

			require.Equal(t, []card.RolloutStatus{card.RolloutPaused, card.RolloutRunning, card.RolloutDone}, standings(w))
			require.Empty(t, steps(between(w.Calls(), card.RolloutPaused, card.RolloutRunning)))
			resumed := slices.IndexFunc(w.Calls(), func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutRunning })
			require.Equal(t, activity, steps(w.Calls()[resumed:])[0].Activity, "begun again")
		})
	}
}

// TestBatchesBeginHeldWhilePaused pauses between the canary and the rest.
func TestBatchesBeginHeldWhilePaused(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103", "105")
	first(w, "JudgeCanary", 1, func() error { return workflowstest.Later(time.Hour) })
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdatePause, "manager1")
	s.decideAt(2*time.Hour, workflows.UpdateResume, "manager1")
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Empty(t, steps(between(w.Calls(), card.RolloutPaused, card.RolloutRunning)))
	require.Len(t, w.Begun("FinishBatch"), 3)
}

// TestPausedRolloutIsNotDoneByItself pauses while the last step of all is being recorded.
func TestPausedRolloutIsNotDoneByItself(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	first(w, "PlanRemake", 1, func() error { return workflowstest.Later(time.Hour) })
	w.Fates[1] = workflowstest.Fate{Rounds: []int{10}}
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdatePause, "manager1")
	s.decideAt(3*time.Hour, workflows.UpdateCancel, "manager1")
	require.Equal(t, card.RolloutCancelled, s.issue(t, card.RolloutRunning))
	require.Equal(t, []card.RolloutStatus{card.RolloutPaused, card.RolloutCancelled}, standings(w))
	require.Len(t, w.Begun("WithdrawBatch"), 1)
}

// TestPlacesAreNeverExceeded draws rollouts, places and durations, and counts what was in production at once.
func TestPlacesAreNeverExceeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		banks := rapid.SliceOfN(rapid.SampledFrom([]string{"102", "103", "314"}), 1, 7).Draw(t, "banks")
		w := workflowstest.New(rapid.Bool().Draw(t, "canary"), banks...)
		w.Policy = activities.Policy{Concurrency: rapid.IntRange(1, 4).Draw(t, "total"), Remakes: 2, Banks: []activities.Places{
			{Bank: "102", Batches: rapid.IntRange(1, 3).Draw(t, "places")}, {Bank: "103", Batches: 1}}} // nothing is agreed with 314
		for n := range banks {
			w.Fates[n+1] = workflowstest.Fate{Rows: 10, MakeFailed: rapid.SampledFrom([]int{0, 0, 2, 10}).Draw(t, "failed")}
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		w.Script = func(c workflowstest.Call) error {
			if c.Nth == 1 && slices.Contains([]string{"CollectMatch", "CollectAccounts", "CollectCards", "CollectReports"}, c.Activity) {
				return workflowstest.Later(time.Duration(1+random.IntN(500)) * time.Minute)
			}
			return nil
		}
		require.Equal(t, card.RolloutDone, newStage(w).issue(t, card.RolloutRunning))
		require.LessOrEqual(t, w.Peak(""), w.Policy.Concurrency)
		for _, p := range w.Policy.Banks {
			require.LessOrEqual(t, w.Peak(p.Bank), p.Batches)
		}
		for n := range banks {
			require.Contains(t, begunOf(w.Calls(), n+1), "FinishBatch", fmt.Sprint(n+1))
		}
	})
}

// TestPlacesAreUsed shows that the limits above are reached, so that the count counts.
func TestPlacesAreUsed(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102", "102", "102", "103", "103")
	w.Policy = activities.Policy{Concurrency: 3, Banks: []activities.Places{{Bank: "102", Batches: 2}, {Bank: "103", Batches: 2}}}
	for n := 1; n <= 5; n++ {
		waiting(w, "CollectCards", n, 2)
	}
	require.Equal(t, card.RolloutDone, newStage(w).issue(t, card.RolloutRunning))
	require.Equal(t, 3, w.Peak(""))
	require.Equal(t, 2, w.Peak("102"))
}
