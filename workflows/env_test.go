package workflows_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"onecard/card"
	"onecard/worker"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

// stage is a world with the SDK's test environment around it, whose clock leaps from one event to the next.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	world *workflowstest.World
	told  []outcome
}

// outcome is what became of a decision, and how many calls the world had seen by then.
type outcome struct {
	update string
	status card.RolloutStatus
	err    error
	calls  int
}

// requirer is what testing and rapid have in common.
type requirer interface {
	require.TestingT
	Helper()
}

func newStage(w *workflowstest.World) *stage {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s := &stage{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), world: w}
	s.SetTestTimeout(time.Minute)
	worker.RegisterWorkflows(s)
	s.RegisterActivity(w.Activities())
	return s
}

// decideAt has a decision come after d of the workflow's time.
func (s *stage) decideAt(d time.Duration, update string, by string) {
	s.RegisterDelayedCallback(func() { s.decide(update, by) }, d)
}

func (s *stage) decide(update, by string) {
	ended := func(status any, err error) {
		o := outcome{update: update, err: err, calls: len(s.world.Calls())}
		if err == nil {
			o.status = status.(card.RolloutStatus)
		}
		s.told = append(s.told, o)
	}
	s.UpdateWorkflow(update, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { ended(nil, err) }, OnComplete: ended,
	}, card.Decision{By: by})
}

// issue runs a rollout that stands at status to its end and returns how it ended.
func (s *stage) issue(t requirer, status card.RolloutStatus) card.RolloutStatus {
	t.Helper()
	s.ExecuteWorkflow(workflows.Issuance, workflows.IssuanceInput{Rollout: workflowstest.Rollout, Status: status})
	require.True(t, s.IsWorkflowCompleted())
	require.NoError(t, s.GetWorkflowError())
	var ended card.RolloutStatus
	require.NoError(t, s.GetWorkflowResult(&ended))
	return ended
}

// outcomeOf returns the only outcome of a decision.
func (s *stage) outcomeOf(t *testing.T, update string) outcome {
	t.Helper()
	n := slices.IndexFunc(s.told, func(o outcome) bool { return o.update == update })
	require.GreaterOrEqual(t, n, 0, "%s was answered", update)
	return s.told[n]
}

// requireRefused asserts that the last outcome is an error with the reason as its type.
func requireRefused(t *testing.T, o outcome, reason card.Reason) {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, o.err, &failed)
	require.Equal(t, string(reason), failed.Type())
}

// standings is where the ledger was told that the rollout stands, in order.
func standings(w *workflowstest.World) []card.RolloutStatus {
	var all []card.RolloutStatus
	for _, c := range w.Begun("SetRolloutStatus") {
		all = append(all, c.Standing.Status)
	}
	return all
}

// begunOf is the activities that were begun for a batch, in order.
func begunOf(calls []workflowstest.Call, batch int) []string {
	var all []string
	for _, c := range calls {
		if c.Batch.Number == batch && c.Attempt == 1 {
			all = append(all, c.Activity)
		}
	}
	return all
}

// steps is the begun calls that belong to batches' workflows, which a pause holds.
func steps(calls []workflowstest.Call) []workflowstest.Call {
	return slices.DeleteFunc(slices.Clone(calls), func(c workflowstest.Call) bool {
		return c.Attempt > 1 || c.Batch.Number == 0 || slices.Contains([]string{"PlanRemake", "JudgeCanary", "WithdrawBatch"}, c.Activity)
	})
}

// first has the script do something once: before the first attempt of an activity for a batch (0: any).
func first(w *workflowstest.World, name string, batch int, do func() error) {
	done := false
	w.Script = also(w.Script, func(c workflowstest.Call) error {
		if done || c.Activity != name || batch != 0 && c.Batch.Number != batch {
			return nil
		}
		done = true
		return do()
	})
}

// waiting has the partner of an activity answer a batch only at the n-th look, an hour apart.
func waiting(w *workflowstest.World, name string, batch, n int) {
	w.Script = also(w.Script, func(c workflowstest.Call) error {
		if c.Activity == name && c.Batch.Number == batch && c.Nth < n {
			return workflowstest.Later(time.Hour)
		}
		return nil
	})
}

// failing has an activity of a batch fail for good, once, after it has gone on for half an hour.
func failing(w *workflowstest.World, name string, batch int, reason card.Reason) {
	w.Script = also(w.Script, func(c workflowstest.Call) error {
		switch {
		case c.Activity != name || c.Batch.Number != batch || c.Nth > 2:
			return nil
		case c.Nth == 1:
			return workflowstest.Later(30 * time.Minute)
		}
		return workflowstest.Final(reason)
	})
}

// also asks two scripts; the first error counts.
func also(before, then func(workflowstest.Call) error) func(workflowstest.Call) error {
	return func(c workflowstest.Call) error {
		if before != nil {
			if err := before(c); err != nil {
				return err
			}
		}
		return then(c)
	}
}
