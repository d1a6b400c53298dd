package workflows

import "go.temporal.io/sdk/workflow"

// signalHold tells a batch to stop before its next step (true) or to go on (false).
const signalHold = "hold"

// gate lets a batch's steps pass one by one unless the rollout is paused.
type gate struct {
	held    bool
	signals workflow.ReceiveChannel
}

// newGate follows the hold signals for as long as the workflow runs.
func newGate(ctx workflow.Context, held bool) *gate {
	g := &gate{held: held, signals: workflow.GetSignalChannel(ctx, signalHold)}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for g.signals.Receive(ctx, &g.held) {
			continue
		}
	})
	return g
}

// isHeld takes in what was told last, for the run that comes after this one.
func (g *gate) isHeld() bool {
	for g.signals.ReceiveAsync(&g.held) {
		continue
	}
	return g.held
}

// pass runs one activity to its end. A pause holds it back; one that comes meanwhile, or a wake that turns true, breaks it
// off, and it is begun again: what had its effect already has it once.
func (g *gate) pass(ctx workflow.Context, result any, wake func() bool, activity any, args ...any) error {
	for {
		if err := workflow.Await(ctx, func() bool { return !g.held }); err != nil {
			return err
		}
		attempt, cancel := workflow.WithCancel(ctx)
		future := workflow.ExecuteActivity(attempt, activity, args...)
		ended := workflow.Await(ctx, func() bool { return future.IsReady() || g.held || wake() })
		broken := ended == nil && !future.IsReady()
		cancel()
		err := future.Get(ctx, result) // a step that is under way ends before anything else is done
		switch {
		case err == nil, ended == nil && !broken:
			return err
		case ended != nil:
			return ended
		}
	}
}

func never() bool { return false }
