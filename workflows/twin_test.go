package workflows_test

import (
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
	"onecard/workflows"
)

// twin is IssueBatch written down once more. Broken, it has card numbers given out before civil affairs has answered, as a
// careless change of IssueBatch might.
func twin(broken bool) func(workflow.Context, workflows.BatchInput) (int, error) {
	return func(ctx workflow.Context, in workflows.BatchInput) (int, error) {
		b := &twinBatch{step: activities.Step{Batch: in.Batch}, held: in.Held, broken: broken}
		workflow.Go(ctx, func(ctx workflow.Context) {
			for workflow.GetSignalChannel(ctx, "hold").Receive(ctx, &b.held) {
				continue
			}
		})
		return b.issue(ctx, in.Remake)
	}
}

type twinBatch struct {
	step         activities.Step
	held, broken bool
}

func (b *twinBatch) issue(ctx workflow.Context, remake bool) (int, error) {
	var t card.Tally
	if !remake {
		steps := []string{"CollectMatch", "AllocateNumbers"}
		if b.broken {
			steps = []string{"AllocateNumbers", "CollectMatch"}
		}
		for _, step := range append(append([]string{"RequestMatch"}, steps...), "RequestAccounts", "CollectAccounts") {
			t.Done = 1 // a step that answers nothing lets all go on
			if err := b.pass(ctx, step, &t); err != nil || t.Done == 0 {
				return 0, err
			}
		}
		if t.Unknown > 0 {
			for _, step := range []string{"EnquireAccounts", "CollectEnquiry"} {
				if err := b.pass(ctx, step, &t); err != nil {
					return 0, err
				}
			}
		}
	}
	for _, step := range []string{"OrderCards", "CollectCards"} {
		if err := b.pass(ctx, step, &t); err != nil {
			return 0, err
		}
	}
	var stocked int
	if err := b.pass(ctx, "ReceiveStock", &stocked); err != nil {
		return 0, err
	}
	return stocked, b.pass(ctx, "DispatchCards", nil)
}

func (b *twinBatch) pass(ctx workflow.Context, step string, result any) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour, HeartbeatTimeout: 10 * time.Second, WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1},
	})
	for {
		if err := workflow.Await(ctx, func() bool { return !b.held }); err != nil {
			return err
		}
		attempt, cancel := workflow.WithCancel(ctx)
		future := workflow.ExecuteActivity(attempt, step, b.step)
		ended := workflow.Await(ctx, func() bool { return future.IsReady() || b.held })
		broken := ended == nil && !future.IsReady()
		cancel()
		if err := future.Get(ctx, result); err == nil || ended == nil && !broken {
			return err
		}
		if ended != nil {
			return ended
		}
	}
}

// name is the name under which the SDK registers a function.
func name(f any) string {
	full := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return full[strings.LastIndexByte(full, '.')+1:]
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
