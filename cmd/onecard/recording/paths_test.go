package recording_test

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/activities"
	"onecard/card"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// path is one way that rollouts may go.
type path struct {
	name   string
	status card.RolloutStatus
	world  func() *workflowstest.World
	play   func(*session)
	money  bool // a subsidy
}

// paths are those worth a recorded history.
func paths() []path {
	return []path{full(), canary(), paused(), cancelled(), cancelledInTheUI(), breach(), handovers(), unmatched(), paid(), noticed(), late(), approvedAgain(), stopped(), reset(), resetAndCancelled()}
}

// held has the partner of an activity not answer a batch until the flag is set.
func held(activity string, batch int, until *atomic.Bool) func(workflowstest.Call) error {
	return func(c workflowstest.Call) error {
		if c.Activity == activity && c.Batch.Number == batch && !until.Load() {
			return workflowstest.Later(50 * time.Millisecond)
		}
		return nil
	}
}

// full runs from draft to done: canary, enquiry, remake, hand-over.
func full() path {
	return path{"full", card.RolloutDraft, func() *workflowstest.World {
		w := workflowstest.New(true, "102", "103")
		w.Fates[1] = workflowstest.Fate{Unknown: 1}
		w.Fates[2] = workflowstest.Fate{Rows: 10, MakeFailed: 2}
		w.Fates[3] = workflowstest.Fate{Rows: 2}
		return w
	}, func(s *session) {
		_, err := s.decide(workflows.UpdateStart, "manager1")
		require.ErrorContains(s, err, "the rollout is draft")
		s.must(workflows.UpdateSubmit, "manager1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "approver1", card.RolloutApproved)
		s.must(workflows.UpdateStart, "manager1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, false}
}

// canary fails, and is overruled.
func canary() path {
	return path{"canary", card.RolloutApproved, func() *workflowstest.World {
		w := workflowstest.New(true, "102", "103")
		w.Fates[1] = workflowstest.Fate{Canary: true}
		return w
	}, func(s *session) {
		s.must(workflows.UpdateStart, "manager1", card.RolloutRunning)
		s.awaitStanding(card.RolloutStopped)
		s.must(workflows.UpdateResume, "manager1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, false}
}

// paused holds one batch that waits for its bank, and one whose cards are on their way.
func paused() path {
	var answered atomic.Bool
	return path{"paused", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102", "103")
		w.Fates[2] = workflowstest.Fate{Rounds: []int{5}}
		w.Script = held("CollectAccounts", 1, &answered)
		return w
	}, func(s *session) {
		s.await("CollectAccounts", 1, 3)
		s.await("CollectReports", 2, 2)
		s.must(workflows.UpdatePause, "manager1", card.RolloutPaused)
		before := len(s.world.Calls())
		answered.Store(true)
		s.world.HandOver(workflowstest.Batch("103", 2), 5)
		require.NoError(s, s.client.SignalWorkflow(s.ctx, workflows.HandOverWorkflowID(workflowstest.Batch("103", 2)), "", workflows.SignalHandedOver, nil))
		s.must(workflows.UpdatePause, "manager2", card.RolloutPaused)
		for _, c := range s.world.Calls()[before:] {
			require.Greater(s, c.Attempt, 1, "%s begun in the pause", c.Activity)
		}
		s.must(workflows.UpdateResume, "manager1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, false}
}

// cancelled ends a rollout with one batch at the bureau, one in hand-over, and a remake.
func cancelled() path {
	var never atomic.Bool
	return path{"cancelled", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102", "103")
		w.Fates[2] = workflowstest.Fate{Rows: 10, MakeFailed: 1, Rounds: []int{5}}
		w.Script = func(c workflowstest.Call) error {
			if err := held("CollectCards", 1, &never)(c); err != nil {
				return err
			}
			return held("CollectCards", 3, &never)(c)
		}
		return w
	}, func(s *session) {
		s.await("CollectCards", 1, 2)
		s.await("CollectCards", 3, 2)
		s.await("CollectReports", 2, 2)
		s.must(workflows.UpdateCancel, "manager1", card.RolloutCancelled)
		s.ends(card.RolloutCancelled)
		require.Len(s, s.world.Begun("WithdrawBatch"), 3)
	}, false}
}

// cancelledInTheUI is cancelled by an operator as workflows are, not rollouts.
func cancelledInTheUI() path {
	var never atomic.Bool
	return path{"cancelled-in-the-ui", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102")
		w.Script = held("CollectMatch", 1, &never)
		return w
	}, func(s *session) {
		s.await("CollectMatch", 1, 2)
		require.NoError(s, s.client.CancelWorkflow(s.ctx, s.run.GetID(), ""))
		s.ends(card.RolloutCancelled)
		require.Len(s, s.world.Begun("WithdrawBatch"), 1)
	}, false}
}

// breach stops the rollout in a production and in a hand-over; each is taken up again.
func breach() path {
	var ordered, asked atomic.Bool
	return path{"breach", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102", "103")
		w.Script = func(c workflowstest.Call) error {
			switch {
			case c.Activity == "OrderCards" && c.Batch.Number == 1 && ordered.CompareAndSwap(false, true):
				return workflowstest.Final(card.ReasonHashDiffers)
			case c.Activity == "RequestActivations" && c.Batch.Number == 2 && asked.CompareAndSwap(false, true):
				return workflowstest.Final(card.ReasonInvariantBreach)
			}
			return nil
		}
		return w
	}, func(s *session) {
		resumes := 0
		s.awaitCall(2, func(c workflowstest.Call) bool { return c.Activity == "FinishBatch" }, func(seen []workflowstest.Call) {
			stops := slices.DeleteFunc(seen, func(c workflowstest.Call) bool { return c.Standing.Status != card.RolloutStopped })
			if len(stops) > resumes {
				s.must(workflows.UpdateResume, "manager1", card.RolloutRunning)
				resumes++
			}
		})
		s.ends(card.RolloutDone)
	}, false}
}

// handovers takes two reports and two hand-overs at a desk.
func handovers() path {
	return path{"handovers", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102")
		w.Fates[1] = workflowstest.Fate{Rounds: []int{3, 3}}
		return w
	}, func(s *session) {
		b := workflowstest.Batch("102", 1)
		for round := 3; round <= 4; round++ {
			s.await("CollectReports", 1, round)
			s.world.HandOver(b, 2)
			require.NoError(s, s.client.SignalWorkflow(s.ctx, workflows.HandOverWorkflowID(b), "", workflows.SignalHandedOver, nil))
			s.await("CollectActivations", 1, round)
		}
		s.ends(card.RolloutDone)
	}, false}
}

// unmatched is a batch that ends early.
func unmatched() path {
	return path{"unmatched", card.RolloutRunning, func() *workflowstest.World {
		w := workflowstest.New(false, "102")
		w.Fates[1] = workflowstest.Fate{Unmatched: true, Rounds: []int{}}
		return w
	}, func(s *session) { s.ends(card.RolloutDone) }, false}
}

// paid is a subsidy from draft to done: checks, two approvals, funds that are short at first, a canary, payments asked about twice.
func paid() path {
	return path{"paid", card.RolloutDraft, func() *workflowstest.World {
		w := workflowstest.New(true, "102", "103")
		w.Fates[1] = workflowstest.Fate{Short: 1}
		w.Fates[2] = workflowstest.Fate{Unknown: 1}
		return w
	}, func(s *session) {
		s.awaitCall(1, func(c workflowstest.Call) bool { return c.Activity == "FinishChecks" })
		s.must(workflows.UpdateSubmit, "maker1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "checker1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "releaser1", card.RolloutApproved)
		s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
		s.awaitStanding(card.RolloutStopped)
		s.must(workflows.UpdateResume, "maker1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, true}
}

// noticed is a subsidy that waits for the end of its public notice before it can be started.
func noticed() path {
	return path{"noticed", card.RolloutDraft, func() *workflowstest.World {
		w := workflowstest.New(false, "102")
		w.Notice = time.Second
		return w
	}, func(s *session) {
		s.awaitCall(1, func(c workflowstest.Call) bool { return c.Activity == "FinishChecks" })
		s.must(workflows.UpdateSubmit, "maker1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "checker1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "releaser1", card.RolloutApproved)
		s.awaitCall(2, func(c workflowstest.Call) bool { return c.Activity == "CloseNotice" })
		s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, true}
}

// approvedAgain is a subsidy that is approved once more before it is started, as after a key was revoked.
func approvedAgain() path {
	return path{"approved-again", card.RolloutApproved, func() *workflowstest.World { return workflowstest.New(false, "102") }, func(s *session) {
		s.must(workflows.UpdateApprove, "checker1", card.RolloutSubmitted)
		s.must(workflows.UpdateApprove, "checker2", card.RolloutApproved)
		s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, true}
}

// late is a subsidy of which one batch comes after its bank's cut-off.
func late() path {
	return path{"late", card.RolloutApproved, func() *workflowstest.World {
		w := workflowstest.New(false, "102", "103")
		w.Policy.Banks = []activities.Places{{Bank: "102", Batches: 1, Hours: true}}
		w.Fates[1] = workflowstest.Fate{Late: true}
		return w
	}, func(s *session) {
		s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
		s.ends(card.RolloutDone)
	}, true}
}

// stopped is a subsidy that is cancelled while one bank has the money file and the other has not.
func stopped() path {
	var answers atomic.Bool
	return path{"stopped", card.RolloutApproved, func() *workflowstest.World {
		w := workflowstest.New(false, "102", "103")
		w.Policy.Concurrency = 1
		w.Script = held("CollectPayments", 1, &answers)
		return w
	}, func(s *session) {
		s.must(workflows.UpdateStart, "maker1", card.RolloutRunning)
		s.await("CollectPayments", 1, 1)
		s.must(workflows.UpdateCancel, "maker1", card.RolloutCancelled)
		answers.Store(true)
		s.ends(card.RolloutCancelled)
	}, true}
}
