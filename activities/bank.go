package activities

import (
	"context"
	"iter"

	"onecard/card"
)

// AccountLedger is the ledger's side of account openings and activations.
type AccountLedger interface {
	Files
	// AccountOrders returns the accounts to be opened, by row, provided that they are what was approved.
	AccountOrders(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountOrder, error]
	// UnansweredAccounts returns the openings that the bank's answer left out.
	UnansweredAccounts(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountEnquiry, error]
	// ApplyAccounts keeps the accounts and moves the rows; the outcome of those whose answers were refused is unknown. Applying
	// the same answer again gives the same tally.
	ApplyAccounts(ctx context.Context, b card.BatchID, f card.File, answers []card.AccountAnswer, refused []card.Finding) (card.Tally, error)
	// ActivationOrders returns the accounts to be activated in a round of hand-overs.
	ActivationOrders(ctx context.Context, b card.BatchID, round int) iter.Seq2[card.ActivationOrder, error]
	// ApplyActivations records what the bank says of the accounts, and which of its answers were refused.
	ApplyActivations(ctx context.Context, b card.BatchID, f card.File, answers []card.ActivationAnswer, refused []card.Finding) (card.Tally, error)
}

// AccountOpener opens accounts at a bank before their holders come, and says what became of openings.
type AccountOpener interface {
	// RequestAccounts hands the openings over. Handing over the same file again is harmless.
	RequestAccounts(ctx context.Context, f card.File, rows iter.Seq2[card.AccountOrder, error]) (card.Proof, error)
	// Accounts returns the answer; its error is of kind Later before there is one, Invalid when it is wrong.
	Accounts(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error)
	// Enquire asks what became of openings that the answer left out.
	Enquire(ctx context.Context, f card.File, rows iter.Seq2[card.AccountEnquiry, error]) (card.Proof, error)
	// Enquiries returns the answer to Enquire, as Accounts does.
	Enquiries(ctx context.Context, f card.File) (iter.Seq2[card.AccountAnswer, error], error)
}

// AccountActivator activates accounts at a bank once their cards are with their holders.
type AccountActivator interface {
	Tray
	// RequestActivations hands the activations over. Handing over the same file again is harmless.
	RequestActivations(ctx context.Context, f card.File, rows iter.Seq2[card.ActivationOrder, error]) (card.Proof, error)
	// Activations returns the answer; its error is of kind Later before there is one, Invalid when it is wrong.
	Activations(ctx context.Context, f card.File) (iter.Seq2[card.ActivationAnswer, error], error)
}

// BankPartner is one bank.
type BankPartner struct {
	Opener    AccountOpener
	Activator AccountActivator
	Terms     card.Terms
}

// Bank has accounts opened and activated at the banks.
type Bank struct {
	Ledger AccountLedger
	Banks  map[string]BankPartner // by CNAPS prefix
	Desk   *FileDesk
}

func (b *Bank) partner(id card.BatchID) (BankPartner, error) {
	p, ok := b.Banks[id.Bank]
	if !ok {
		return p, card.E(card.NotFound, "find the bank "+id.Bank, card.ReasonPartnerUnknown, nil)
	}
	return p, nil
}

// RequestAccounts sends the batch's account openings to its bank.
func (b *Bank) RequestAccounts(ctx context.Context, s Step) error {
	p, err := b.partner(s.Batch)
	if err != nil {
		return fault(err)
	}
	return fault(send(ctx, b.Ledger, s, p.Terms, card.AcctReq, func(card.File) iter.Seq2[card.AccountOrder, error] {
		return b.Ledger.AccountOrders(ctx, s.Batch)
	}, p.Opener.RequestAccounts))
}

// CollectAccounts takes the bank's answer to RequestAccounts.
func (b *Bank) CollectAccounts(ctx context.Context, s Step) (card.Tally, error) {
	p, err := b.partner(s.Batch)
	if err != nil {
		return card.Tally{}, fault(err)
	}
	t, err := receive(ctx, b.Ledger, s, answer[card.AccountAnswer]{
		request: card.AcctReq, read: p.Opener.Accounts, apply: b.applyAccounts(s.Batch), tray: p.Activator, desk: b.Desk,
	})
	return t, faultIn(err, p.Terms.Poll)
}

// EnquireAccounts asks the bank what became of the openings that its answer left out: an unknown outcome is asked about,
// never sent again.
func (b *Bank) EnquireAccounts(ctx context.Context, s Step) error {
	p, err := b.partner(s.Batch)
	if err != nil {
		return fault(err)
	}
	return fault(send(ctx, b.Ledger, s, p.Terms, card.AcctEnq, func(card.File) iter.Seq2[card.AccountEnquiry, error] {
		return b.Ledger.UnansweredAccounts(ctx, s.Batch)
	}, p.Opener.Enquire))
}

// CollectEnquiry takes the bank's answer to EnquireAccounts.
func (b *Bank) CollectEnquiry(ctx context.Context, s Step) (card.Tally, error) {
	p, err := b.partner(s.Batch)
	if err != nil {
		return card.Tally{}, fault(err)
	}
	t, err := receive(ctx, b.Ledger, s, answer[card.AccountAnswer]{
		request: card.AcctEnq, read: p.Opener.Enquiries, apply: b.applyAccounts(s.Batch), tray: p.Activator, desk: b.Desk,
	})
	return t, faultIn(err, p.Terms.Poll)
}

func (b *Bank) applyAccounts(id card.BatchID) func(context.Context, card.File, card.File, []card.AccountAnswer, []card.Finding) (card.Tally, error) {
	return func(ctx context.Context, _, f card.File, rows []card.AccountAnswer, refused []card.Finding) (card.Tally, error) {
		return b.Ledger.ApplyAccounts(ctx, id, f, rows, refused)
	}
}

// RequestActivations asks the bank to activate the accounts of a round of hand-overs.
func (b *Bank) RequestActivations(ctx context.Context, s Step) error {
	p, err := b.partner(s.Batch)
	if err != nil {
		return fault(err)
	}
	return fault(send(ctx, b.Ledger, s, p.Terms, card.ActReq, func(card.File) iter.Seq2[card.ActivationOrder, error] {
		return b.Ledger.ActivationOrders(ctx, s.Batch, s.Round)
	}, p.Activator.RequestActivations))
}

// CollectActivations takes the bank's answer to RequestActivations.
func (b *Bank) CollectActivations(ctx context.Context, s Step) (card.Tally, error) {
	p, err := b.partner(s.Batch)
	if err != nil {
		return card.Tally{}, fault(err)
	}
	t, err := receive(ctx, b.Ledger, s, answer[card.ActivationAnswer]{
		request: card.ActReq,
		read:    p.Activator.Activations,
		apply: func(ctx context.Context, _, f card.File, rows []card.ActivationAnswer, refused []card.Finding) (card.Tally, error) {
			return b.Ledger.ApplyActivations(ctx, s.Batch, f, rows, refused)
		},
		tray: p.Activator, desk: b.Desk,
	})
	return t, faultIn(err, p.Terms.Poll)
}
