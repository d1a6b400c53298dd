// Package bank talks to cooperating banks: the hub has accounts opened in advance and activated after the hand-over, and
// asks what became of account requests; it has money blocked and paid, and takes back what comes back. Each is a file out and a
// file back, but for returns, which come unsolicited. What the files look like is the bank's affair
// (package layout); what they say is in wire.go.
package bank

import (
	"context"
	"iter"

	"onecard/card"
	"onecard/connectors/exchange/desk"
)

// Client is the hub's side of the exchange with all banks; a file names its bank. Its errors, and what becomes of rows that a
// layout cannot carry or that are wrong, are those of desk.Send and desk.Fetch. What concerns payments is in payment.go.
type Client struct {
	desk.Desk
	Lister desk.Lister // finds payments that have come back; no other method needs it
}

// RequestAccounts sends f, an ACCTREQ.
func (c Client) RequestAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountOrder, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.AcctReq, rows, accountFields)
}

// Accounts fetches f, an ACCTRET. Requested rows may be missing in it.
func (c Client) Accounts(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.AcctRet, parseAccount)
}

// Enquire sends f, an ACCTENQ: what became of these account requests?
func (c Client) Enquire(ctx context.Context, f card.File, rows iter.Seq2[card.AccountEnquiry, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.AcctEnq, rows, enquiryFields)
}

// Enquiries fetches f, an ACCTENR. A row with card.ResultNeverReceived may be requested again.
func (c Client) Enquiries(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.AcctEnr, parseEnquiry)
}

// RequestActivations sends f, an ACTREQ.
func (c Client) RequestActivations(ctx context.Context, f card.File, rows iter.Seq2[card.ActivationOrder, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.ActReq, rows, activationFields)
}

// Activations fetches f, an ACTRET.
func (c Client) Activations(ctx context.Context, f card.File) (iter.Seq2[card.ActivationAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.ActRet, parseActivation)
}
