package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// OpenPayment is a payment that waits or is out.
type OpenPayment struct {
	Rollout card.RolloutID
	Row     int
	Card    card.Number
}

// openStates are the states of payments that wait or are out.
func openStates() []int16 {
	return []int16{int16(card.PayPlanned), int16(card.PayHeld), int16(card.PayReleased), int16(card.PayUnknown)}
}

// OpenPayments returns a share of the payments of a rollout that wait or are out; the same seed picks the same of the same.
func (l *Ledger) OpenPayments(ctx context.Context, id card.RolloutID, share float64, seed int64) ([]OpenPayment, error) {
	no, err := subsidyNo(ctx, l.pool, id)
	if err != nil {
		return nil, err
	}
	rows, err := l.pool.Query(ctx, `
		with waiting as (select i.row_no, r.card_no from `+rowsOfRollout+` where i.status = any($2))
		select $3::text, row_no, card_no from waiting order by sha256(convert_to($4::bigint || ':' || row_no, 'UTF8'))
		limit ceil((select count(*) from waiting) * $5::double precision)`, no, openStates(), string(id), seed, share)
	if err != nil {
		return nil, fault("pick payments", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OpenPayment])
	return all, fault("pick payments", err)
}

// CardChanged tells the payments that wait or are out what has happened to the card that they go to: what becomes of each is the
// rule table's (card.RuleFor), and stands in its trace. It returns the traces, which are none where nothing is open.
func (l *Ledger) CardChanged(ctx context.Context, number card.Number, event card.PayEvent, source string) (traces []PayTrace, err error) {
	err = l.tx(ctx, "tell payments of a change of their card", func(tx pgx.Tx) error {
		var person []byte
		if err := tx.QueryRow(ctx, "select (select person from card where city = any($2) and card_no = $1 limit 1)", string(number), allCities()).Scan(&person); err != nil {
			return err
		}
		if err := markChanged(ctx, tx, number, event); err != nil {
			return err
		}
		if traces, err = l.tellPayments(ctx, tx, []payeeEvent{{person, event, source}}, number); err != nil {
			return err
		}
		return l.audit(ctx, tx, source, "card.changed", string(number), fmt.Sprintf("%s: %d payments open", event, len(traces)))
	})
	return traces, err
}

// allCities are the cities in which a card may be: the tables are looked through by city, and a card's number does not tell it.
func allCities() (codes []int32) {
	for _, c := range card.Cities() {
		codes = append(codes, int32(atoi(c.Code))) //nolint:gosec // six digits
	}
	return codes
}

// markChanged keeps what no later payment may overlook: a death, and an account that is closed.
func markChanged(ctx context.Context, tx pgx.Tx, number card.Number, event card.PayEvent) error {
	var err error
	switch event {
	case card.PayDied, card.PayDeathReported:
		_, err = tx.Exec(ctx, "update person set died = true where person = (select person from card where city = any($2) and card_no = $1 limit 1)",
			string(number), allCities())
	case card.PayAccountClosed:
		_, err = tx.Exec(ctx, "update bank_account set status = $2 where city = any($3) and card_no = $1", string(number), card.Closed, allCities())
	case card.PayTempLoss, card.PayFormalLoss, card.PayReplaced, card.PayMovedCity, card.PaySwitchStarted, card.PaySwitchDone, card.PayCancelled,
		card.PayRenamed, card.PayUnregistered, card.PayCleared, card.PayBarred, card.PayNameCorrected:
	}
	return err
}
