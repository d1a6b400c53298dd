// Package civil talks to civil affairs (民政): the hub asks in a file whether the people of a batch exist, and gets a file
// back. What the files say is in wire.go, what they look like is in package layout.
package civil

import (
	"context"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange/desk"
)

// Client is the hub's side of the exchange with civil affairs. Its errors, and what becomes of rows that a layout cannot carry
// or that are wrong, are those of desk.Send and desk.Fetch.
type Client struct{ desk.Desk }

// RequestMatch sends f, a MATCHREQ.
func (c Client) RequestMatch(ctx context.Context, f card.File, rows iter.Seq2[card.MatchRow, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.MatchReq, rows, matchFields)
}

// Matches fetches f, a MATCHRET.
func (c Client) Matches(ctx context.Context, f card.File) (iter.Seq2[card.MatchAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.MatchRet, parseMatch)
}
