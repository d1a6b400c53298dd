package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// scope is a batch as the tables key it.
type scope struct {
	rollout, batch, city int32
	bank                 int16
	kind                 string // of the rollout
}

// args returns the scope as the first three arguments of a query: $1 city, $2 rollout, $3 batch.
func (s scope) args(more ...any) []any {
	return append([]any{s.city, s.rollout, s.batch}, more...)
}

// scope finds the batch.
func (l *Ledger) scope(ctx context.Context, q querier, b card.BatchID) (scope, error) {
	var s scope
	err := q.QueryRow(ctx, `
		select b.rollout, b.number, b.city, b.bank, r.kind from batch b join rollout r on r.no = b.rollout
		where r.id = $1 and b.number = $2`, string(b.Rollout), b.Number).Scan(&s.rollout, &s.batch, &s.city, &s.bank, &s.kind)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, card.E(card.NotFound, "find batch "+b.String(), card.ReasonNoSuchRollout, nil)
	}
	return s, fault("find the batch", err)
}

// step moves a batch one step: work runs under the batch's lock, the counts are taken from the rows again, and the invariants
// are checked, all in one transaction. A breach undoes the step and freezes the batch.
func (l *Ledger) step(ctx context.Context, b card.BatchID, name string, work func(tx pgx.Tx, s scope) error) error {
	err := l.tx(ctx, name, func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update batch set status = case when finished_at is null then $3 else status end, step = $4, started_at = coalesce(started_at, $5) where rollout = $1 and number = $2`,
			s.rollout, s.batch, card.BatchRunning, name, l.now()); err != nil {
			return err
		}
		if err := work(tx, s); err != nil {
			return err
		}
		return settle(ctx, tx, s)
	})
	if card.KindOf(err) == card.Breach {
		return errors.Join(err, l.freeze(ctx, b, card.ReasonOf(err)))
	}
	return err
}

// settle ends a step: the batch is counted and checked.
func settle(ctx context.Context, tx pgx.Tx, s scope) error {
	switch s.kind {
	case KindSubsidy:
		return settlePayments(ctx, tx, s)
	case KindMatch: // its page has the counts
		return nil
	}
	c, numbered, err := countBatch(ctx, tx, s)
	if err != nil {
		return err
	}
	return checkBatch(ctx, tx, s, c.Rows, numbered)
}

// freeze marks the batch as stopped by a breach of an invariant.
func (l *Ledger) freeze(ctx context.Context, b card.BatchID, reason card.Reason) error {
	return l.tx(ctx, "freeze the batch", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update batch set status = $3 where rollout = $1 and number = $2", s.rollout, s.batch, card.BatchFrozen); err != nil {
			return err
		}
		return l.tellBatch(ctx, tx, s, EventFrozen, "", map[string]any{"reason": string(reason)})
	})
}

// FinishBatch marks the batch as done or cancelled and tells so. People whose rows failed may apply again.
func (l *Ledger) FinishBatch(ctx context.Context, b card.BatchID, status card.BatchStatus) error {
	return l.tx(ctx, "finish the batch", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update batch set status = $3, finished_at = coalesce(finished_at, $4), waiting_for = null, waiting_what = null, waiting_until = null
			where rollout = $1 and number = $2`, s.rollout, s.batch, status, l.now()); err != nil {
			return err
		}
		if err := finishRows(ctx, tx, s); err != nil {
			return err
		}
		what := EventBatchDone
		if status == card.BatchCancelled {
			what = EventBatchCancelled
		}
		return l.tellBatch(ctx, tx, s, what, "", nil)
	})
}

// finishRows lets the people of a batch's rows that ended without effect have it from another rollout.
func finishRows(ctx context.Context, tx pgx.Tx, s scope) error {
	if s.kind == KindSubsidy {
		return finishPayments(ctx, tx, s)
	}
	return release(ctx, tx, s)
}

// await records for whom the batch waits, for what and until when; an empty partner ends the waiting.
func await(ctx context.Context, tx pgx.Tx, s scope, partner, what string, until time.Time) error {
	if partner == "" {
		_, err := tx.Exec(ctx, "update batch set waiting_for = null, waiting_what = null, waiting_until = null where rollout = $1 and number = $2", s.rollout, s.batch)
		return err
	}
	_, err := tx.Exec(ctx, "update batch set waiting_for = $3, waiting_what = $4, waiting_until = $5 where rollout = $1 and number = $2",
		s.rollout, s.batch, partner, what, until)
	return err
}

// Batches returns the planned batches of a rollout that are no remakes, canaries first.
func (l *Ledger) Batches(ctx context.Context, id card.RolloutID) ([]card.PlannedBatch, error) {
	rows, err := l.pool.Query(ctx, `
		select b.number, b.city, b.bank, b.kind, b.rows from batch b join rollout r on r.no = b.rollout
		where r.id = $1 and b.kind <> 'remake' order by b.number`, string(id))
	if err != nil {
		return nil, fault("list the batches", err)
	}
	batches, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (card.PlannedBatch, error) {
		var number, city, bank int
		var b card.PlannedBatch
		err := r.Scan(&number, &city, &bank, &b.Kind, &b.Rows)
		b.ID = batchID(id, city, bank, number)
		return b, err
	})
	return batches, fault("list the batches", err)
}
