// Package outlet talks to the issuing points (网点): the hub announces cards that are on their way in a file, and collects
// the outlets' reports of arrivals, hand-overs and returns, which come unsolicited. What the files say is in wire.go, what they look like is in package layout.
package outlet

import (
	"context"
	"io"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// Partner is the name under which the outlets exchange files.
const Partner = "OUTLET"

// Exchange is what the client needs of the file exchange.
type Exchange interface {
	Publish(ctx context.Context, f card.File, layout string, write func(io.Writer) (exchange.Totals, error)) (card.Proof, error)
	Collect(ctx context.Context, f card.File) (*exchange.Received, error)
	List(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error)
	Done(ctx context.Context, f card.File) error
	Quarantine(f card.File, why error) error
}

// Client is the hub's side of the exchange with the outlets.
type Client struct {
	Exchange Exchange
	Files    layout.Desk
}

// Dispatch sends f, a DISPATCH, with rows in ascending order of their refs. Sending the same file again is harmless.
// Errors are those of rows, of exchange.Publish, and Invalid for a row that the file cannot carry.
func (c Client) Dispatch(ctx context.Context, f card.File, rows iter.Seq2[card.DispatchRow, error]) (card.Proof, error) {
	l, err := c.Files.Layout("outlet.dispatch", f, card.Dispatch)
	if err != nil {
		return card.Proof{}, err
	}
	return c.Exchange.Publish(ctx, f, l.Name(), func(w io.Writer) (exchange.Totals, error) {
		count, fen, err := layout.Write(w, l, f, rows, dispatchFields, c.Files.Told(f))
		return exchange.Totals{Rows: count, Fen: fen}, err
	})
}

// NewReports returns the reports that have come and are not done, oldest first. Its errors are those of exchange.List.
func (c Client) NewReports(ctx context.Context) ([]card.File, error) {
	return c.Exchange.List(ctx, Partner, card.Report)
}

// Reports fetches f, a REPORT, and returns its rows; the error is that of exchange.Collect. The rows can be read more than
// once. An error among them, Invalid when the file breaks its layout, means that nothing of the file may be applied.
func (c Client) Reports(ctx context.Context, f card.File) (iter.Seq2[card.ReportRow, error], error) {
	l, err := c.Files.Layout("outlet.reports", f, card.Report)
	if err != nil {
		return nil, err
	}
	got, err := c.Exchange.Collect(ctx, f)
	if err != nil {
		return nil, err
	}
	return layout.Read(got.Open, l, layout.Expected{File: f, Manifest: got.Declared(), Refused: c.Files.Told(f)}, parseReport), nil
}

// Done tells the outlets that their file f has been processed. Repeating it is harmless.
func (c Client) Done(ctx context.Context, f card.File) error { return c.Exchange.Done(ctx, f) }

// Quarantine sets a fetched file aside that turned out to be wrong, so that a better one can be fetched under its name.
func (c Client) Quarantine(f card.File, why error) error { return c.Exchange.Quarantine(f, why) }
