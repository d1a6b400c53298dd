package workflows

import (
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// SignalHandedOver wakes the hand-over of a batch when a desk has handed a card over without a file.
const SignalHandedOver = "handed-over"

// HandOverWorkflowID is the ID under which the cards of a batch reach their holders.
func HandOverWorkflowID(b card.BatchID) string { return "handover/" + b.String() }

// HandOverBatch brings the dispatched cards of a batch to life:
//
// the outlets report, in as many files as they like and over weeks, or a desk tells the hub directly; each time cards have
// been handed over, their social function is activated in the ledger, and the bank is asked (file out, file in) to activate
// their accounts. The batch is done when no card is on its way any more. Before its history grows too long for Temporal, it
// continues as new.
func HandOverBatch(ctx workflow.Context, in BatchInput) error {
	b := &batch{in: in, step: activities.Step{Batch: in.Batch}, gate: newGate(ctx, in.Held)}
	desk := followDesk(ctx)
	for {
		var p card.HandOverProgress
		if err := b.gate.pass(patient(ctx), &p, desk.take, outlets.CollectReports, b.step); err != nil {
			return err
		}
		if p.HandedOver == 0 && p.Waiting == 0 {
			return b.gate.pass(quick(ctx), nil, never, rollouts.FinishBatch, in.Batch)
		}
		b.step.Round = p.Round
		if err := b.activate(ctx); err != nil {
			return err
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			in.Held = b.gate.isHeld()
			return workflow.NewContinueAsNewError(ctx, HandOverBatch, in)
		}
	}
}

// activate makes the cards of this round active, and has the bank activate their accounts.
func (b *batch) activate(ctx workflow.Context) error {
	var n int
	if err := b.do(ctx, &n, cards.ActivateCards); err != nil || n == 0 {
		return err
	}
	_, err := b.ask(ctx, bank.RequestActivations, bank.CollectActivations)
	return err
}

// desk remembers that a desk has handed a card over.
type desk struct{ told bool }

func followDesk(ctx workflow.Context) *desk {
	d := &desk{}
	signals := workflow.GetSignalChannel(ctx, SignalHandedOver)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for signals.Receive(ctx, nil) {
			d.told = true
		}
	})
	return d
}

// take answers once for what the desk told.
func (d *desk) take() bool {
	told := d.told
	d.told = false
	return told
}
