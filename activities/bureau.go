package activities

import (
	"context"
	"iter"

	"onecard/card"
)

// ProductionLedger is the ledger's side of card production.
type ProductionLedger interface {
	Files
	// CardOrders returns the cards to be made, by row, provided that they are what was approved. The chip's dates come from f.
	CardOrders(ctx context.Context, b card.BatchID, f card.File) iter.Seq2[card.Order, error]
	// ApplyCards keeps the cards that were made and moves the rows; the outcome of those whose answers were refused is unknown.
	// Applying the same answer again gives the same tally.
	ApplyCards(ctx context.Context, b card.BatchID, request, f card.File, answers []card.OrderAnswer, refused []card.Finding) (card.Tally, error)
}

// CardBureau makes cards.
type CardBureau interface {
	Tray
	// OrderCards hands the orders over. Handing over the same file again is harmless.
	OrderCards(ctx context.Context, f card.File, rows iter.Seq2[card.Order, error]) (card.Proof, error)
	// Cards returns the answer; its error is of kind Later before there is one, Invalid when it is wrong.
	Cards(ctx context.Context, f card.File) (iter.Seq2[card.OrderAnswer, error], error)
}

// Bureau has cards made.
type Bureau struct {
	Ledger ProductionLedger
	Bureau CardBureau
	Terms  card.Terms
	Desk   *FileDesk
}

// OrderCards sends the batch's production file to the bureau.
func (b *Bureau) OrderCards(ctx context.Context, s Step) error {
	return fault(send(ctx, b.Ledger, s, b.Terms, card.CardReq, func(f card.File) iter.Seq2[card.Order, error] {
		return b.Ledger.CardOrders(ctx, s.Batch, f)
	}, b.Bureau.OrderCards))
}

// CollectCards takes the bureau's answer.
func (b *Bureau) CollectCards(ctx context.Context, s Step) (card.Tally, error) {
	t, err := receive(ctx, b.Ledger, s, answer[card.OrderAnswer]{
		request: card.CardReq,
		read:    b.Bureau.Cards,
		apply: func(ctx context.Context, request, f card.File, rows []card.OrderAnswer, refused []card.Finding) (card.Tally, error) {
			return b.Ledger.ApplyCards(ctx, s.Batch, request, f, rows, refused)
		},
		tray: b.Bureau,
		desk: b.Desk,
	})
	return t, faultIn(err, b.Terms.Poll)
}
