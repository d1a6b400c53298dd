package activities

import (
	"context"
	"iter"
	"time"

	"onecard/card"
)

// PayLedger is the ledger's side of a batch of payments.
type PayLedger interface {
	Files
	// PayOrders returns the payments by row, provided that they are what everybody approved who must.
	PayOrders(ctx context.Context, b card.BatchID) iter.Seq2[card.PayOrder, error]
	// UnansweredPayments returns the payments whose outcome is unknown.
	UnansweredPayments(ctx context.Context, b card.BatchID) iter.Seq2[card.PayEnquiry, error]
	// ApplyPayments settles payments by the bank's word; applying the same answer again gives the same tally.
	ApplyPayments(ctx context.Context, b card.BatchID, f card.File, answers []card.PayAnswer, refused []card.Finding) (card.Tally, error)
	// HasLeft says whether the batch's money file may have left the hub.
	HasLeft(ctx context.Context, b card.BatchID) (bool, error)
	// ExpirePayments makes the payments unknown whose answer is overdue, and says whether it was.
	ExpirePayments(ctx context.Context, b card.BatchID) (t card.Tally, overdue bool, err error)
}

// PayCheckLedger is the ledger's side of the checks before a payment.
type PayCheckLedger interface {
	// AccountQueries returns the accounts that are about to be credited.
	AccountQueries(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountQuery, error]
	// ApplyAccountStates refuses payments to accounts that cannot be credited, and holds those that the bank left out.
	ApplyAccountStates(ctx context.Context, b card.BatchID, f card.File, answers []card.AccountState, refused []card.Finding) (card.Tally, error)
	// FinishChecks records that every batch of the rollout has been checked.
	FinishChecks(ctx context.Context, id card.RolloutID) error
}

// FundLedger is the ledger's side of the payer's money at a bank.
type FundLedger interface {
	// FundRound returns the round under which the order stands that round asks for: what a block has left is released once, in whatever
	// round it is asked for again.
	FundRound(ctx context.Context, b card.BatchID, round int) (int, error)
	// FundOrders returns the order of a round; even rounds block, odd ones release what the round before has left.
	FundOrders(ctx context.Context, b card.BatchID, partner, account string, round int) iter.Seq2[card.FundOrder, error]
	// ApplyFunds takes the bank's word about the payer's account.
	ApplyFunds(ctx context.Context, b card.BatchID, f card.File, answers []card.FundAnswer, refused []card.Finding) (card.Tally, error)
}

// MoneyDecisionLedger records approvals of money and the public notice.
type MoneyDecisionLedger interface {
	// ApprovePayout records a signed approval in a role and returns where the rollout then stands.
	ApprovePayout(ctx context.Context, id card.RolloutID, d card.Decision) (card.RolloutStatus, error)
	// CloseNotice records that the public notice is over, once, or returns how long it still runs.
	CloseNotice(ctx context.Context, id card.RolloutID) (left time.Duration, err error)
}

// Payer pays at a bank.
type Payer interface {
	Tray
	// Pay hands the payments over. Handing over the same file again is harmless.
	Pay(ctx context.Context, f card.File, rows iter.Seq2[card.PayOrder, error]) (card.Proof, error)
	// Payments returns the answer; its error is of kind Later before there is one, Invalid when it is wrong.
	Payments(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error)
	// EnquirePayments asks what became of payments. It never pays.
	EnquirePayments(ctx context.Context, f card.File, rows iter.Seq2[card.PayEnquiry, error]) (card.Proof, error)
	// PaymentEnquiries returns the answer to EnquirePayments.
	PaymentEnquiries(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error)
}

// PaybackLedger is the ledger's record of payments that came back after they were made.
type PaybackLedger interface {
	Arrived
	// ApplyPaybacks takes payments back, of whatever rollouts; applying the same file again changes nothing.
	ApplyPaybacks(ctx context.Context, f card.File, rows []card.PayAnswer, refused []card.Finding) error
}

// Returner tells of payments that came back after they were made.
type Returner interface {
	// NewPaybacks returns the files that lie ready at the partner, in their order.
	NewPaybacks(ctx context.Context, partner string) ([]card.File, error)
	// Paybacks returns the payments that came back; its error is of kind Invalid when the file is wrong.
	Paybacks(ctx context.Context, f card.File) (iter.Seq2[card.PayAnswer, error], error)
}

// Treasurer keeps a payer's account at a bank.
type Treasurer interface {
	// OrderFunds hands orders over; the bank carries out each once.
	OrderFunds(ctx context.Context, f card.File, rows iter.Seq2[card.FundOrder, error]) (card.Proof, error)
	// FundAnswers returns the answer to OrderFunds.
	FundAnswers(ctx context.Context, f card.File) (iter.Seq2[card.FundAnswer, error], error)
}

// AccountTeller knows the state of accounts at a bank.
type AccountTeller interface {
	// QueryAccounts asks in what state accounts are.
	QueryAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountQuery, error]) (card.Proof, error)
	// AccountStates returns the answer to QueryAccounts.
	AccountStates(ctx context.Context, f card.File) (iter.Seq2[card.AccountState, error], error)
}

// PayBank is one bank that pays.
type PayBank struct {
	Payer     Payer
	Treasurer Treasurer
	Teller    AccountTeller
	Returner  Returner
	Account   string       // the payer's, at this bank
	Window    *card.Window // when it takes payment files; nil: at any time
	Terms     card.Terms
}

// Payments pays subsidies at the banks.
type Payments struct {
	Ledger    PayLedger
	Checks    PayCheckLedger
	Funds     FundLedger
	Decisions MoneyDecisionLedger
	Paybacks  PaybackLedger
	CutOffs   CutOffLedger
	Banks     map[string]PayBank // by CNAPS prefix
	Desk      *FileDesk
	Now       func() time.Time
}

func (p *Payments) bank(id card.BatchID) (PayBank, error) {
	b, ok := p.Banks[id.Bank]
	if !ok {
		return b, card.E(card.NotFound, "find the bank "+id.Bank, card.ReasonPartnerUnknown, nil)
	}
	return b, nil
}

// ApprovePayout records the signed approval of one person in one role.
func (p *Payments) ApprovePayout(ctx context.Context, id card.RolloutID, d card.Decision) (card.RolloutStatus, error) {
	status, err := p.Decisions.ApprovePayout(ctx, id, d)
	return status, fault(err)
}

// CloseNotice records that the rollout's public notice is over, or returns how long it still runs.
func (p *Payments) CloseNotice(ctx context.Context, id card.RolloutID) (time.Duration, error) {
	left, err := p.Decisions.CloseNotice(ctx, id)
	return left, fault(err)
}

// FinishChecks records that every batch of the rollout has been checked.
func (p *Payments) FinishChecks(ctx context.Context, id card.RolloutID) error {
	return fault(p.Checks.FinishChecks(ctx, id))
}

// QueryAccounts asks the bank in what state the accounts are that the batch is going to credit.
func (p *Payments) QueryAccounts(ctx context.Context, s Step) error {
	return sendTo(ctx, p, s, card.AcctQry, func(b PayBank) orders[card.AccountQuery] {
		return orders[card.AccountQuery]{p.Checks.AccountQueries(ctx, s.Batch), b.Teller.QueryAccounts}
	})
}

// CollectAccountStates takes the bank's answer to QueryAccounts.
func (p *Payments) CollectAccountStates(ctx context.Context, s Step) (card.Tally, error) {
	return collectFrom(ctx, p, s, card.AcctQry, func(b PayBank) answer[card.AccountState] {
		return answer[card.AccountState]{read: b.Teller.AccountStates, apply: applyTo(s.Batch, p.Checks.ApplyAccountStates)}
	})
}

// OrderFunds has the payer's money at the batch's bank blocked, or what is left of it released.
// An order that was given before is not given again, also when its round has another number after a reset.
func (p *Payments) OrderFunds(ctx context.Context, s Step) (err error) {
	if s.Round, err = p.Funds.FundRound(ctx, s.Batch, s.Round); err != nil {
		return fault(err)
	}
	return sendTo(ctx, p, s, card.FundReq, func(b PayBank) orders[card.FundOrder] {
		return orders[card.FundOrder]{p.Funds.FundOrders(ctx, s.Batch, b.Terms.Partner, b.Account, s.Round), b.Treasurer.OrderFunds}
	})
}

// CollectFunds takes the bank's answer to OrderFunds.
func (p *Payments) CollectFunds(ctx context.Context, s Step) (t card.Tally, err error) {
	if s.Round, err = p.Funds.FundRound(ctx, s.Batch, s.Round); err != nil {
		return t, fault(err)
	}
	return collectFrom(ctx, p, s, card.FundReq, func(b PayBank) answer[card.FundAnswer] {
		return answer[card.FundAnswer]{read: b.Treasurer.FundAnswers, apply: applyTo(s.Batch, p.Funds.ApplyFunds)}
	})
}

// Pay sends the batch's payments to its bank: the release of the money. After the bank's cut-off it is tried again until the bank
// takes payment files.
func (p *Payments) Pay(ctx context.Context, s Step) error {
	if err := p.AwaitPayWindow(ctx, s.Batch); err != nil {
		return err
	}
	return sendTo(ctx, p, s, card.PayReq, func(b PayBank) orders[card.PayOrder] {
		return orders[card.PayOrder]{p.Ledger.PayOrders(ctx, s.Batch), b.Payer.Pay}
	})
}

// HasLeft says whether the batch's money file may have left the hub.
func (p *Payments) HasLeft(ctx context.Context, id card.BatchID) (bool, error) {
	left, err := p.Ledger.HasLeft(ctx, id)
	return left, fault(err)
}

// CollectPayments takes the bank's answer to Pay. Past its deadline, what has not been answered is unknown: it is asked about and
// never sent again.
func (p *Payments) CollectPayments(ctx context.Context, s Step) (card.Tally, error) {
	t, err := p.collectPayments(ctx, s)
	if card.KindOf(err) != card.Later {
		return t, err
	}
	t, overdue, failed := p.Ledger.ExpirePayments(ctx, s.Batch)
	if failed != nil {
		return t, fault(failed)
	}
	if overdue {
		return t, nil
	}
	return t, err
}

func (p *Payments) collectPayments(ctx context.Context, s Step) (card.Tally, error) {
	return collectFrom(ctx, p, s, card.PayReq, func(b PayBank) answer[card.PayAnswer] {
		return answer[card.PayAnswer]{read: b.Payer.Payments, apply: applyTo(s.Batch, p.Ledger.ApplyPayments)}
	})
}

// EnquirePayments asks the bank what became of the payments whose outcome is unknown.
func (p *Payments) EnquirePayments(ctx context.Context, s Step) error {
	return sendTo(ctx, p, s, card.PayEnq, func(b PayBank) orders[card.PayEnquiry] {
		return orders[card.PayEnquiry]{p.Ledger.UnansweredPayments(ctx, s.Batch), b.Payer.EnquirePayments}
	})
}

// CollectPaymentEnquiry takes the bank's answer to EnquirePayments, and the answer to the payments themselves if that comes late.
func (p *Payments) CollectPaymentEnquiry(ctx context.Context, s Step) (card.Tally, error) {
	if t, err := p.collectPayments(ctx, Step{Batch: s.Batch}); err == nil && t.Unknown == 0 {
		return t, nil
	}
	return collectFrom(ctx, p, s, card.PayEnq, func(b PayBank) answer[card.PayAnswer] {
		return answer[card.PayAnswer]{read: b.Payer.PaymentEnquiries, apply: applyTo(s.Batch, p.Ledger.ApplyPayments)}
	})
}

// takePaybacks applies what a partner tells of payments that came back, when it is a bank that pays.
func (p *Payments) takePaybacks(ctx context.Context, partner string) error {
	for _, b := range p.Banks {
		if b.Terms.Partner != partner {
			continue
		}
		return unsolicited[card.PayAnswer]{
			partner: partner, kind: card.PayBack, read: b.Returner.Paybacks, apply: p.Paybacks.ApplyPaybacks, ledger: p.Paybacks, tray: b.Payer, desk: p.Desk,
			list: func(ctx context.Context) ([]card.File, error) { return b.Returner.NewPaybacks(ctx, partner) },
		}.takeAll(ctx)
	}
	return nil
}

// orders are the rows of a request and how they reach the bank.
type orders[T any] struct {
	rows    iter.Seq2[T, error]
	publish func(context.Context, card.File, iter.Seq2[T, error]) (card.Proof, error)
}

// sendTo sends a request to the batch's bank.
func sendTo[T any](ctx context.Context, p *Payments, s Step, kind card.FileKind, what func(PayBank) orders[T]) error {
	b, err := p.bank(s.Batch)
	if err != nil {
		return fault(err)
	}
	o := what(b)
	return fault(send(ctx, p.Ledger, s, b.Terms, kind, func(card.File) iter.Seq2[T, error] { return o.rows }, o.publish))
}

// collectFrom takes the answer of the batch's bank to a request.
func collectFrom[T any](ctx context.Context, p *Payments, s Step, request card.FileKind, how func(PayBank) answer[T]) (card.Tally, error) {
	b, err := p.bank(s.Batch)
	if err != nil {
		return card.Tally{}, fault(err)
	}
	a := how(b)
	a.request, a.tray, a.desk = request, b.Payer, p.Desk
	t, err := receive(ctx, p.Ledger, s, a)
	return t, faultIn(err, b.Terms.Poll)
}

// applyTo applies an answer to a batch.
func applyTo[T any](id card.BatchID, apply func(context.Context, card.BatchID, card.File, []T, []card.Finding) (card.Tally, error)) func(context.Context, card.File, card.File, []T, []card.Finding) (card.Tally, error) {
	return func(ctx context.Context, _, f card.File, rows []T, refused []card.Finding) (card.Tally, error) {
		return apply(ctx, id, f, rows, refused)
	}
}
