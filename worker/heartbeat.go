package worker

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
)

// beatsPerTimeout is how often an activity heartbeats within its heartbeat timeout.
const beatsPerTimeout = 3

// Heartbeat returns an interceptor that heartbeats in the background for every activity that has a heartbeat timeout, at
// a third of it, from the activity's start to its end. It repeats the details that the activity recorded last, in this
// attempt or the one before, so they must not be changed after they were recorded. When the server answers that the
// activity is cancelled, paused or lost, the SDK cancels the activity's context, and the heartbeats end.
//
// The SDK holds heartbeats back for up to 80 % of the timeout; worker.Options.MaxHeartbeatThrottleInterval must be
// shorter than a third of the shortest timeout for a cancellation to arrive that fast.
func Heartbeat() interceptor.WorkerInterceptor { return &heartbeat{} }

type heartbeat struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity is called once for each attempt of an activity.
func (*heartbeat) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &pulse{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}}
}

// pulse stands before one attempt of an activity.
type pulse struct {
	interceptor.ActivityInboundInterceptorBase
	progress *progress
}

// Init puts progress between the activity and the SDK.
func (p *pulse) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	p.progress = &progress{}
	p.progress.Next = outbound
	return p.Next.Init(p.progress)
}

// ExecuteActivity runs the activity with heartbeats beside it.
func (p *pulse) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	every := activity.GetInfo(ctx).HeartbeatTimeout / beatsPerTimeout
	if every <= 0 {
		return p.Next.ExecuteActivity(ctx, in)
	}
	p.progress.recall(ctx)
	defer p.start(ctx, every)()
	return p.Next.ExecuteActivity(ctx, in)
}

// start heartbeats until the returned function is called, which waits for the last heartbeat to end: one that arrived
// after the activity's result would be an error.
func (p *pulse) start(ctx context.Context, every time.Duration) (stop func()) {
	ended := make(chan struct{})
	var loop sync.WaitGroup
	loop.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.progress.repeat(ctx)
			case <-ctx.Done():
				return
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		loop.Wait()
	}
}

// progress remembers the details that were recorded last.
type progress struct {
	interceptor.ActivityOutboundInterceptorBase
	mu      sync.Mutex // held while a heartbeat is sent, so that no older details overtake newer ones
	details []any
}

// RecordHeartbeat is what the activity itself calls.
func (p *progress) RecordHeartbeat(ctx context.Context, details ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.details = details
	p.Next.RecordHeartbeat(ctx, details...)
}

func (p *progress) repeat(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Next.RecordHeartbeat(ctx, p.details...)
}

// recall takes over the details of the last attempt: a heartbeat without them would erase them on the server, and the
// attempt after this one would start at nought.
func (p *progress) recall(ctx context.Context) {
	if !p.HasHeartbeatDetails(ctx) {
		return
	}
	var last converter.RawValue
	if err := p.GetHeartbeatDetails(ctx, &last); err == nil {
		p.details = []any{last}
	}
}
