package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// AwaitWindow records that a batch of payments waits until its bank takes payment files again. It is told once for each time.
func (l *Ledger) AwaitWindow(ctx context.Context, b card.BatchID, partner string, until time.Time) error {
	return l.tx(ctx, "wait for a bank's business hours", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if err := await(ctx, tx, s, partner, string(card.ReasonCutOff), until); err != nil {
			return err
		}
		until = until.UTC()
		return l.tellBatch(ctx, tx, s, EventCutOff, until.Format(time.RFC3339), map[string]any{"partner": partner, "until": until})
	})
}
