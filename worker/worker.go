// Package worker runs the processes: it knows the task queue, registers workflows and activities once for workers, tests
// and replays, and seals what Temporal keeps.
package worker

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"onecard/activities"
	"onecard/workflows"
)

// TaskQueue is where the work of rollouts waits. Work with a person in front of it will have a queue of its own.
const TaskQueue = "issuance"

// Activities are the steps with an effect, ready to run.
type Activities struct {
	Rollouts  *activities.Rollouts
	Civil     *activities.Civil
	Bank      *activities.Bank
	Bureau    *activities.Bureau
	Outlets   *activities.Outlets
	Cards     *activities.Cards
	Timetable *activities.Timetable
	FileWatch *activities.FileWatch
	Payments  *activities.Payments
	Processes *activities.Processes // New sets it

	Population *activities.Population
}

// RegisterWorkflows registers every workflow.
func RegisterWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflow(workflows.Issuance)
	r.RegisterWorkflow(workflows.IssueBatch)
	r.RegisterWorkflow(workflows.HandOverBatch)
	r.RegisterWorkflow(workflows.Timetable)
	r.RegisterWorkflow(workflows.WatchFiles)
	r.RegisterWorkflow(workflows.Subsidy)
	r.RegisterWorkflow(workflows.CheckBatch)
	r.RegisterWorkflow(workflows.PayBatch)
	r.RegisterWorkflow(workflows.MonthlyMatch)
	r.RegisterWorkflow(workflows.PopulationMatch)
	r.RegisterWorkflow(workflows.MatchCity)
}

// RegisterActivities registers every activity.
func RegisterActivities(r worker.ActivityRegistry, a Activities) {
	for _, steps := range []any{a.Rollouts, a.Civil, a.Bank, a.Bureau, a.Outlets, a.Cards, a.Timetable, a.FileWatch, a.Payments, a.Processes, a.Population} {
		r.RegisterActivity(steps)
	}
}

// Options say how much a worker does at once.
type Options struct {
	Activities int // at once; each may hold one batch in memory
}

// beat is how soon the server learns of a heartbeat; it must be well below the heartbeat timeout of the workflows.
const beat = 2 * time.Second

// New returns a worker that has everything registered. It is started and stopped by the caller.
func New(c client.Client, a Activities, o Options) worker.Worker {
	w := worker.New(c, TaskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize: o.Activities,
		MaxHeartbeatThrottleInterval:       beat,
		DefaultHeartbeatThrottleInterval:   beat,
		WorkerStopTimeout:                  10 * time.Second,
		Interceptors:                       []interceptor.WorkerInterceptor{Heartbeat()},
	})
	a.Processes = &activities.Processes{Engine: Engine(c)}
	RegisterWorkflows(w)
	RegisterActivities(w, a)
	return w
}
