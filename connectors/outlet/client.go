// Package outlet talks to the issuing points (网点): the hub announces cards that are on their way in a file, and collects
// the outlets' reports of arrivals, hand-overs and returns, which come unsolicited. What the files say is in wire.go, what they
// look like is in package layout.
package outlet

import (
	"context"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange/desk"
)

// Partner is the name under which the outlets exchange files.
const Partner = "OUTLET"

// Client is the hub's side of the exchange with the outlets. Its errors, and what becomes of rows that a layout cannot carry
// or that are wrong, are those of desk.Send and desk.Fetch.
type Client struct {
	desk.Desk
	Lister desk.Lister
}

// Dispatch sends f, a DISPATCH.
func (c Client) Dispatch(ctx context.Context, f card.File, rows iter.Seq2[card.DispatchRow, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.Dispatch, rows, dispatchFields)
}

// NewReports returns the reports that have come and are not done, oldest first. Its errors are those of exchange.List.
func (c Client) NewReports(ctx context.Context) ([]card.File, error) {
	return c.Lister.List(ctx, Partner, card.Report)
}

// Reports fetches f, a REPORT.
func (c Client) Reports(ctx context.Context, f card.File) (iter.Seq2[card.ReportRow, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.Report, parseReport)
}
