package activities

import (
	"context"

	"onecard/card"
)

// CardLedger keeps the cards' own status.
type CardLedger interface {
	// ActivateCards makes the social function of the cards that were handed over active and returns how many belong to the
	// round; again returns the same number and leaves the cards that were handed over since to the next round.
	ActivateCards(ctx context.Context, b card.BatchID, round int) (int, error)
}

// Cards changes the cards' own status.
type Cards struct{ Ledger CardLedger }

// ActivateCards makes the social function of the cards that were handed over active. The bank account is another matter:
// the bank activates it.
func (c *Cards) ActivateCards(ctx context.Context, s Step) (int, error) {
	n, err := c.Ledger.ActivateCards(ctx, s.Batch, s.Round)
	return n, fault(err)
}
