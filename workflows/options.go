// Package workflows holds the programme's processes: one file each, read from top to bottom. They pass references, never
// people, and know no configuration, clock or network.
package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// heartbeat is how soon a worker that died is noticed. The worker's interceptor beats for every activity.
const heartbeat = 10 * time.Second

// How early work is picked when more waits than the workers can do: the lowest key first, 3 where nothing is said. A desk's work is
// before everything, and people's decisions are before the batches of issuance and subsidies. The population match waits behind all.
const (
	deskFirst    = 1
	decidedSoon  = 2
	batchesLater = 4
	matchLast    = 5
)

// quick is for steps of the hub itself.
func quick(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:    heartbeat,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
}

// heavy is for steps that move a whole batch or make a file.
func heavy(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour,
		HeartbeatTimeout:    heartbeat,
		WaitForCancellation: true,
		Priority:            temporal.Priority{PriorityKey: batchesLater},
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}

// decided is for what people decide about a rollout, which may take a look at all of its rows.
func decided(ctx workflow.Context) workflow.Context {
	return workflow.WithPriority(heavy(ctx), temporal.Priority{PriorityKey: decidedSoon})
}

// patient is for a partner's answer: the retry at a fixed interval is the poll, and it never gives up. The activity names
// the interval that was agreed with the partner; the one here is for when it could not even ask.
func patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour,
		HeartbeatTimeout:    heartbeat,
		WaitForCancellation: true,
		Priority:            temporal.Priority{PriorityKey: batchesLater},
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 1},
	})
}

// prompt is for short steps of the hub itself that must not wait behind the work of batches.
func prompt(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		HeartbeatTimeout:    heartbeat,
		Priority:            temporal.Priority{PriorityKey: deskFirst},
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second},
	})
}
