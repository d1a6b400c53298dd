package workflows

import (
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
)

// The activities, named by their methods; they are never called through.
var (
	rollouts *activities.Rollouts
	civil    *activities.Civil
	bank     *activities.Bank
	bureau   *activities.Bureau
	outlets  *activities.Outlets
	cards    *activities.Cards
)

// BatchInput names a batch and how it is run.
type BatchInput struct {
	Batch  card.BatchID
	Remake bool // its people are matched and have accounts; only their cards are to be made again
	Held   bool // begin paused
}

// BatchWorkflowID is the ID under which the cards of a batch are produced.
func BatchWorkflowID(b card.BatchID) string { return "issuance/" + b.String() }

// IssueBatch takes one batch, the people of one city and bank, from their roster to cards on their way, and returns how
// many cards are:
//
// civil affairs confirms the people (file out, file in); each gets the one card number that he or she may have; the bank
// opens their accounts (file out, file in) and is asked once about those that its answer left out; the bureau makes the
// cards (file out, file in); the store receives and counts them; they are dispatched to outlet, employer or holder.
//
// Rows that fail drop out with their reason, the others go on. Every step moves the whole batch and may be repeated.
func IssueBatch(ctx workflow.Context, in BatchInput) (int, error) {
	b := &batch{in: in, step: activities.Step{Batch: in.Batch}, gate: newGate(ctx, in.Held)}
	if !in.Remake {
		if going, err := b.openAccounts(ctx); err != nil || going == 0 {
			return 0, err
		}
	}
	made, err := b.ask(ctx, bureau.OrderCards, bureau.CollectCards)
	if err != nil || made.Done == 0 {
		return 0, err
	}
	var stocked int
	if err := b.do(ctx, &stocked, outlets.ReceiveStock); err != nil {
		return 0, err
	}
	return stocked, b.do(ctx, nil, outlets.DispatchCards)
}

type batch struct {
	in   BatchInput
	step activities.Step
	gate *gate
}

// openAccounts has the people confirmed, their cards numbered and their accounts opened, and returns how many were.
func (b *batch) openAccounts(ctx workflow.Context) (int, error) {
	people, err := b.ask(ctx, civil.RequestMatch, civil.CollectMatch)
	if err != nil || people.Done == 0 {
		return 0, err
	}
	var numbered card.Tally
	if err := b.do(ctx, &numbered, rollouts.AllocateNumbers); err != nil || numbered.Done == 0 {
		return 0, err
	}
	accounts, err := b.ask(ctx, bank.RequestAccounts, bank.CollectAccounts)
	if err == nil && accounts.Unknown > 0 {
		accounts, err = b.ask(ctx, bank.EnquireAccounts, bank.CollectEnquiry)
	}
	return accounts.Done, err
}

// ask sends a file to a partner and waits for the answer.
func (b *batch) ask(ctx workflow.Context, request, collect any) (card.Tally, error) {
	if err := b.do(ctx, nil, request); err != nil {
		return card.Tally{}, err
	}
	return b.answer(ctx, collect)
}

// answer waits for an answer, however long it takes.
func (b *batch) answer(ctx workflow.Context, collect any) (t card.Tally, err error) {
	err = b.gate.pass(patient(ctx), &t, never, collect, b.step)
	return t, err
}

// do runs one step of the hub itself.
func (b *batch) do(ctx workflow.Context, result any, activity any) error {
	return b.gate.pass(heavy(ctx), result, never, activity, b.step)
}
