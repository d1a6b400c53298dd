package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// payments names its activities; it is never called through.
var payments *activities.Payments

// CheckBatchWorkflowID is the ID under which a batch of payments is checked.
func CheckBatchWorkflowID(b card.BatchID) string { return "check/" + b.String() }

// PayBatchWorkflowID is the ID under which a batch of payments is paid.
func PayBatchWorkflowID(b card.BatchID) string { return "payout/" + b.String() }

// CheckBatch makes sure that a batch of payments can be paid, before anybody is asked to approve it: civil affairs confirms that
// the people live and bear their names (file out, file in), and the bank tells the state of their accounts (file out, file in).
// Who fails is refused with the reason; who is left out of an answer is held.
func CheckBatch(ctx workflow.Context, in BatchInput) error {
	b := &batch{in: in, step: activities.Step{Batch: in.Batch}, gate: newGate(ctx, in.Held)}
	if err := b.do(ctx, nil, civil.RequestMatch); err != nil {
		return err
	}
	b.tellLeft(ctx)
	people, err := b.answer(ctx, civil.CollectMatch)
	if err != nil || people.Done == 0 {
		return err
	}
	_, err = b.ask(ctx, payments.QueryAccounts, payments.CollectAccountStates)
	return err
}

// askAgain is how long a bank that still does not know what became of a payment is left alone before it is asked again.
const askAgain = 10 * time.Minute

// PayBatch pays one batch, the people of one city and bank, and is over when the outcome of every payment is known:
//
// the money file is released to the bank, unless the rollout is paused or cancelled before; the bank answers which payments
// were made and which came back. What its answer leaves out, or what is not answered by the deadline, is unknown: the bank is asked
// about it, again and again, and nothing is ever sent twice.
//
// A cancel before the release ends the batch; after it, nothing can be stopped any more and the answers are waited for.
func PayBatch(ctx workflow.Context, in BatchInput) error {
	b := &batch{in: in, step: activities.Step{Batch: in.Batch}, gate: newGate(ctx, in.Held)}
	if err := b.gate.pass(leaving(ctx), nil, never, payments.Pay, b.step); err != nil && ctx.Err() == nil {
		return err
	}
	bankWord, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if ctx.Err() != nil {
		if left, err := b.hasLeft(bankWord); err != nil || !left {
			return ctx.Err()
		}
	}
	b.tellLeft(bankWord)
	return b.settle(bankWord)
}

// tellLeft tells the rollout that the batch's file has left, and that it mostly waits from now on. A rollout that has ended needs no
// telling.
func (b *batch) tellLeft(ctx workflow.Context) {
	if rollout := workflow.GetInfo(ctx).ParentWorkflowExecution; rollout != nil && tellsLeft(ctx) {
		_ = workflow.SignalExternalWorkflow(ctx, rollout.ID, "", signalLeft, b.in.Batch).Get(ctx, nil)
	}
}

// hasLeft says whether the money file may have left before the cancel took hold, and then makes sure that it has: half a release is
// none that could be explained.
func (b *batch) hasLeft(ctx workflow.Context) (bool, error) {
	var left bool
	if err := workflow.ExecuteActivity(quick(ctx), payments.HasLeft, b.in.Batch).Get(ctx, &left); err != nil || !left {
		return false, err
	}
	return true, workflow.ExecuteActivity(leaving(ctx), payments.Pay, b.step).Get(ctx, nil)
}

// settle waits for the bank's word about every payment. A pause does not hold it back: what has left the hub has left.
func (b *batch) settle(ctx workflow.Context) error {
	var t card.Tally
	if err := workflow.ExecuteActivity(patient(ctx), payments.CollectPayments, b.step).Get(ctx, &t); err != nil {
		return err
	}
	for round := 1; t.Unknown > 0; round++ {
		step := activities.Step{Batch: b.in.Batch, Round: round}
		if err := workflow.ExecuteActivity(heavy(ctx), payments.EnquirePayments, step).Get(ctx, nil); err != nil {
			return err
		}
		if err := workflow.ExecuteActivity(patient(ctx), payments.CollectPaymentEnquiry, step).Get(ctx, &t); err != nil {
			return err
		}
		if t.Unknown > 0 {
			if err := workflow.Sleep(ctx, askAgain); err != nil {
				return err
			}
		}
	}
	return workflow.ExecuteActivity(quick(ctx), rollouts.FinishBatch, b.in.Batch).Get(ctx, nil)
}
