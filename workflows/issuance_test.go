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

var (
	matched  = []string{"RequestMatch", "CollectMatch", "AllocateNumbers", "RequestAccounts", "CollectAccounts"}
	enquired = []string{"EnquireAccounts", "CollectEnquiry"}
	made     = []string{"OrderCards", "CollectCards", "ReceiveStock", "DispatchCards"}
	handed   = []string{"CollectReports", "ActivateCards", "RequestActivations", "CollectActivations"}
	finished = []string{"CollectReports", "FinishBatch"}
)

func TestIssuanceFromDraftToDone(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "102", "103")
	w.Fates[1] = workflowstest.Fate{Rows: 10, Unknown: 1}
	w.Fates[2] = workflowstest.Fate{Rows: 10, MakeFailed: 3, Rounds: []int{4, 3}}
	w.Fates[4] = workflowstest.Fate{Rows: 3, MakeFailed: 1}
	w.Fates[5] = workflowstest.Fate{Rows: 1}
	s := newStage(w)
	s.decideAt(time.Second, workflows.UpdateSubmit, "manager1")
	s.decideAt(2*time.Second, workflows.UpdateApprove, "approver1")
	s.decideAt(3*time.Second, workflows.UpdateStart, "manager1")

	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutDraft))
	require.Equal(t, []card.RolloutStatus{card.RolloutRunning, card.RolloutDone}, standings(w))
	require.Equal(t, card.RolloutApproved, s.outcomeOf(t, workflows.UpdateApprove).status)
	require.Equal(t, "approver1", w.Begun("ApproveRollout")[0].By)

	calls := w.Calls()
	require.Equal(t, slices.Concat(matched, enquired, made, []string{"JudgeCanary", "PlanRemake"}, handed, finished), begunOf(calls, 1))
	require.ElementsMatch(t, slices.Concat(matched, made, []string{"PlanRemake"}, handed, handed, finished), begunOf(calls, 2), "two reports, two rounds")
	require.ElementsMatch(t, slices.Concat(matched, made, []string{"PlanRemake"}, handed, finished), begunOf(calls, 3))
	require.ElementsMatch(t, slices.Concat(made, []string{"PlanRemake"}, handed, finished), begunOf(calls, 4), "the remake of batch 2")
	require.ElementsMatch(t, slices.Concat(made, []string{"PlanRemake"}, handed, finished), begunOf(calls, 5), "the remake of that")
	rounds := []int{}
	for _, c := range w.Begun("RequestActivations") {
		if c.Batch.Number == 2 {
			rounds = append(rounds, c.Round)
		}
	}
	require.Equal(t, []int{1, 2}, rounds)
}

func TestCanaryRunsAlone(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103", "102")
	waiting(w, "CollectCards", 1, 5)
	require.Equal(t, card.RolloutDone, newStage(w).issue(t, card.RolloutRunning))
	calls := w.Calls()
	judged := slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Activity == "JudgeCanary" })
	for _, c := range calls[:judged] {
		require.LessOrEqual(t, c.Batch.Number, 1, "%s before the verdict", c.Activity)
	}
	require.Contains(t, begunOf(calls[:judged], 1), "DispatchCards")
}

func TestFailedCanaryStopsUntilSomebodyOverrules(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103")
	w.Fates[1] = workflowstest.Fate{Canary: true}
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "manager1")
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Equal(t, []card.RolloutStatus{card.RolloutStopped, card.RolloutRunning, card.RolloutDone}, standings(w))
	require.Equal(t, card.ReasonCanaryFailed, w.Begun("SetRolloutStatus")[0].Standing.Note)
	resumed := slices.IndexFunc(w.Calls(), func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutRunning })
	require.Empty(t, begunOf(w.Calls()[:resumed], 2))
	require.Contains(t, begunOf(w.Calls(), 2), "FinishBatch")
	require.Contains(t, begunOf(w.Calls(), 1), "FinishBatch", "the canary's own cards are handed over")
}

func TestFailedCanaryCancelled(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103")
	w.Fates[1] = workflowstest.Fate{Canary: true}
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
	require.Equal(t, card.RolloutCancelled, s.issue(t, card.RolloutRunning))
	require.Equal(t, []string{"WithdrawBatch"}, begunOf(w.Calls(), 2))
	require.Len(t, w.Begun("WithdrawBatch"), 2)
}

// TestUnjudgedCanaryStops holds the rest back also when the ledger could not tell how the canary did.
func TestUnjudgedCanaryStops(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103")
	first(w, "JudgeCanary", 1, func() error { return workflowstest.Final(card.ReasonLedgerFault) })
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "manager1")
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Equal(t, card.ReasonLedgerFault, w.Begun("SetRolloutStatus")[0].Standing.Note)
	require.Len(t, w.Begun("JudgeCanary"), 2, "resumed, it is judged again")
}

func TestBreachStopsAndIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	for _, activity := range slices.Concat(matched, enquired, made, handed, []string{"PlanRemake", "FinishBatch"}) {
		t.Run(activity, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102", "103")
			w.Fates[1] = workflowstest.Fate{Unknown: 1}
			waiting(w, "CollectMatch", 2, 3)
			failing(w, activity, 1, card.ReasonHashDiffers)
			s := newStage(w)
			s.decideAt(24*time.Hour, workflows.UpdateResume, "manager1")
			require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))

			require.Equal(t, []card.RolloutStatus{card.RolloutStopped, card.RolloutRunning, card.RolloutDone}, standings(w))
			require.Equal(t, card.ReasonHashDiffers, w.Begun("SetRolloutStatus")[0].Standing.Note)
			require.Empty(t, steps(between(w.Calls(), card.RolloutStopped, card.RolloutRunning)), "the other batch is held")
			for batch := 1; batch <= 2; batch++ {
				require.Contains(t, begunOf(w.Calls(), batch), "FinishBatch")
			}
			require.Empty(t, w.Begun("WithdrawBatch"))
		})
	}
}

// between is the calls after the ledger was told of one standing and before it was told of another.
func between(calls []workflowstest.Call, from, to card.RolloutStatus) []workflowstest.Call {
	at := func(status card.RolloutStatus) int {
		return slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Standing.Status == status })
	}
	return calls[at(from)+1 : at(to)]
}

// TestBreachTwice stops twice when two batches fail, and goes on when both are mended.
func TestBreachTwice(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102", "103", "105")
	for batch := 1; batch <= 2; batch++ {
		first(w, "OrderCards", batch, func() error { return workflowstest.Final(card.ReasonInvariantBreach) })
	}
	s := newStage(w)
	for hour := time.Duration(1); hour < 5; hour++ {
		s.decideAt(hour*time.Hour, workflows.UpdateResume, "manager1")
	}
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Len(t, w.Begun("FinishBatch"), 3)
	for batch := 1; batch <= 2; batch++ {
		orders := slices.DeleteFunc(w.Begun("OrderCards"), func(c workflowstest.Call) bool { return c.Batch.Number != batch })
		require.Len(t, orders, 2)
	}
}

func TestStopWithoutLedgerDoesNotSpin(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	first(w, "OrderCards", 1, func() error { return workflowstest.Final(card.ReasonInvariantBreach) })
	first(w, "SetRolloutStatus", 0, func() error { return workflowstest.Final(card.ReasonLedgerFault) })
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "manager1")
	require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
	require.Len(t, w.Begun("OrderCards"), 2, "it stood until somebody resumed it")
}

func TestBatchThatNobodyKnowsEndsEarly(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Unmatched: true, Rounds: []int{}}
	require.Equal(t, card.RolloutDone, newStage(w).issue(t, card.RolloutRunning))
	require.Equal(t, []string{"RequestMatch", "CollectMatch", "PlanRemake", "CollectReports", "FinishBatch"}, begunOf(w.Calls(), 1))
}

func TestRolloutWithoutBatchesIsDone(t *testing.T) {
	t.Parallel()
	require.Equal(t, card.RolloutDone, newStage(workflowstest.New(false)).issue(t, card.RolloutRunning))
}
