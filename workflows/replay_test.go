package workflows_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"onecard/worker"
)

// recorded returns the histories in testdata whose names match, by file; package cmd/onecard/recording writes them.
func recorded(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "histories", pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}

// TestReplay runs today's workflows over every recorded history: a worker must be able to take over what another began.
func TestReplay(t *testing.T) {
	t.Parallel()
	replayer := sdk.NewWorkflowReplayer()
	worker.RegisterWorkflows(replayer)
	for _, file := range recorded(t, "*.json") {
		require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file), file)
	}
}

// registry notes the names under which workflows are registered.
type registry struct{ names []string }

func (r *registry) RegisterWorkflow(w any) {
	r.names = append(r.names, name(w))
}
func (r *registry) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	r.names = append(r.names, o.Name)
}
func (r *registry) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {}

func TestEveryWorkflowHasAHistory(t *testing.T) {
	t.Parallel()
	r := &registry{}
	worker.RegisterWorkflows(r)
	for _, w := range r.names {
		recorded(t, "*."+w+"*.json")
	}
	require.GreaterOrEqual(t, len(r.names), 3)
}

// TestReplayCanFail replays the histories against a copy of IssueBatch: as it is it passes, with two of its steps changed
// over it fails wherever a history gets that far.
func TestReplayCanFail(t *testing.T) {
	t.Parallel()
	for _, file := range recorded(t, "*.IssueBatch.*.json") {
		for _, broken := range []bool{false, true} {
			replayer := sdk.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(twin(broken), workflow.RegisterOptions{Name: "IssueBatch"})
			err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file)
			if broken && reaches(t, file, `"CollectMatch"`) {
				require.ErrorContains(t, err, "nondeterministic", file)
			} else {
				require.NoError(t, err, file)
			}
		}
	}
}

// reaches says whether the workflow of a history came to schedule an activity.
func reaches(t *testing.T, file, activity string) bool {
	t.Helper()
	return strings.Contains(read(t, file), activity)
}
