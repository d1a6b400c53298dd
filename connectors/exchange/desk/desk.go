// Package desk brings rows to partners and theirs back: it joins the layouts that say what a partner's files look like with
// the exchange that brings files to and fro. A partner's connector knows the meaning of rows and nothing else.
package desk

import (
	"context"
	"fmt"
	"io"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// Publisher brings files to partners.
type Publisher interface {
	Publish(ctx context.Context, f card.File, layout string, write func(io.Writer) (exchange.Totals, error)) (card.Proof, error)
}

// Exchange brings files to partners and theirs back; it is what the package exchange promises.
type Exchange interface {
	Publisher
	Collect(ctx context.Context, f card.File) (*exchange.Received, error)
	Done(ctx context.Context, f card.File) error
	Quarantine(f card.File, why error) error
}

// Lister finds files that partners send unasked.
type Lister interface {
	List(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error)
}

// Desk is how the files of one partner are written and read. Without Layouts they are the standard ones.
type Desk struct {
	Exchange Exchange
	Layouts  layout.Set
}

// Done tells the partner that its file f has been processed. Repeating it is harmless.
func (d Desk) Done(ctx context.Context, f card.File) error { return d.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (d Desk) Quarantine(f card.File, why error) error { return d.Exchange.Quarantine(f, why) }

func (d Desk) layout(f card.File, kind card.FileKind) (*layout.Layout, error) {
	if f.Kind != kind {
		return nil, card.E(card.Internal, "find a layout", "", fmt.Errorf("%s is no %s", f.Name(), kind))
	}
	return d.Layouts.Of(kind)
}

// Send brings f, which must be of kind, to its partner, with rows in ascending order of their refs; fields is that of
// layout.Write. Sending the same file again is harmless. Rows that the partner's layout cannot carry are left out, and told in
// the proof; a file may be left without any. The errors are those of rows and of exchange.Publish.
func Send[T any](ctx context.Context, d Desk, f card.File, kind card.FileKind, rows iter.Seq2[T, error],
	fields func(T, []string) (int, []string, error),
) (card.Proof, error) {
	l, err := d.layout(f, kind)
	if err != nil {
		return card.Proof{}, err
	}
	return Publish(ctx, d.Exchange, f, l, rows, fields)
}

// Publish is Send in a layout that is known already.
func Publish[T any](ctx context.Context, x Publisher, f card.File, l *layout.Layout, rows iter.Seq2[T, error],
	fields func(T, []string) (int, []string, error),
) (card.Proof, error) {
	var refused []card.Finding
	proof, err := x.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		refused = nil // it may be written more than once
		count, fen, err := layout.Write(w, l, f, rows, fields, func(why card.Finding) { refused = append(refused, why) })
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
	proof.Refused = refused
	return proof, err
}

// Fetch fetches f, which must be of kind, and returns what parse makes of its rows, as often as one likes. Its error is that
// of exchange.Collect, Later while there is no such file. An error among the rows, Invalid when the file breaks its layout,
// means that nothing of the file may be applied, unless it is one of card.IsRefusedRow.
func Fetch[T any](ctx context.Context, d Desk, f card.File, kind card.FileKind, parse func(*layout.Row) (T, error),
) (iter.Seq2[T, error], error) {
	l, err := d.layout(f, kind)
	if err != nil {
		return nil, err
	}
	got, err := d.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: got.Declared()}, parse), nil
}
