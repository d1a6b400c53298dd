package worker_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"onecard/worker"
)

// beating is the heartbeat timeout of these tests; patience only ends a test that hangs.
const (
	beating  = 90 * time.Millisecond
	patience = 30 * time.Second
)

func withTimeouts(ctx workflow.Context, heartbeat time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: patience,
		HeartbeatTimeout:    heartbeat,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 2, InitialInterval: time.Millisecond},
	})
}

// newEnv runs the activity "work" with the interceptor; each workflow it executes calls it once.
func newEnv(t *testing.T, work func(context.Context) error, outer ...interceptor.WorkerInterceptor) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(patience)
	env.SetDataConverter(worker.DataConverter(newSealer(t)))
	env.SetWorkerOptions(sdkworker.Options{
		Interceptors:                 append(outer, worker.Heartbeat()),
		MaxHeartbeatThrottleInterval: beating / 30,
	})
	env.RegisterActivityWithOptions(work, activity.RegisterOptions{Name: "work"})
	return env
}

func callWork(heartbeat time.Duration) func(workflow.Context) error {
	return func(ctx workflow.Context) error {
		return workflow.ExecuteActivity(withTimeouts(ctx, heartbeat), "work").Get(ctx, nil)
	}
}

func TestActivityIsKeptAliveAndItsDetailsAreRepeated(t *testing.T) {
	t.Parallel()
	enough := make(chan struct{})
	env := newEnv(t, func(ctx context.Context) error {
		activity.RecordHeartbeat(ctx, canary)
		return waitFor(ctx, enough)
	})
	var beats int
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var got string
		require.NoError(t, details.Get(&got))
		require.Equal(t, canary, got)
		if beats++; beats == 5 {
			close(enough)
		}
	})
	env.ExecuteWorkflow(callWork(beating))
	require.NoError(t, env.GetWorkflowError())
	require.GreaterOrEqual(t, beats, 5)
}

func TestNextAttemptRepeatsTheDetailsOfTheFirst(t *testing.T) {
	t.Parallel()
	var attempt atomic.Int32
	enough := make(chan struct{})
	env := newEnv(t, func(ctx context.Context) error {
		if attempt.Add(1) == 1 {
			activity.RecordHeartbeat(ctx, canary)
			return errors.New("again")
		}
		return waitFor(ctx, enough)
	})
	var beats int
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var got string
		require.NoError(t, details.Get(&got))
		require.Equal(t, canary, got, "the second attempt, which records nothing, must not erase it")
		if beats++; beats == 4 {
			close(enough)
		}
	})
	env.ExecuteWorkflow(callWork(beating))
	require.NoError(t, env.GetWorkflowError())
	require.EqualValues(t, 2, attempt.Load())
}

func TestCancellationReachesTheActivity(t *testing.T) {
	t.Parallel()
	cancelled := make(chan struct{})
	env := newEnv(t, func(ctx context.Context) error {
		<-ctx.Done()
		close(cancelled)
		return ctx.Err()
	})
	var asked bool
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) {
		if !asked {
			asked = true
			env.CancelWorkflow()
		}
	})
	env.ExecuteWorkflow(callWork(beating))
	var stopped *temporal.CanceledError
	require.ErrorAs(t, env.GetWorkflowError(), &stopped)
	require.NoError(t, waitFor(t.Context(), cancelled))
}

func TestWithoutHeartbeatTimeoutThereAreNoHeartbeats(t *testing.T) {
	t.Parallel()
	beats := &tap{}
	env := newEnv(t, func(context.Context) error { return nil }, beats)
	env.ExecuteWorkflow(callWork(0))
	require.NoError(t, env.GetWorkflowError())
	require.Zero(t, beats.count.Load())
}

func TestNoHeartbeatOutlivesItsActivity(t *testing.T) {
	t.Parallel()
	beats := &tap{}
	env := newEnv(t, func(context.Context) error { return nil }, beats)
	// The shortest possible timeout, so that heartbeats are under way whenever an activity ends.
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		for range 50 {
			err := workflow.ExecuteActivity(withTimeouts(ctx, 3*time.Millisecond), "work").Get(ctx, nil)
			if err != nil && !temporal.IsTimeoutError(err) { // a busy machine may beat too late, which is not the question here
				return err
			}
		}
		return nil
	})
	require.NoError(t, env.GetWorkflowError())
	require.Zero(t, beats.late.Load())
}

func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return errors.New("nothing came")
	}
}

// tap counts the heartbeats that leave the interceptor under test, and those that leave it after the activity has ended.
type tap struct {
	interceptor.WorkerInterceptorBase
	count, late atomic.Int32
}

func (p *tap) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &tapIn{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, out: &tapOut{tap: p}}
}

type tapIn struct {
	interceptor.ActivityInboundInterceptorBase
	out *tapOut
}

func (p *tapIn) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	p.out.Next = outbound
	return p.Next.Init(p.out)
}

func (p *tapIn) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	defer p.out.ended.Store(true)
	return p.Next.ExecuteActivity(ctx, in)
}

type tapOut struct {
	interceptor.ActivityOutboundInterceptorBase
	tap   *tap
	ended atomic.Bool
}

func (p *tapOut) RecordHeartbeat(ctx context.Context, details ...any) {
	p.tap.count.Add(1)
	if p.ended.Load() {
		p.tap.late.Add(1)
	}
	p.Next.RecordHeartbeat(ctx, details...)
}
