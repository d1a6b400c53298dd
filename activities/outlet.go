package activities

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"onecard/card"
)

// StockLedger is the ledger's side of stock, dispatch and hand-over.
type StockLedger interface {
	Files
	// ReceiveStock takes the finished cards into the store and returns how many there are; again gives the same number.
	ReceiveStock(ctx context.Context, b card.BatchID) (int, error)
	// DispatchRows returns the cards that leave the store, by row.
	DispatchRows(ctx context.Context, b card.BatchID) iter.Seq2[card.DispatchRow, error]
}

// HandOverLedger is the ledger's record of what the outlets report.
type HandOverLedger interface {
	Arrived
	// ApplyReport moves the cards that the report names, and records which of its rows were refused; again changes nothing.
	ApplyReport(ctx context.Context, f card.File, rows []card.ReportRow, refused []card.Finding) error
	// HandOvers tells how far the hand-over of a batch has come, and which round of activations is next.
	HandOvers(ctx context.Context, b card.BatchID) (card.HandOverProgress, error)
	// AwaitHandOver says that the batch waits for the outlets, unless it says so already or waits for somebody else.
	AwaitHandOver(ctx context.Context, b card.BatchID, partner string, until time.Time) error
}

// OutletNetwork is the outlets, which hand the cards over.
type OutletNetwork interface {
	Tray
	// Dispatch announces the cards. Announcing the same file again is harmless.
	Dispatch(ctx context.Context, f card.File, rows iter.Seq2[card.DispatchRow, error]) (card.Proof, error)
	// NewReports returns the reports that lie ready, in their order.
	NewReports(ctx context.Context) ([]card.File, error)
	// Reports returns the rows of a report; its error is of kind Invalid when it is wrong.
	Reports(ctx context.Context, f card.File) (iter.Seq2[card.ReportRow, error], error)
}

// Outlets brings finished cards to their holders.
type Outlets struct {
	Ledger    StockLedger
	HandOvers HandOverLedger
	Network   OutletNetwork
	Terms     card.Terms
	Desk      *FileDesk

	collecting sync.Mutex // many batches wait for the same reports
	collected  time.Time  // when they were last looked for
}

// ReceiveStock takes the batch's finished cards into the store.
func (o *Outlets) ReceiveStock(ctx context.Context, s Step) (int, error) {
	n, err := o.Ledger.ReceiveStock(ctx, s.Batch)
	return n, fault(err)
}

// DispatchCards sends the batch's cards on their way, by outlet, employer or post, and tells the outlets.
func (o *Outlets) DispatchCards(ctx context.Context, s Step) error {
	if err := send(ctx, o.Ledger, s, o.Terms, card.Dispatch, func(card.File) iter.Seq2[card.DispatchRow, error] {
		return o.Ledger.DispatchRows(ctx, s.Batch)
	}, o.Network.Dispatch); err != nil {
		return fault(err)
	}
	return fault(o.HandOvers.AwaitHandOver(ctx, s.Batch, o.Terms.Partner, time.Now().Add(o.Terms.AnswerWithin)))
}

// CollectReports applies the reports that lie ready, whichever batches they speak of, and returns how far this batch has
// come. Its error is of kind Later while cards are on their way and none has been handed over since. What a desk has handed
// over goes on also when the outlets cannot be reached.
func (o *Outlets) CollectReports(ctx context.Context, s Step) (card.HandOverProgress, error) {
	faults := o.applyReports(ctx, o.Terms.Poll/2)
	p, err := o.HandOvers.HandOvers(ctx, s.Batch)
	if err == nil && (p.HandedOver > 0 || p.Waiting == 0) {
		return p, nil
	}
	if err = errors.Join(err, faults); err == nil {
		err = o.wait(ctx, s.Batch)
	}
	return p, faultIn(err, o.Terms.Poll)
}

// wait says that the batch waits for the outlets, and until when, counted from the last time that it heard of them.
func (o *Outlets) wait(ctx context.Context, b card.BatchID) error {
	if err := o.HandOvers.AwaitHandOver(ctx, b, o.Terms.Partner, time.Now().Add(o.Terms.AnswerWithin)); err != nil {
		return err
	}
	return card.E(card.Later, "wait for the hand-over of "+b.String(), card.ReasonNoAnswer, nil)
}

// applyReports applies what lies ready. One look serves all batches that ask at about the same time, so that those who wait
// for their turn do not fill the worker; so does one that is not older than fresh.
func (o *Outlets) applyReports(ctx context.Context, fresh time.Duration) error {
	asked := time.Now()
	o.collecting.Lock()
	defer o.collecting.Unlock()
	if o.collected.After(asked) || time.Since(o.collected) < fresh {
		return nil
	}
	began := time.Now()
	u := unsolicited[card.ReportRow]{
		partner: o.Terms.Partner, kind: card.Report, list: o.Network.NewReports, read: o.Network.Reports,
		apply: o.HandOvers.ApplyReport, ledger: o.HandOvers, tray: o.Network, desk: o.Desk,
	}
	if err := u.takeAll(ctx); err != nil {
		return err
	}
	o.collected = began
	return nil
}
