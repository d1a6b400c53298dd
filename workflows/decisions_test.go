package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// TestDecisionsOutOfOrder refuses each decision that does not fit, with the reason that people are shown.
func TestDecisionsOutOfOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status card.RolloutStatus
		update string
		reason card.Reason
	}{
		{card.RolloutDraft, workflows.UpdateApprove, card.ReasonNotSubmitted},
		{card.RolloutDraft, workflows.UpdateStart, card.ReasonNotApproved},
		{card.RolloutDraft, workflows.UpdatePause, card.ReasonWrongState},
		{card.RolloutDraft, workflows.UpdateResume, card.ReasonWrongState},
		{card.RolloutSubmitted, workflows.UpdateStart, card.ReasonNotApproved},
		{card.RolloutApproved, workflows.UpdateSubmit, card.ReasonWrongState},
		{card.RolloutApproved, workflows.UpdatePause, card.ReasonWrongState},
		{card.RolloutPaused, workflows.UpdateStart, card.ReasonNotApproved},
		{card.RolloutPaused, workflows.UpdateApprove, card.ReasonNotSubmitted},
		{card.RolloutStopped, workflows.UpdatePause, card.ReasonWrongState},
	} {
		t.Run(string(tc.status)+" "+tc.update, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102")
			s := newStage(w)
			s.decideAt(time.Minute, tc.update, "manager1")
			s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
			require.Equal(t, card.RolloutCancelled, s.issue(t, tc.status))
			requireRefused(t, s.outcomeOf(t, tc.update), tc.reason)
			require.Equal(t, []card.RolloutStatus{card.RolloutCancelled}, standings(w))
		})
	}
}

func TestDecisionWithoutAName(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdateSubmit, "")
	s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
	s.issue(t, card.RolloutDraft)
	requireRefused(t, s.outcomeOf(t, workflows.UpdateSubmit), card.ReasonUserUnknown)
	require.Empty(t, w.Begun("SubmitRollout"))
}

// TestRefusedByTheLedger leaves the rollout where it stands, with the ledger's reason.
func TestRefusedByTheLedger(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	first(w, "ApproveRollout", 0, func() error { return workflowstest.Final(card.ReasonSamePerson) })
	s := newStage(w)
	s.decideAt(time.Minute, workflows.UpdateApprove, "manager1")
	s.decideAt(2*time.Minute, workflows.UpdateStart, "manager1")
	s.decideAt(time.Hour, workflows.UpdateCancel, "manager1")
	s.issue(t, card.RolloutSubmitted)
	requireRefused(t, s.outcomeOf(t, workflows.UpdateApprove), card.ReasonSamePerson)
	requireRefused(t, s.outcomeOf(t, workflows.UpdateStart), card.ReasonNotApproved)
}

func TestDecisionTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status card.RolloutStatus
		update string
		to     card.RolloutStatus
	}{
		{card.RolloutDraft, workflows.UpdateSubmit, card.RolloutSubmitted},
		{card.RolloutSubmitted, workflows.UpdateApprove, card.RolloutApproved},
		{card.RolloutApproved, workflows.UpdateStart, card.RolloutRunning},
		{card.RolloutRunning, workflows.UpdatePause, card.RolloutPaused},
		{card.RolloutPaused, workflows.UpdateResume, card.RolloutRunning},
		{card.RolloutRunning, workflows.UpdateCancel, card.RolloutCancelled},
	} {
		t.Run(tc.update, func(t *testing.T) {
			t.Parallel()
			w := workflowstest.New(false, "102")
			waiting(w, "CollectMatch", 1, 3)
			s := newStage(w)
			s.decideAt(time.Minute, tc.update, "manager1")
			s.decideAt(time.Minute, tc.update, "manager2")
			s.decideAt(24*time.Hour, workflows.UpdateCancel, "manager1")
			s.issue(t, tc.status)
			for _, o := range s.told[:2] {
				require.Equal(t, outcome{update: tc.update, status: tc.to, calls: o.calls}, o)
			}
			if tc.to != card.RolloutSubmitted && tc.to != card.RolloutApproved {
				require.Equal(t, tc.to, standings(w)[0])
				require.NotContains(t, standings(w)[1:], tc.to)
			} else {
				require.Len(t, slices.Concat(w.Begun("SubmitRollout"), w.Begun("ApproveRollout")), 1)
			}
		})
	}
}

// TestDecisionThatComesTooLate is taken while the ledger records the end, and answered before the workflow ends.
func TestDecisionThatComesTooLate(t *testing.T) {
	t.Parallel()
	for _, update := range []string{workflows.UpdatePause, workflows.UpdateCancel} {
		w := workflowstest.New(false, "102")
		first(w, "SetRolloutStatus", 0, func() error { return workflowstest.Later(time.Hour) })
		s := newStage(w)
		s.decideAt(time.Minute, update, "manager1")
		require.Equal(t, card.RolloutDone, s.issue(t, card.RolloutRunning))
		require.Equal(t, []card.RolloutStatus{card.RolloutDone}, standings(w))
		requireRefused(t, s.outcomeOf(t, update), card.ReasonWrongState)
	}
}

// TestRacingDecisions draws decisions at random times against a slow ledger and failing batches: what the ledger was told
// follows the table of decisions line by line, and the workflow ends where the ledger says.
func TestRacingDecisions(t *testing.T) {
	t.Parallel()
	updates := []string{workflows.UpdateSubmit, workflows.UpdateApprove, workflows.UpdateStart, workflows.UpdatePause, workflows.UpdateResume, workflows.UpdateCancel}
	rapid.Check(t, func(t *rapid.T) {
		w := workflowstest.New(rapid.Bool().Draw(t, "canary"), "102", "103", "102")
		slow := rapid.SliceOfN(rapid.IntRange(0, 20), 10, 10).Draw(t, "slow")
		broken := rapid.SampledFrom([]string{"", "OrderCards", "CollectReports", "JudgeCanary"}).Draw(t, "broken")
		w.Script = func(c workflowstest.Call) error {
			switch {
			case c.Attempt == 1 && c.Batch.Number == 0 && slow[c.Nth%10] > 0:
				return workflowstest.Later(time.Duration(slow[c.Nth%10]) * time.Minute)
			case c.Activity == broken && c.Nth == 1:
				return workflowstest.Final(card.ReasonInvariantBreach)
			case c.Attempt == 1 && c.Activity == "CollectCards":
				return workflowstest.Later(15 * time.Minute)
			}
			return nil
		}
		s := newStage(w)
		for range rapid.IntRange(1, 12).Draw(t, "decisions") {
			s.decideAt(time.Duration(rapid.IntRange(0, 120).Draw(t, "minute"))*time.Minute, rapid.SampledFrom(updates).Draw(t, "update"), "manager1")
		}
		for hour := time.Duration(10); hour < 20; hour++ { // whatever was decided before, it comes to an end
			s.decideAt(hour*time.Hour, workflows.UpdateResume, "manager1")
		}
		s.decideAt(1000*time.Hour, workflows.UpdateCancel, "manager1")
		ended := s.issue(t, rapid.SampledFrom([]card.RolloutStatus{card.RolloutDraft, card.RolloutApproved, card.RolloutRunning}).Draw(t, "status"))

		told := standings(w)
		require.Equal(t, ended, told[len(told)-1])
		for n, status := range told[:len(told)-1] {
			require.False(t, status.Ended(), "%v", told)
			require.True(t, n == 0 || told[n-1] != status || status == card.RolloutStopped, "told twice: %v", told)
			require.True(t, status != card.RolloutStopped || told[n+1] == card.RolloutRunning || told[n+1] == card.RolloutCancelled || told[n+1] == card.RolloutStopped, "%v", told)
		}
		requireEveryBatchEnded(t, w)
	})
}

func requireEveryBatchEnded(t requirer, w *workflowstest.World) {
	t.Helper()
	for _, b := range w.Batches {
		begun := begunOf(w.Calls(), b.ID.Number)
		require.True(t, slices.Contains(begun, "FinishBatch") || slices.Contains(begun, "WithdrawBatch"), "batch %d: %v", b.ID.Number, begun)
	}
}

// TestDecisionsAreAnsweredBeforeAFailure fails the rollout's plan for good while a decision is being recorded.
func TestDecisionsAreAnsweredBeforeAFailure(t *testing.T) {
	t.Parallel()
	w := workflowstest.New(false, "102")
	first(w, "PlanRollout", 0, func() error { return workflowstest.Later(time.Hour) })
	waiting(w, "SetRolloutStatus", 0, 4)
	before := w.Script
	w.Script = func(c workflowstest.Call) error {
		if c.Activity == "PlanRollout" && c.Nth == 2 {
			return workflowstest.Final(card.ReasonNoSuchRollout)
		}
		return before(c)
	}
	s := newStage(w)
	s.decideAt(30*time.Minute, workflows.UpdatePause, "manager1")
	s.ExecuteWorkflow(workflows.Issuance, workflows.IssuanceInput{Rollout: workflowstest.Rollout, Status: card.RolloutRunning})
	require.ErrorContains(t, s.GetWorkflowError(), "failed for good")
	require.Equal(t, card.RolloutPaused, s.outcomeOf(t, workflows.UpdatePause).status)
}
