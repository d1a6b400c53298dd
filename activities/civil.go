package activities

import (
	"context"
	"iter"

	"onecard/card"
)

// MatchLedger is the ledger's side of the comparison with civil affairs.
type MatchLedger interface {
	Files
	// MatchRows returns the people to be compared, by row.
	MatchRows(ctx context.Context, b card.BatchID) iter.Seq2[card.MatchRow, error]
	// ApplyMatches moves the rows as the answer says; the outcome of those whose answers were refused is unknown. Applying it
	// again answers with the same tally.
	ApplyMatches(ctx context.Context, b card.BatchID, f card.File, answers []card.MatchAnswer, refused []card.Finding) (card.Tally, error)
}

// Registry is civil affairs' register of people.
type Registry interface {
	Tray
	// RequestMatch hands the people over. Handing over the same file again is harmless.
	RequestMatch(ctx context.Context, f card.File, rows iter.Seq2[card.MatchRow, error]) (card.Proof, error)
	// Matches returns the answer; its error is of kind Later before there is one, Invalid when it is wrong.
	Matches(ctx context.Context, f card.File) (iter.Seq2[card.MatchAnswer, error], error)
}

// Civil compares the people of a batch with civil affairs.
type Civil struct {
	Ledger   MatchLedger
	Registry Registry
	Terms    card.Terms
	Desk     *FileDesk
}

// RequestMatch sends the people of the batch to civil affairs.
func (c *Civil) RequestMatch(ctx context.Context, s Step) error {
	return fault(send(ctx, c.Ledger, s, c.Terms, card.MatchReq, func(card.File) iter.Seq2[card.MatchRow, error] {
		return c.Ledger.MatchRows(ctx, s.Batch)
	}, c.Registry.RequestMatch))
}

// CollectMatch takes civil affairs' answer.
func (c *Civil) CollectMatch(ctx context.Context, s Step) (card.Tally, error) {
	t, err := c.collect(ctx, s)
	return t, faultIn(err, c.Terms.Poll)
}

func (c *Civil) collect(ctx context.Context, s Step) (card.Tally, error) {
	return receive(ctx, c.Ledger, s, answer[card.MatchAnswer]{
		request: card.MatchReq,
		read:    c.Registry.Matches,
		apply: func(ctx context.Context, _, f card.File, rows []card.MatchAnswer, refused []card.Finding) (card.Tally, error) {
			return c.Ledger.ApplyMatches(ctx, s.Batch, f, rows, refused)
		},
		tray: c.Registry,
		desk: c.Desk,
	})
}
