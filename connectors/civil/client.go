// Package civil talks to civil affairs (民政): the hub asks in a file whether the people of a batch exist, and gets a file
// back. What the files say is in wire.go, what they look like is in package layout.
package civil

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

// Client is the hub's side of the exchange with civil affairs.
type Client struct {
	Exchange Exchange
	Files    layout.Desk
}

// RequestMatch sends f, a MATCHREQ, with rows in ascending order of their refs. Sending the same file again is harmless.
// Errors are those of rows, of exchange.Publish, and Invalid for a row that the file cannot carry.
func (c Client) RequestMatch(ctx context.Context, f card.File, rows iter.Seq2[card.MatchRow, error]) (card.Proof, error) {
	l, err := c.Files.Layout("civil.request match", f, card.MatchReq)
	if err != nil {
		return card.Proof{}, err
	}
	return c.Exchange.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, l, f, rows, matchFields, c.Files.Told(f))
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

// Matches fetches f, a MATCHRET, and returns its rows; the error is that of exchange.Collect, Later while there is no
// answer. The rows can be read more than once. An error among them, Invalid when the file breaks its layout, means that
// nothing of the file may be applied.
func (c Client) Matches(ctx context.Context, f card.File) (iter.Seq2[card.MatchAnswer, error], error) {
	l, err := c.Files.Layout("civil.matches", f, card.MatchRet)
	if err != nil {
		return nil, err
	}
	got, err := c.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: got.Declared(), Refused: c.Files.Told(f)}, parseMatch), nil
}

// Done tells civil affairs that its file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }
