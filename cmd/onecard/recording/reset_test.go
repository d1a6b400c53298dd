package recording_test

import (
	"sync/atomic"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// reset is a subsidy whose money file has left when an operator resets its workflow to the beginning, where it was a draft. The new
// run is told the decisions again, learns from the ledger that all this is past, waits for the batch that the old run left behind, and
// pays nothing twice.
func reset() path {
	return resetPath("reset", func(s *session, answer func()) {
		answer()
		s.ends(card.RolloutDone)
		require.Len(s, s.world.Begun("Pay"), 1)
	})
}

// resetAndCancelled is one that is cancelled then. The batch that was left behind has left the hub: its answer is waited for.
func resetAndCancelled() path {
	return resetPath("reset-and-cancelled", func(s *session, answer func()) {
		s.must(workflows.UpdateCancel, "maker1", card.RolloutCancelled)
		s.awaitCall(2, func(c workflowstest.Call) bool { return c.Activity == "AwaitProcess" && c.Attempt == 1 })
		answer()
		s.ends(card.RolloutCancelled)
		require.Empty(s, s.world.Begun("WithdrawBatch"), "what is paid is not withdrawn")
	})
}

// resetWhenDone is a subsidy that an operator resets to the beginning when it is done: the new run learns so from the ledger, walks
// through what was done and ends.
func resetWhenDone() path {
	return path{"reset-when-done", card.RolloutDraft, func() *workflowstest.World { return workflowstest.New(false, "102") }, func(s *session) {
		s.startDraft()
		s.ends(card.RolloutDone)
		s.reset()
		s.ends(card.RolloutDone)
	}, true}
}

// resetPath is a subsidy that is reset, and then goes on as then says; the bank answers when it is told to.
func resetPath(name string, then func(s *session, answer func())) path {
	var answers atomic.Bool
	return path{name, card.RolloutDraft, func() *workflowstest.World {
		w := workflowstest.New(false, "102")
		w.Script = held("CollectPayments", 1, &answers)
		return w
	}, func(s *session) {
		s.payUntilReset()
		s.awaitCall(1, func(c workflowstest.Call) bool { return c.Activity == "AwaitProcess" })
		then(s, func() { answers.Store(true) })
		require.Len(s, s.world.Begun("FinishBatch"), 1, "the payments have one end")
	}, true}
}

// startDraft takes a draft of a subsidy to its start.
func (s *session) startDraft() {
	s.Helper()
	s.awaitCall(1, func(c workflowstest.Call) bool { return c.Activity == "FinishChecks" })
	s.must(workflows.UpdateSubmit, "maker1", card.RolloutSubmitted)
	s.must(workflows.UpdateApprove, "checker1", card.RolloutSubmitted)
	s.must(workflows.UpdateApprove, "releaser1", card.RolloutApproved)
	s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
}

// payUntilReset takes a subsidy to where its money has left, and resets its workflow to the beginning.
func (s *session) payUntilReset() {
	s.Helper()
	s.startDraft()
	s.await("CollectPayments", 1, 1)
	s.reset()
}

// reset resets the rollout's workflow to its first task, from where it goes on as a new run.
func (s *session) reset() {
	s.Helper()
	var first int64
	events := s.client.GetWorkflowHistory(s.ctx, s.run.GetID(), s.run.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for first == 0 {
		e, err := events.Next()
		require.NoError(s, err)
		if e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			first = e.GetEventId()
		}
	}
	told, err := s.client.WorkflowService().ResetWorkflowExecution(s.ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: "onecard", WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: s.run.GetID(), RunId: s.run.GetRunID()},
		Reason: "a rehearsal", WorkflowTaskFinishEventId: first, RequestId: s.run.GetRunID(),
	})
	require.NoError(s, err)
	s.run = s.client.GetWorkflow(s.ctx, s.run.GetID(), told.GetRunId())
}
