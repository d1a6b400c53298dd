package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/connectors/postgres"
)

// TestAViewCountsWhatHasMoved shows that a view counts again the batches that have moved on and those whose turn it is, and no others,
// and that counting all sees what was done past the ledger at once.
func TestAViewCountsWhatHasMoved(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payout("2026-01", payRows(p.holders(4), 10_000))
	require.NoError(t, err)
	counted := func(l *postgres.Ledger) (broken []string) {
		v, err := l.Show(t.Context(), id, true)
		require.NoError(t, err)
		for _, i := range v.Invariants {
			if !i.Holds {
				broken = append(broken, i.Name)
			}
		}
		return broken
	}
	require.Empty(t, counted(p.Ledger))
	p.exec("update payout_item set fen = fen + 1 where rollout = $1 and row_no = 1", p.numberOf(id))
	require.Empty(t, counted(p.Ledger), "the batch has not moved on, and its turn has not come")

	wrong := []string{"intended_is_paid_refused_returned_pending", "what_is_paid_was_intended"}
	later := p.WithClock(func() time.Time { return time.Now().Add(time.Hour) })
	require.Equal(t, wrong, counted(later), "its turn has come")
	p.exec("update payout_item set fen = fen - 1 where rollout = $1 and row_no = 1", p.numberOf(id))
	require.Equal(t, wrong, counted(p.Ledger))
	require.Empty(t, p.broken(id), "all is counted anew")

	p.exec("update payout_item set fen = fen + 1 where rollout = $1 and row_no = 1", p.numberOf(id))
	p.exec(`update batch set counts = '{"moved": true}' where rollout = $1`, p.numberOf(id))
	require.Equal(t, wrong, counted(p.Ledger), "it has moved on")
}

// TestOnlyAFewBatchesAreCountedAgain keeps the cost of one look after another small.
func TestOnlyAFewBatchesAreCountedAgain(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payoutOf("2026-01", payRows(p.holders(12), 10_000), 1)
	require.NoError(t, err)
	all, err := p.Invariants(t.Context(), id)
	require.NoError(t, err)
	require.NotNil(t, all[0].CountedAt)
	require.Equal(t, 12, ask[int](p, "select count(*) from payout_check"))
	later := all[0].CountedAt.Add(time.Hour)
	_, err = p.WithClock(func() time.Time { return later }).Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, 8, ask[int](p, "select count(*) from payout_check where at > $1", later.Add(-time.Minute)))

	// Their answers have come, and what was counted before speaks of payments that are out.
	p.exec("update payout_check set out = 1 where rollout = $1", p.numberOf(id))
	p.exec(`update batch set counts = '{"out": {"rows": 0}}' where rollout = $1`, p.numberOf(id))
	p.exec(`insert into exchange_file (partner, direction, kind, business_date, sequence, rollout, batch, state, reserved_at)
		select 'ICBC', 'in', 'PAYRET', '20261121', number, rollout, number, 'processed', now() from batch where rollout = $1`, p.numberOf(id))
	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	for _, i := range v.Invariants {
		require.True(t, i.Holds, "%s: %s", i.Name, i.Figure)
	}
}
