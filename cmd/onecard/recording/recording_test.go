// Package recording_test runs the workflows on a real Temporal server against the miniature programme of package
// workflowstest, one interesting path after the other, and replays the histories that come of it.
//
// Its histories are what testdata/histories holds:
//
//	go test ./cmd/onecard/recording -update
//
// writes those that are missing and touches no other: a history is a wire format, and one recorded by older code must go on
// replaying. Delete a file to have it recorded anew. The payloads are readable, because the worker here has the SDK's plain
// converter: workflows are given references only (rollouts, batches, tallies), and those of the miniature programme are
// synthetic. So a replay needs no key.
package recording_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdk "go.temporal.io/sdk/worker"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
	"onecard/worker"
	"onecard/workflows"
	"onecard/workflows/workflowstest"
)

var update = flag.Bool("update", false, "write the histories that testdata/histories lacks")

// histories is where they are kept.
const histories = "../../../testdata/histories"

// bound is the longest that one path may take.
const bound = time.Minute

// TestMain lets workers keep no workflow in memory: every task replays the workflow from its beginning, and no history bears
// this machine's name, which the queue of a worker that remembers is called by.
func TestMain(m *testing.M) {
	sdk.SetStickyWorkflowCacheSize(0)
	os.Exit(m.Run())
}

func TestPathsOnARealServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PostgreSQL and Temporal")
	}
	c := dial(t)
	for _, p := range paths() {
		t.Run(p.name, func(t *testing.T) {
			s := begin(t, c, p)
			p.play(s)
			s.recordAll(p.name)
		})
	}
	t.Run("the desk before batches", func(t *testing.T) { deskBeforeBatches(t, c) })
	t.Run("money before answers", func(t *testing.T) { moneyBeforeAnswers(t, c) })
	t.Run("timetable", func(t *testing.T) { recordTimetable(t, c) })
	t.Run("files", func(t *testing.T) { recordFileWatch(t, c) })
	t.Run("match", func(t *testing.T) { recordMatch(t, c) })
}

// dial starts Temporal and connects to it.
func dial(t *testing.T) client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute) // the upstream programs may have to be built
	defer cancel()
	stack, err := local.Start(ctx, local.Options{Dir: filepath.Join(t.TempDir(), "var"), Disposable: true, Log: t.Output()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Stop()) })
	c, err := client.Dial(client.Options{
		HostPort: stack.State().TemporalAddress, Namespace: stack.State().Namespace, Identity: "recorder",
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// session is one path under way.
type session struct {
	*testing.T
	ctx    context.Context
	client client.Client
	world  *workflowstest.World
	run    client.WorkflowRun
}

// begin starts a worker for the path's world, and the rollout.
func begin(t *testing.T, c client.Client, p path) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	s := &session{T: t, ctx: ctx, client: c, world: p.world()}
	s.world.Engine = worker.Engine(c)
	w := sdk.New(c, worker.TaskQueue, sdk.Options{MaxHeartbeatThrottleInterval: time.Second})
	worker.RegisterWorkflows(w)
	w.RegisterActivity(s.world.Activities())
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	var err error
	id, process, in := workflows.IssuanceWorkflowID(workflowstest.Rollout), any(workflows.Issuance), any(workflows.IssuanceInput{Rollout: workflowstest.Rollout, Status: p.status})
	if p.money {
		id, process, in = workflows.SubsidyWorkflowID(workflowstest.Rollout), workflows.Subsidy, workflows.SubsidyInput{Rollout: workflowstest.Rollout, Status: p.status}
	}
	s.run, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: worker.TaskQueue}, process, in)
	require.NoError(t, err)
	return s
}

// decide takes a decision and returns where the rollout then stands.
func (s *session) decide(update, by string) (card.RolloutStatus, error) {
	s.Helper()
	handle, err := s.client.UpdateWorkflow(s.ctx, client.UpdateWorkflowOptions{
		WorkflowID: s.run.GetID(), UpdateName: update, Args: []any{card.Decision{By: by}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(s, err)
	var status card.RolloutStatus
	return status, handle.Get(s.ctx, &status)
}

func (s *session) must(update, by string, want card.RolloutStatus) {
	s.Helper()
	got, err := s.decide(update, by)
	require.NoError(s, err)
	require.Equal(s, want, got)
}

// await waits until the world was asked for an activity of a batch n times.
func (s *session) await(activity string, batch, n int) {
	s.Helper()
	s.awaitCall(n, func(c workflowstest.Call) bool { return c.Activity == activity && c.Batch.Number == batch })
}

// awaitStop waits until the ledger was told that the rollout has stopped.
func (s *session) awaitStop() {
	s.Helper()
	s.awaitCall(1, func(c workflowstest.Call) bool { return c.Standing.Status == card.RolloutStopped })
}

// awaitCall waits for n calls; meanwhile is given what was called so far.
func (s *session) awaitCall(n int, is func(workflowstest.Call) bool, meanwhile ...func([]workflowstest.Call)) {
	s.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		calls := s.world.Calls()
		for _, do := range meanwhile {
			do(slices.Clone(calls))
		}
		if len(slices.DeleteFunc(calls, func(c workflowstest.Call) bool { return !is(c) })) >= n {
			return
		}
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			require.FailNow(s, "waited in vain")
		}
	}
}

// ends waits for the end of the rollout.
func (s *session) ends(want card.RolloutStatus) {
	s.Helper()
	var got card.RolloutStatus
	require.NoError(s, s.run.Get(s.ctx, &got))
	require.Equal(s, want, got)
}
