package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// No money file begins while the ledger says that the rollout is held, whatever a workflow believes. One that has its name already may be
// at the bank, and is finished; other files are not money.
func TestMoneyOfAHeldRolloutDoesNotBegin(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payout("2026-01", payRows(p.holders(6), 10_000))
	require.NoError(t, err)
	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	first, second := mustBatch(t, v.Batches[0].ID), mustBatch(t, v.Batches[1].ID)
	begun, _, err := p.ReserveFile(t.Context(), first, "ICBC", card.PayReq, 0)
	require.NoError(t, err)
	for _, held := range []card.RolloutStatus{card.RolloutPaused, card.RolloutStopped, card.RolloutCancelled} {
		require.NoError(t, p.SetStatus(t.Context(), id, held, "maker1", ""))
		status, err := p.Status(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, held, status)
		_, _, err = p.ReserveFile(t.Context(), second, "ICBC", card.PayReq, 0)
		require.Equal(t, card.Later, card.KindOf(err), held)
		again, _, err := p.ReserveFile(t.Context(), first, "ICBC", card.PayReq, 0)
		require.NoError(t, err)
		require.Equal(t, begun, again)
		_, _, err = p.ReserveFile(t.Context(), first, "ICBC", card.PayEnq, len(held))
		require.NoError(t, err)
	}
	require.NoError(t, p.SetStatus(t.Context(), id, card.RolloutRunning, "maker1", ""))
	_, _, err = p.ReserveFile(t.Context(), second, "ICBC", card.PayReq, 0)
	require.NoError(t, err)
	_, err = p.Status(t.Context(), "R20261121-999")
	require.Equal(t, card.NotFound, card.KindOf(err))
}
