package recording_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"onecard/worker"
)

// recordAll replays the histories of the rollout and of its batches, and keeps those that are not kept yet: one file a run,
// named for the path, the workflow and the run's place in the rollout.
func (s *session) recordAll(name string) {
	s.Helper()
	root := s.history(s.run.GetID(), s.run.GetRunID())
	s.record(name+"."+root.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName(), root)
	nth := map[string]int{}
	for _, e := range root.GetEvents() {
		if child := e.GetChildWorkflowExecutionStartedEventAttributes(); child != nil {
			kind := child.GetWorkflowType().GetName()
			nth[kind]++
			s.record(fmt.Sprintf("%s.%s.%d", name, kind, nth[kind]),
				s.history(child.GetWorkflowExecution().GetWorkflowId(), child.GetWorkflowExecution().GetRunId()))
		}
	}
}

func (s *session) history(id, run string) *historypb.History {
	s.Helper()
	h := &historypb.History{}
	events := s.client.GetWorkflowHistory(s.ctx, id, run, true, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(s, err)
		h.Events = append(h.Events, e)
	}
	return h
}

func (s *session) record(name string, h *historypb.History) {
	s.Helper()
	text := s.lines(h)
	host, err := os.Hostname()
	require.NoError(s, err)
	require.NotContains(s, text, host, "a history names no machine")
	replayed, err := client.HistoryFromJSON(strings.NewReader(text), client.HistoryJSONOptions{})
	require.NoError(s, err)
	replayer := sdk.NewWorkflowReplayer()
	worker.RegisterWorkflows(replayer)
	require.NoError(s, replayer.ReplayWorkflowHistory(nil, replayed), name)

	file := filepath.Join(histories, name+".json")
	_, err = os.Stat(file)
	if *update && errors.Is(err, os.ErrNotExist) {
		require.NoError(s, os.WriteFile(file, []byte(text), 0o600))
		err = nil
	}
	require.NoError(s, err, "record it with -update")
}

// lines writes a history as the SDK reads it, one event a line.
func (s *session) lines(h *historypb.History) string {
	s.Helper()
	var events []string
	for _, e := range h.GetEvents() {
		line, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(e)
		require.NoError(s, err)
		events = append(events, string(line))
	}
	return "{\"events\":[\n" + strings.Join(events, ",\n") + "\n]}\n"
}
