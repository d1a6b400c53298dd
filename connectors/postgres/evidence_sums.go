package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Reconciliation is the money of a rollout by bank, counted from its rows. Total also has what was refused at intake, which
// belongs to no bank.
type Reconciliation struct {
	Total Money       `json:"total"`
	Banks []BankMoney `json:"banks"`
	Funds []Fund      `json:"funds"`
}

// Reconciliation counts the payments by bank and state.
func (e *Evidence) Reconciliation(ctx context.Context) (r Reconciliation, err error) {
	var refused Sum
	if err := e.tx.QueryRow(ctx, "select count(*), coalesce(sum(fen), 0)::bigint from roster_refusal where rollout = $1", e.no).Scan(&refused.Rows, &refused.Fen); err != nil {
		return r, err
	}
	r.Total.count(card.PayRefused, refused)
	rows, err := e.tx.Query(ctx, `
		select to_char(b.bank, 'FM000'), i.status, count(*), sum(i.fen)::bigint
		from `+itemsOfRollout+` group by 1, 2 order by 1, 2`, e.no)
	if err != nil {
		return r, err
	}
	var bank string
	var status card.PayStatus
	var part Sum
	if _, err = pgx.ForEachRow(rows, []any{&bank, &status, &part.Rows, &part.Fen}, func() error {
		if n := len(r.Banks); n == 0 || r.Banks[n-1].Bank != bank {
			r.Banks = append(r.Banks, BankMoney{Bank: bank})
		}
		r.Banks[len(r.Banks)-1].Money.count(status, part)
		r.Total.count(status, part)
		return nil
	}); err != nil {
		return r, err
	}
	for i := range r.Banks {
		r.Banks[i].Fen = r.Banks[i].Money.fen()
	}
	r.Funds, err = funds(ctx, e.tx, e.no)
	return r, err
}

// Exceptions reads the payments that were not made, by batch and row, with their reasons.
func (e *Evidence) Exceptions(ctx context.Context) iter.Seq2[EvidenceRow, error] {
	return func(yield func(EvidenceRow, error) bool) { finish(e.rows(ctx, card.PayPaid, yield), yield) }
}

// Timeline reads what happened to the rollout, oldest first.
func (e *Evidence) Timeline(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		rows, err := e.tx.Query(ctx, selectTimeline, e.no)
		if err != nil {
			finish(err, yield)
			return
		}
		defer rows.Close()
		for rows.Next() {
			event, err := scanEvent(rows, e.id)
			if err != nil || !yield(event, nil) {
				finish(err, yield)
				return
			}
		}
		finish(rows.Err(), yield)
	}
}
