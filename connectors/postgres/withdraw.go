package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Withdraw ends a batch that was cancelled: rows without a card are withdrawn, cards made and not handed over are spoiled,
// their people may apply again, and the accounts opened for them are listed for closing. Cards in the hands of their holders
// become active, if they are not yet: the bank is not asked any more, their accounts are activated at its counters.
func (l *Ledger) Withdraw(ctx context.Context, b card.BatchID) error {
	return l.step(ctx, b, "WITHDRAW", func(tx pgx.Tx, s scope) error {
		if s.kind == KindSubsidy {
			return withdrawPayments(ctx, tx, s)
		}
		if err := l.activateHeld(ctx, tx, s); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update issuance_item set prior = status, reason = $4, status = case when status < $5 then $6::smallint else $7::smallint end
			where city = $1 and rollout = $2 and batch = $3 and status < $8 and status not in ($9, $10)`,
			s.args(string(card.ReasonCancelled), card.Made, card.Withdrawn, card.Spoiled, card.HandedOver, card.AccountFailed, card.MakeFailed)...); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update card c set app_status = $5 from issuance_item i where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4
			and c.city = i.city and c.card_no = i.card_no`, s.args(card.Spoiled, card.Cancelled)...); err != nil {
			return err
		}
		return release(ctx, tx, s)
	})
}

// activateHeld makes the cards active that are in the hands of their holders, in no round of the bank's.
func (l *Ledger) activateHeld(ctx context.Context, tx pgx.Tx, s scope) error {
	n, err := l.activate(ctx, tx, s, nil)
	if err != nil || n == 0 {
		return err
	}
	return l.tellBatch(ctx, tx, s, EventActivated, "withdrawn", map[string]any{"rows": n, "round": 0})
}

// release lets the people of the rows that ended without a card apply again, and lists the accounts opened for them for
// closing. Rows whose outcome is unknown keep their claim.
func release(ctx context.Context, tx pgx.Tx, s scope) error {
	ended := s.args(card.AccountFailed, card.MakeFailed, card.Withdrawn, card.Spoiled)
	if _, err := tx.Exec(ctx, `
		update bank_account a set to_close = true from issuance_item i
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status in ($4, $5, $6, $7)
		and a.city = i.city and a.card_no = i.card_no`, ended...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		update person p set card_no = null from issuance_item i join roster_row r using (city, rollout, row_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status in ($4, $5, $6, $7)
		and p.person = r.person and p.card_no = i.card_no`, ended...)
	return err
}
