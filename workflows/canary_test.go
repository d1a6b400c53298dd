package workflows_test

import (
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

// canaries is a world in which the first batches, as many as there are banks here, are those banks' canaries.
func canaries(banks []string, rest ...string) *workflowstest.World {
	w := workflowstest.New(false, slices.Concat(banks, rest)...)
	for i := range w.Batches {
		if i < len(banks) {
			w.Batches[i].Kind = card.CanaryBatch
		} else {
			w.Batches[i].Rows = 100
		}
	}
	return w
}

// at is where a call of an activity for a batch begins; -1: nowhere.
func at(calls []workflowstest.Call, activity string, batch int) int {
	return slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Activity == activity && c.Batch.Number == batch })
}

// TestSubsidyCanary stops the rest when the canary fails, also at a bank that has no canary of its own, as banks had none before.
func TestSubsidyCanary(t *testing.T) {
	t.Parallel()
	w := canaries([]string{"102"}, "102", "103")
	w.Fates[1] = workflowstest.Fate{Canary: true}
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateCancel, "maker1")
	require.Equal(t, card.RolloutCancelled, s.pay(t, card.RolloutRunning))
	require.Len(t, w.Begun("Pay"), 1)
}

// TestSubsidyCanaryAtAClosedBank waits for the business hours of one bank with that bank's batches only.
func TestSubsidyCanaryAtAClosedBank(t *testing.T) {
	t.Parallel()
	w := canaries([]string{"102", "103"}, "102", "103", "104")
	w.Batches[4].Rows = 10 // no more than a canary
	w.Policy.Banks = []activities.Places{{Bank: "102", Batches: 1, Hours: true}, {Bank: "103", Batches: 1}}
	w.Fates[1] = workflowstest.Fate{Late: true}
	waiting(w, "AwaitPayWindow", 1, 3)
	s := newStage(w)
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	calls := w.Calls()
	opened := at(calls, "Pay", 1)
	for _, b := range []int{2, 4, 5} {
		require.Less(t, at(calls, "FinishBatch", b), opened, "batch %d does not wait for another bank", b)
	}
	require.Less(t, at(calls, "JudgeCanary", 2), at(calls, "Pay", 4))
	require.Less(t, at(calls, "JudgeCanary", 1), at(calls, "Pay", 3))
}

// TestSubsidyTwoCanariesFail stops once for both, and one resumption overrules what has failed by then.
func TestSubsidyTwoCanariesFail(t *testing.T) {
	t.Parallel()
	w := canaries([]string{"102", "103"}, "102", "103")
	w.Fates[1], w.Fates[2] = workflowstest.Fate{Canary: true}, workflowstest.Fate{Canary: true}
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	calls := w.Calls()
	resumed := slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutRunning })
	require.Greater(t, at(calls, "Pay", 3), resumed)
	require.Greater(t, at(calls, "Pay", 4), resumed)
}

// TestNoMoneyPassesACanary pays plans of any kind, with closed banks and failing canaries, and finds that no bank is paid more before
// its canary has been judged.
func TestNoMoneyPassesACanary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		banks := []string{"102", "103", "104"}
		with := rapid.SampledFrom([][]string{{"102"}, {"102", "103"}, banks}).Draw(t, "canaries")
		w := canaries(with, rapid.SliceOfN(rapid.SampledFrom(banks), 1, 4).Draw(t, "rest")...)
		w.Policy.Concurrency = rapid.IntRange(1, 4).Draw(t, "places")
		for i, bank := range banks {
			w.Policy.Banks = append(w.Policy.Banks, activities.Places{Bank: bank, Batches: 1 + i, Hours: rapid.Bool().Draw(t, "hours")})
		}
		for i := range w.Batches {
			w.Fates[i+1] = workflowstest.Fate{Late: rapid.Bool().Draw(t, "late"), Canary: rapid.Bool().Draw(t, "fails")}
		}
		s := newStage(w)
		for hour := range len(with) + 1 {
			s.decideAt(time.Duration(hour+1)*24*time.Hour, workflows.UpdateResume, "maker1")
		}
		require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
		requireBehindCanaries(t, w, with)
	})
}

func requireBehindCanaries(t requirer, w *workflowstest.World, with []string) {
	t.Helper()
	calls := w.Calls()
	for i, b := range w.Batches[len(with):] {
		for n, bank := range with {
			if bank == b.ID.Bank || !slices.Contains(with, b.ID.Bank) {
				require.Less(t, at(calls, "JudgeCanary", n+1), at(calls, "Pay", len(with)+i+1), "the canary of %s", bank)
			}
		}
	}
}
