package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/activities"
	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

var (
	checked = []string{"RequestMatch", "CollectMatch", "QueryAccounts", "CollectAccountStates"}
	paid    = []string{"Pay", "CollectPayments", "FinishBatch"}
)

// pay runs a subsidy that stands at status to its end and returns how it ended.
func (s *stage) pay(t requirer, status card.RolloutStatus) card.RolloutStatus {
	t.Helper()
	s.ExecuteWorkflow(workflows.Subsidy, workflows.SubsidyInput{Rollout: workflowstest.Rollout, Status: status})
	require.True(t, s.IsWorkflowCompleted())
	require.NoError(t, s.GetWorkflowError())
	var ended card.RolloutStatus
	require.NoError(t, s.GetWorkflowResult(&ended))
	return ended
}

// TestSubsidy goes from draft to done: each batch is checked before anybody approves, money is blocked once a bank, and each batch is
// paid once.
func TestSubsidy(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(true, "102", "103", "103")
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateSubmit, "maker1")
	s.decideAt(2*time.Hour, workflows.UpdateApprove, "checker1")
	s.decideAt(3*time.Hour, workflows.UpdateStart, "maker1")
	s.decideAt(4*time.Hour, workflows.UpdateApprove, "releaser1")
	s.decideAt(4*time.Hour+time.Minute, workflows.UpdateApprove, "checker2")
	s.decideAt(5*time.Hour, workflows.UpdateStart, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutDraft))
	requireRefused(t, s.outcomeOf(t, workflows.UpdateStart), card.ReasonNotApproved)
	for batch := 1; batch <= 3; batch++ {
		begun := begunOf(w.Calls(), batch)
		require.Equal(t, checked, begun[:4])
		require.Subset(t, begun[4:], paid)
	}
	require.Len(t, w.Begun("Pay"), 3)
	require.Len(t, w.Begun("ApprovePayout"), 3, "the ledger knows whether one is still missing")
	require.Len(t, w.Begun("OrderFunds"), 4, "blocked and released at two banks")
}

// TestSubsidyNotice waits by a timer until the public notice is over, and has that told once; whoever starts the workflow again
// waits for what is left, and a cancel does not wait.
func TestSubsidyNotice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		from   card.RolloutStatus
		decide string
		end    card.RolloutStatus
		looks  int
	}{
		{"from the submission", card.RolloutDraft, workflows.UpdateStart, card.RolloutDone, 2},
		{"started again", card.RolloutApproved, workflows.UpdateStart, card.RolloutDone, 2},
		{"cancelled", card.RolloutDraft, workflows.UpdateCancel, card.RolloutCancelled, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102")
			w.Notice = 72 * time.Hour
			s := newStage(w)
			if tc.from == card.RolloutDraft {
				s.decideAt(time.Hour, workflows.UpdateSubmit, "maker1")
				s.decideAt(2*time.Hour, workflows.UpdateApprove, "checker1")
				s.decideAt(3*time.Hour, workflows.UpdateApprove, "releaser1")
			}
			at := 80 * time.Hour
			if tc.decide == workflows.UpdateCancel {
				at = 10 * time.Hour
			}
			s.decideAt(at, tc.decide, "maker1")
			require.Equal(t, tc.end, s.pay(t, tc.from))
			require.Len(t, w.Begun("CloseNotice"), tc.looks)
			require.Equal(t, tc.end == card.RolloutDone, len(w.Begun("Pay")) == 1)
		})
	}
}

// TestSubsidyAfterTheCutOff gives the place of a batch that comes late to another bank's, and pays it when its bank takes payment files
// again; a cancel during the wait withdraws it, and a pause is told to nobody but holds it all the same.
func TestSubsidyAfterTheCutOff(t *testing.T) {
	t.Parallel()
	late := func() (*workflowstest.World, *stage) {
		w := workflowstest.New(false, "102", "103")
		w.Policy.Concurrency = 1
		w.Policy.Banks = []activities.Places{{Bank: "102", Batches: 1, Hours: true}, {Bank: "103", Batches: 1}}
		w.Fates[1] = workflowstest.Fate{Late: true}
		waiting(w, "AwaitPayWindow", 1, 3)
		return w, newStage(w)
	}
	w, s := late()
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	require.Equal(t, []int{2, 1}, []int{w.Begun("Pay")[0].Batch.Number, w.Begun("Pay")[1].Batch.Number})
	require.Len(t, w.Begun("PayWindowOpen"), 2, "nobody asks a bank that has no cut-off")
	require.Equal(t, 1, w.Peak(""))

	w, s = late()
	s.decideAt(time.Minute, workflows.UpdateCancel, "maker1")
	require.Equal(t, card.RolloutCancelled, s.pay(t, card.RolloutRunning))
	require.Len(t, w.Begun("Pay"), 1)
	require.Equal(t, 1, w.Begun("WithdrawBatch")[0].Batch.Number)

	w, s = late()
	s.decideAt(time.Minute, workflows.UpdatePause, "maker1")
	s.decideAt(24*time.Hour, workflows.UpdateResume, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	resumed := slices.IndexFunc(w.Calls(), func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutRunning })
	require.NotContains(t, begunOf(w.Calls()[:resumed], 1), "Pay")
}

// oneAtATime is a world in which a bank takes a money file when it has answered the one before.
func oneAtATime(banks ...string) *workflowstest.World {
	w := workflowstest.New(false, banks...)
	w.Policy.Concurrency = 1
	w.Policy.Banks = []activities.Places{{Bank: "102", Batches: 1}, {Bank: "103", Batches: 1}}
	return w
}

// TestSubsidyLeavesItsPlace has the one place of all free again when a money file has left, while the place at its bank waits for the
// answer.
func TestSubsidyLeavesItsPlace(t *testing.T) {
	t.Parallel()
	w := oneAtATime("102", "102", "103")
	waiting(w, "CollectPayments", 1, 4)
	s := newStage(w)
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	calls := w.Calls()
	require.Less(t, at(calls, "FinishBatch", 3), at(calls, "FinishBatch", 1), "another bank does not wait for the answer")
	require.Less(t, at(calls, "FinishBatch", 1), at(calls, "Pay", 2), "the bank itself has answered first")
}

// TestSubsidyLeavesItsPlaceWhileItIsChecked has all banks' batches asked about, although there is one place and civil affairs has answered
// none.
func TestSubsidyLeavesItsPlaceWhileItIsChecked(t *testing.T) {
	t.Parallel()
	w := oneAtATime("102", "102", "103")
	for b := 1; b <= 3; b++ {
		waiting(w, "CollectMatch", b, 4)
	}
	s := newStage(w)
	s.decideAt(24*time.Hour, workflows.UpdateCancel, "maker1")
	require.Equal(t, card.RolloutCancelled, s.pay(t, card.RolloutDraft))
	calls := w.Calls()
	answered := at(calls, "QueryAccounts", 1)
	require.Less(t, at(calls, "RequestMatch", 3), answered)
	require.Greater(t, at(calls, "RequestMatch", 2), answered, "its bank has one place")
}

// TestSubsidyPaused holds what has not been released and goes on collecting what has.
func TestSubsidyPaused(t *testing.T) {
	t.Parallel()
	w := oneAtATime("102", "102")
	waiting(w, "CollectPayments", 1, 4)
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdatePause, "maker1")
	s.decideAt(24*time.Hour, workflows.UpdateResume, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	calls := w.Calls()
	resumed := len(calls)
	for i, c := range calls {
		if c.Standing.Status == card.RolloutRunning {
			resumed = i
		}
	}
	require.Equal(t, paid[2], begunOf(calls[:resumed], 1)[len(begunOf(calls[:resumed], 1))-1], "what has left is settled")
	require.NotContains(t, begunOf(calls[:resumed], 2), "Pay")
	require.Contains(t, begunOf(calls[resumed:], 2), "Pay")
}

// TestSubsidyCancelled withdraws what has not left, and waits for the bank's word about what has.
func TestSubsidyCancelled(t *testing.T) {
	t.Parallel()
	w := oneAtATime("102", "102")
	w.Fates[1] = workflowstest.Fate{Unknown: 2}
	waiting(w, "CollectPayments", 1, 4)
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdateCancel, "maker1")
	require.Equal(t, card.RolloutCancelled, s.pay(t, card.RolloutRunning))
	require.Len(t, w.Begun("Pay"), 1)
	require.Len(t, w.Begun("EnquirePayments"), 2, "asked until everything is known")
	require.Len(t, w.Begun("FinishBatch"), 1)
	require.Equal(t, 2, w.Begun("WithdrawBatch")[0].Batch.Number)
	require.Len(t, w.Begun("OrderFunds"), 2, "what is left is released")
}

// TestSubsidyWithoutMoney stops where the payer's account does not hold enough, and pays nothing meanwhile.
func TestSubsidyWithoutMoney(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	w.Fates[1] = workflowstest.Fate{Short: 1}
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	require.Equal(t, []card.RolloutStatus{card.RolloutStopped, card.RolloutRunning, card.RolloutDone}, standings(w))
	require.Equal(t, card.ReasonFundsShort, w.Begun("SetRolloutStatus")[0].Standing.Note)
	require.Equal(t, []string{"OrderFunds", "CollectFunds", "OrderFunds", "CollectFunds", "Pay"}, begunOf(w.Calls(), 1)[:5])
}

// TestSubsidyAsksBanksTogether has one bank answer late and another hold too little: a third is not kept waiting, no money leaves before
// all have blocked, and a bank that has is not asked again.
func TestSubsidyAsksBanksTogether(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102", "103", "104")
	w.Fates[2] = workflowstest.Fate{Short: 1}
	waiting(w, "CollectFunds", 1, 4)
	s := newStage(w)
	s.decideAt(time.Hour, workflows.UpdateResume, "maker1")
	require.Equal(t, card.RolloutDone, s.pay(t, card.RolloutRunning))
	var ordered []int
	for _, c := range w.Begun("OrderFunds")[:4] {
		ordered = append(ordered, c.Batch.Number)
	}
	require.ElementsMatch(t, []int{1, 2, 3, 2}, ordered)
	require.Less(t, at(w.Calls(), "CollectFunds", 3), slices.IndexFunc(w.Calls(), func(c workflowstest.Call) bool { return c.Activity == "CollectFunds" && c.Attempt == 4 }))
	calls := w.Calls()
	require.Equal(t, []string{"OrderFunds", "CollectFunds", "OrderFunds", "CollectFunds", "Pay"}, begunOf(calls, 2)[:5])
	require.Greater(t, at(calls, "Pay", 3), slices.IndexFunc(calls, func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutRunning }))
	require.Len(t, w.Begun("OrderFunds"), 7, "blocked three times and once more, released three times")
}
