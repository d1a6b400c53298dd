package recording_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdk "go.temporal.io/sdk/worker"

	"onecard/worker"
	"onecard/workflows"
)

// recordFileWatch has a partner's files looked at three times and then cancels the watch: the looks leave no trace in the
// history. A second worker that starts it finds it running.
func recordFileWatch(t *testing.T, c client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	looked := make(chan string)
	look := func(ctx context.Context, partner string) error {
		select {
		case looked <- partner:
		case <-ctx.Done():
			return ctx.Err()
		}
		return temporal.NewApplicationErrorWithOptions("watch", "later", temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Millisecond})
	}
	w := sdk.New(c, worker.TaskQueue, sdk.Options{MaxHeartbeatThrottleInterval: time.Second})
	worker.RegisterWorkflows(w)
	w.RegisterActivityWithOptions(look, activity.RegisterOptions{Name: "WatchFiles"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	for range 2 {
		require.NoError(t, worker.StartFileWatch(ctx, c, []string{"ICBC"}))
	}
	for range 3 {
		require.Equal(t, "ICBC", <-looked)
	}
	id := workflows.FileWatchWorkflowID("ICBC")
	s := &session{T: t, ctx: ctx, client: c, run: c.GetWorkflow(ctx, id, "")}
	require.NoError(t, c.CancelWorkflow(ctx, id, ""))
	go func() {
		for range looked { // a look that was under way
			continue
		}
	}()
	require.True(t, temporal.IsCanceledError(s.run.Get(ctx, nil)))
	s.record("watch.WatchFiles", s.history(id, s.run.GetRunID()))
}
