// Package bureau talks to card bureaus: the hub orders the cards of a batch in a file and gets a file back that tells which
// were made and where they lie. What the files say is in wire.go, what they look like is in package layout, the chip's records in chip.go.
package bureau

import (
	"context"
	"io"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// Exchange is what the client needs of the file exchange.
type Exchange interface {
	Publish(ctx context.Context, f card.File, layout string, write func(io.Writer) (exchange.Totals, error)) (card.Proof, error)
	Collect(ctx context.Context, f card.File) (*exchange.Received, error)
	Done(ctx context.Context, f card.File) error
	Quarantine(f card.File, why error) error
}

// Client is the hub's side of the exchange with all bureaus; a file names its bureau.
type Client struct {
	Exchange Exchange
	Files    layout.Desk
}

// OrderCards sends f, a CARDREQ, with rows in ascending order of their refs. Sending the same file again is harmless.
// Errors are those of rows, of exchange.Publish, and Invalid for a row that the file or the chip cannot carry.
func (c Client) OrderCards(ctx context.Context, f card.File, rows iter.Seq2[card.Order, error]) (card.Proof, error) {
	l, err := c.Files.Layout("bureau.order cards", f, card.CardReq)
	if err != nil {
		return card.Proof{}, err
	}
	return c.Exchange.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, l, f, rows, cardFields, c.Files.Told(f))
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

// Cards fetches f, a CARDRET, and returns its rows; the error is that of exchange.Collect, Later while there is no answer.
// The rows can be read more than once, and ordered rows may be missing. An error among them, Invalid when the file breaks
// its layout, means that nothing of the file may be applied.
func (c Client) Cards(ctx context.Context, f card.File) (iter.Seq2[card.OrderAnswer, error], error) {
	l, err := c.Files.Layout("bureau.cards", f, card.CardRet)
	if err != nil {
		return nil, err
	}
	got, err := c.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: got.Declared(), Refused: c.Files.Told(f)}, parseCard), nil
}

// Done tells the bureau that its file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }
