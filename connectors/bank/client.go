// Package bank talks to cooperating banks: the hub has accounts opened in advance and activated after the hand-over, and
// asks what became of account requests, each by a file out and a file back. Every bank speaks the same layouts (wire.go).
package bank

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

// Client is the hub's side of the exchange with all banks; a file names its bank.
//
// Requests take their rows in ascending order of refs, and sending the same file again is harmless. Their errors are those
// of the rows, of exchange.Publish, and Invalid for a row that the file cannot carry.
//
// Answers are fetched at once and parsed while they are read, as often as one likes. The error of fetching is that of
// exchange.Collect, Later while there is no answer. An error among the rows, Invalid when the file breaks its layout, means
// that nothing of the file may be applied.
type Client struct{ Exchange Exchange }

// RequestAccounts sends f, an ACCTREQ.
func (c Client) RequestAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountOrder, error]) (card.Proof, error) {
	return publish(ctx, c.Exchange, f, accountRequest, rows, accountFields)
}

// Accounts fetches f, an ACCTRET. Requested rows may be missing in it.
func (c Client) Accounts(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return collect(ctx, c.Exchange, f, accountAnswer, parseAccount)
}

// Enquire sends f, an ACCTENQ: what became of these account requests?
func (c Client) Enquire(ctx context.Context, f card.File, rows iter.Seq2[card.AccountEnquiry, error]) (card.Proof, error) {
	return publish(ctx, c.Exchange, f, enquiry, rows, enquiryFields)
}

// Enquiries fetches f, an ACCTENR. A row with card.ResultNeverReceived may be requested again.
func (c Client) Enquiries(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return collect(ctx, c.Exchange, f, enquiryAnswer, parseEnquiry)
}

// RequestActivations sends f, an ACTREQ.
func (c Client) RequestActivations(ctx context.Context, f card.File, rows iter.Seq2[card.ActivationOrder, error]) (card.Proof, error) {
	return publish(ctx, c.Exchange, f, activationRequest, rows, activationFields)
}

// Activations fetches f, an ACTRET.
func (c Client) Activations(ctx context.Context, f card.File) (iter.Seq2[card.ActivationAnswer, error], error) {
	return collect(ctx, c.Exchange, f, activationAnswer, parseActivation)
}

// Done tells the bank that its file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }

func publish[T any](ctx context.Context, x Exchange, f card.File, l *layout.Layout, rows iter.Seq2[T, error],
	fields func(T, []string) (int, []string, error),
) (card.Proof, error) {
	if err := check("bank.publish", f, l); err != nil {
		return card.Proof{}, err
	}
	return x.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, l, f, rows, fields)
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

func collect[T any](ctx context.Context, x Exchange, f card.File, l *layout.Layout, parse func(*layout.Row) (T, error),
) (iter.Seq2[T, error], error) {
	if err := check("bank.collect", f, l); err != nil {
		return nil, err
	}
	got, err := x.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: &got.Manifest}, parse), nil
}

func check(op string, f card.File, l *layout.Layout) error {
	if f.Kind == l.Kind {
		return nil
	}
	return card.E(card.Internal, op, "", fmt.Errorf("%s is no %s", f.Name(), l.Kind))
}
