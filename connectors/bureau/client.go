// Package bureau talks to card bureaus: the hub orders the cards of a batch in a file and gets a file back that tells which
// were made and where they lie. What the files say is in wire.go, what they look like is in package layout, the chip's records
// in chip.go.
package bureau

import (
	"context"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange/desk"
)

// Client is the hub's side of the exchange with all bureaus; a file names its bureau. Its errors, and what becomes of rows
// that a layout or the chip cannot carry or that are wrong, are those of desk.Send and desk.Fetch.
type Client struct{ desk.Desk }

// OrderCards sends f, a CARDREQ.
func (c Client) OrderCards(ctx context.Context, f card.File, rows iter.Seq2[card.Order, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.CardReq, rows, cardFields)
}

// Cards fetches f, a CARDRET. Ordered rows may be missing in it.
func (c Client) Cards(ctx context.Context, f card.File) (iter.Seq2[card.OrderAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.CardRet, parseCard)
}
