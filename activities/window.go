package activities

import (
	"context"
	"time"

	"onecard/card"
)

// lookAgain is how often it is looked whether a bank takes payment files again, at least: what is agreed with it may change meanwhile.
const lookAgain = time.Minute

// CutOffLedger tells people which batches wait for their bank's business hours.
type CutOffLedger interface {
	// HasLeft says whether the batch's money file may have left the hub.
	HasLeft(ctx context.Context, b card.BatchID) (bool, error)
	// AwaitWindow records that the batch waits until its bank takes payment files again; the same again changes nothing.
	AwaitWindow(ctx context.Context, b card.BatchID, partner string, until time.Time) error
}

// PayWindowOpen says whether the batch's money file may leave now; if not, the ledger tells until when it waits.
func (p *Payments) PayWindowOpen(ctx context.Context, id card.BatchID) (bool, error) {
	wait, err := p.untilWindow(ctx, id)
	return err == nil && wait <= 0, fault(err)
}

// AwaitPayWindow ends when the batch's money file may leave; until then its error is of kind Later.
func (p *Payments) AwaitPayWindow(ctx context.Context, id card.BatchID) error {
	wait, err := p.untilWindow(ctx, id)
	if err == nil && wait > 0 {
		err = card.E(card.Later, "wait for the bank's business hours", card.ReasonCutOff, nil)
	}
	return faultIn(err, min(wait, lookAgain))
}

// untilWindow is how long it takes until the batch's bank takes payment files. A file that may have left already is not held back:
// half a release is none that could be explained.
func (p *Payments) untilWindow(ctx context.Context, id card.BatchID) (time.Duration, error) {
	b, err := p.bank(id)
	if err != nil || b.Window == nil {
		return 0, err
	}
	now := p.Now()
	opens := b.Window.Next(now)
	if !opens.After(now) {
		return 0, nil
	}
	if left, err := p.CutOffs.HasLeft(ctx, id); err != nil || left {
		return 0, err
	}
	return opens.Sub(now), p.CutOffs.AwaitWindow(ctx, id, b.Terms.Partner, opens)
}
