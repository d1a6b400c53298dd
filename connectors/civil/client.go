// Package civil talks to civil affairs (民政): the hub asks in a file whether the people of a batch exist, and gets a file
// back. The wire is in wire.go.
package civil

import (
	"context"
	"fmt"
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
type Client struct{ Exchange Exchange }

// RequestMatch sends f, a MATCHREQ, with rows in ascending order of their refs. Sending the same file again is harmless.
// Errors are those of rows, of exchange.Publish, and Invalid for a row that the file cannot carry.
func (c Client) RequestMatch(ctx context.Context, f card.File, rows iter.Seq2[card.MatchRow, error]) (card.Proof, error) {
	if err := check("civil.request match", f, request); err != nil {
		return card.Proof{}, err
	}
	return c.Exchange.Publish(ctx, f, request.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, request, f, rows, matchFields)
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

// Matches fetches f, a MATCHRET, and returns its rows; the error is that of exchange.Collect, Later while there is no
// answer. The rows can be read more than once. An error among them, Invalid when the file breaks its layout, means that
// nothing of the file may be applied.
func (c Client) Matches(ctx context.Context, f card.File) (iter.Seq2[card.MatchAnswer, error], error) {
	if err := check("civil.matches", f, answer); err != nil {
		return nil, err
	}
	got, err := c.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, answer, layout.Expected{File: f, Manifest: &got.Manifest}, parseMatch), nil
}

// Done tells civil affairs that its file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }

func check(op string, f card.File, l *layout.Layout) error {
	if f.Kind == l.Kind {
		return nil
	}
	return card.E(card.Internal, op, "", fmt.Errorf("%s is no %s", f.Name(), l.Kind))
}
