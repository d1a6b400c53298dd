// Package bank talks to cooperating banks: the hub has accounts opened in advance and activated after the hand-over, and
// asks what became of account requests, each by a file out and a file back. What the files look like is the bank's affair
// (package layout); what they say is in wire.go.
package bank

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

// Client is the hub's side of the exchange with all banks; a file names its bank.
//
// Requests take their rows in ascending order of refs, and sending the same file again is harmless. Their errors are those
// of the rows, of exchange.Publish, and Invalid for a row that the file cannot carry.
//
// Answers are fetched at once and parsed while they are read, as often as one likes. The error of fetching is that of
// exchange.Collect, Later while there is no answer. An error among the rows, Invalid when the file breaks its layout, means
// that nothing of the file may be applied.
type Client struct {
	Exchange Exchange
	Files    layout.Desk
}

// RequestAccounts sends f, an ACCTREQ.
func (c Client) RequestAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountOrder, error]) (card.Proof, error) {
	return publish(ctx, c, f, card.AcctReq, rows, accountFields)
}

// Accounts fetches f, an ACCTRET. Requested rows may be missing in it.
func (c Client) Accounts(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return collect(ctx, c, f, card.AcctRet, parseAccount)
}

// Enquire sends f, an ACCTENQ: what became of these account requests?
func (c Client) Enquire(ctx context.Context, f card.File, rows iter.Seq2[card.AccountEnquiry, error]) (card.Proof, error) {
	return publish(ctx, c, f, card.AcctEnq, rows, enquiryFields)
}

// Enquiries fetches f, an ACCTENR. A row with card.ResultNeverReceived may be requested again.
func (c Client) Enquiries(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return collect(ctx, c, f, card.AcctEnr, parseEnquiry)
}

// RequestActivations sends f, an ACTREQ.
func (c Client) RequestActivations(ctx context.Context, f card.File, rows iter.Seq2[card.ActivationOrder, error]) (card.Proof, error) {
	return publish(ctx, c, f, card.ActReq, rows, activationFields)
}

// Activations fetches f, an ACTRET.
func (c Client) Activations(ctx context.Context, f card.File) (iter.Seq2[card.ActivationAnswer, error], error) {
	return collect(ctx, c, f, card.ActRet, parseActivation)
}

// Done tells the bank that its file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }

func publish[T any](ctx context.Context, c Client, f card.File, kind card.FileKind, rows iter.Seq2[T, error],
	fields func(T, []string) (int, []string, error),
) (card.Proof, error) {
	l, err := c.Files.Layout("bank.publish", f, kind)
	if err != nil {
		return card.Proof{}, err
	}
	return c.Exchange.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, l, f, rows, fields, c.Files.Told(f))
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

func collect[T any](ctx context.Context, c Client, f card.File, kind card.FileKind, parse func(*layout.Row) (T, error),
) (iter.Seq2[T, error], error) {
	l, err := c.Files.Layout("bank.collect", f, kind)
	if err != nil {
		return nil, err
	}
	got, err := c.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: got.Declared(), Refused: c.Files.Told(f)}, parse), nil
}
