package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Rehearsable makes sure that a rollout can be rehearsed: a subsidy that has been checked and has something to pay.
func (l *Ledger) Rehearsable(ctx context.Context, id card.RolloutID) error {
	var kind string
	var checked bool
	var batches int
	err := l.pool.QueryRow(ctx, `
		select r.kind, coalesce(p.checked_at is not null, false), (select count(*) from batch b where b.rollout = r.no)
		from rollout r left join payout p on p.rollout = r.no where r.id = $1`, string(id)).Scan(&kind, &checked, &batches)
	switch {
	case isNoRows(err):
		return card.E(card.NotFound, "find rollout "+string(id), card.ReasonNoSuchRollout, nil)
	case err != nil:
		return fault("find the rollout", err)
	case kind != KindSubsidy || batches == 0:
		return card.E(card.Conflict, "rehearse "+string(id), card.ReasonNotRehearsable, nil)
	case !checked:
		return card.E(card.Conflict, "rehearse "+string(id), card.ReasonChecksRunning, nil)
	}
	return nil
}

// copied is a table of which a rehearsal gets rows, which of them, and what stands in some of their columns instead.
type copied struct {
	table, rows string
	instead     map[string]string
}

// rehearsed is what a rehearsal gets of the rollout with the number $1, in this order: its content and the people, cards and
// accounts of it as they are, and the rollout itself as the draft that it was. Held and refused rows stay so; what has gone out since
// is to go out again.
func rehearsed() []copied {
	const mine, people = "x.rollout = $1", "exists (select from payout_row r where r.rollout = $1 and r.city = x.city and r.card_no = x.card_no)"
	again := fmt.Sprintf("x.status in (%d, %d, %d, %d) or x.status = %d and coalesce(x.reason, '') in ('', '%s')",
		card.PayReleased, card.PayUnknown, card.PayPaid, card.PayReturned, card.PayWithdrawn, card.ReasonCancelled)
	return []copied{
		{table: "programme", rows: "$1::integer is not null"},
		{table: "rollout", rows: "x.no = $1", instead: map[string]string{"status": "'" + string(card.RolloutDraft) + "'", "note": "''",
			"submitted_by": "null", "submitted_at": "null", "content_hash": "null", "started_at": "null", "finished_at": "null"}},
		// The days of public notice are told of and not waited for.
		{table: "payout", rows: mine, instead: map[string]string{"rules": `jsonb_set(x.rules, '{notice}', '0')`, "checked_at": "null", "notice_until": "null"}},
		{table: "payout_row", rows: mine},
		{table: "payout_item", rows: mine, instead: map[string]string{"file": "null",
			"status": fmt.Sprintf("case when %s then %d when x.status = %d then %d else x.status end", again, card.PayPlanned, card.PayWithdrawn, card.PayHeld),
			"reason": "case when " + again + " then null else x.reason end"}},
		{table: "batch", rows: mine, instead: map[string]string{"hash": "null", "status": "'planned'", "step": "''", "counts": "'{}'", "waiting_for": "null",
			"waiting_what": "null", "waiting_until": "null", "started_at": "null", "finished_at": "null"}},
		{table: "roster_refusal", rows: mine},
		{table: "person", rows: "x.person in (select r.person from payout_row r where r.rollout = $1)"},
		{table: "card", rows: people},
		{table: "bank_account", rows: people},
	}
}

// FillRehearsal copies what the rollout pays to whom into the rehearsal's schema, whose tables are there and empty, and changes
// nothing of its own. What is sealed is copied as it is.
func (l *Ledger) FillRehearsal(ctx context.Context, r Rehearsal) error {
	no, err := rolloutNo(ctx, l.pool, r.Rollout)
	if err != nil {
		return fault("copy the rollout", err)
	}
	return fault("copy the rollout", pgx.BeginTxFunc(ctx, l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		for _, c := range rehearsed() {
			if err := c.copyTo(ctx, tx, r.Schema, no); err != nil {
				return fmt.Errorf("copy %s: %w", c.table, err)
			}
		}
		return entitleRehearsal(ctx, tx, r.Schema, no)
	}))
}

func (c copied) copyTo(ctx context.Context, tx pgx.Tx, schema string, no int32) error {
	target := pgx.Identifier{schema, c.table}.Sanitize()
	names, err := columnsOf(ctx, tx, target)
	if err != nil {
		return err
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = "x." + pgx.Identifier{name}.Sanitize()
		if other, ok := c.instead[name]; ok {
			values[i] = other
		}
		names[i] = pgx.Identifier{name}.Sanitize()
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf("insert into %s (%s) overriding system value select %s from %s x where %s",
		target, strings.Join(names, ", "), strings.Join(values, ", "), c.table, c.rows), no); err != nil {
		return err
	}
	// The planner must know at once how much there is.
	_, err = tx.Exec(ctx, "analyze "+target)
	return err
}

// columnsOf are the columns of a table, whatever migrations have added.
func columnsOf(ctx context.Context, tx pgx.Tx, table string) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`, table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// entitleRehearsal gives the rollout's people in the rehearsal what they had when it was taken in, whoever may have taken it up since.
func entitleRehearsal(ctx context.Context, tx pgx.Tx, schema string, no int32) error {
	target := pgx.Identifier{schema, "entitlement"}.Sanitize()
	if _, err := tx.Exec(ctx, `
		insert into `+target+` (programme, period, person, rollout, row_no)
		select g.no, p.period, r.person, r.rollout, r.row_no from payout_row r join payout p on p.rollout = r.rollout join programme g on g.id = p.programme
		where r.rollout = $1`, no); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "analyze "+target)
	return err
}
