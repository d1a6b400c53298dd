package bank

import (
	"context"
	"iter"
	"strconv"

	"onecard/card"
	"onecard/connectors/exchange/desk"
)

// Pay sends f, a PAYREQ. A bank pays each instruction once, in whatever files it comes.
func (c Client) Pay(ctx context.Context, f card.File, rows iter.Seq2[card.PayOrder, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.PayReq, rows, paymentFields)
}

// Payments fetches f, a PAYRET. Rows may be missing in it: nobody knows then whether they were paid.
func (c Client) Payments(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.PayRet, parsePayment)
}

// EnquirePayments sends f, a PAYENQ: what became of these instructions?
func (c Client) EnquirePayments(ctx context.Context, f card.File, rows iter.Seq2[card.PayEnquiry, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.PayEnq, rows, payEnquiryFields)
}

// PaymentEnquiries fetches f, a PAYENR. A row with card.ResultNeverReceived was not paid and will not be.
func (c Client) PaymentEnquiries(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.PayEnr, parsePayEnquiry)
}

// NewPaybacks returns the partner's PAYBACK files that have come and are not done, oldest first. Its errors are those of
// exchange.List.
func (c Client) NewPaybacks(ctx context.Context, partner string) ([]card.File, error) {
	return c.Lister.List(ctx, partner, card.PayBack)
}

// Paybacks fetches f, a PAYBACK: payments that the bank has made and that have come back since (退票). One may be told more
// than once, and before the answer that says that it was paid. No Result is card.ResultDone.
func (c Client) Paybacks(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.PayBack, parsePayback)
}

// OrderFunds sends f, a FUNDREQ, with orders on payers' accounts. A bank carries out each order once.
func (c Client) OrderFunds(ctx context.Context, f card.File, rows iter.Seq2[card.FundOrder, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.FundReq, rows, fundFields)
}

// FundAnswers fetches f, a FUNDRET.
func (c Client) FundAnswers(ctx context.Context, f card.File) (iter.Seq2[card.FundAnswer, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.FundRet, parseFund)
}

// QueryAccounts sends f, an ACCTQRY: what state are these accounts in?
func (c Client) QueryAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountQuery, error]) (card.Proof, error) {
	return desk.Send(ctx, c.Desk, f, card.AcctQry, rows, queryFields)
}

// AccountStates fetches f, an ACCTSTA. Accounts that were asked about may be missing in it.
func (c Client) AccountStates(ctx context.Context, f card.File) (iter.Seq2[card.AccountState, error], error) {
	return desk.Fetch(ctx, c.Desk, f, card.AcctSta, parseState)
}

func paymentFields(o card.PayOrder, fields []string) (int, []string, error) {
	return o.Ref, append(fields, o.Instruction, string(o.Number), o.PAN, o.Name, fenText(o.Fen), o.Purpose), nil
}

func payEnquiryFields(e card.PayEnquiry, fields []string) (int, []string, error) {
	return e.Ref, append(fields, e.Instruction, string(e.Number), fenText(e.Fen)), nil
}

func fundFields(o card.FundOrder, fields []string) (int, []string, error) {
	return o.Ref, append(fields, o.Order, string(o.Action), o.Account, fenText(o.Fen), o.Block), nil
}

func queryFields(q card.AccountQuery, fields []string) (int, []string, error) {
	return q.Ref, append(fields, string(q.Number), q.PAN, q.Name), nil
}

func fenText(fen int64) string { return strconv.FormatInt(fen, 10) }
