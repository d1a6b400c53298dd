package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// fund gives the order of a round at the batch's bank as the hub does, unless it was given; the bank answers with the reason.
func (p *programme) fund(b card.BatchID, round int, reason card.Reason) (order card.FundOrder, given bool, t card.Tally) {
	p.Helper()
	round, err := p.FundRound(p.Context(), b, round)
	require.NoError(p, err)
	f, sent, err := p.ReserveFile(p.Context(), b, "ICBC", card.FundReq, round)
	require.NoError(p, err)
	if !sent {
		orders, err := all(p.FundOrders(p.Context(), b, "ICBC", "6222", round))
		require.NoError(p, err)
		order = orders[0]
		proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: fmt.Sprintf("%064x", round), Rows: 1}, ConfirmedAt: time.Now()}
		require.NoError(p, p.ConfirmFile(p.Context(), b, f, proof, time.Now().Add(time.Hour)))
	}
	t, err = p.ApplyFunds(p.Context(), b, f.Answer(card.FundRet), []card.FundAnswer{{Ref: 1, Order: order.Order, Reason: reason}}, nil)
	require.NoError(p, err)
	return order, !sent, t
}

// TestReleaseIsOrderedOnce has a subsidy that was short of funds begin anew, as a reset does: what was ordered is found in its round,
// and what is left of the block is released once, by the number that belongs to the block.
func TestReleaseIsOrderedOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	_, v := p.approvedPayout(p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	b := mustBatch(t, v.Batches[0].ID)
	_, _, told := p.fund(b, 0, card.ReasonFundsShort)
	require.Equal(t, card.Tally{Failed: 1}, told)
	block, _, told := p.fund(b, 2, "")
	require.Equal(t, card.Tally{Done: 1}, told)

	_, given, told := p.fund(b, 0, "")
	require.False(t, given)
	require.Equal(t, card.Tally{Done: 1}, told, "the money is blocked, whichever order did it")
	early, err := p.FundRound(t.Context(), b, 1)
	require.NoError(t, err)
	require.Equal(t, 3, early, "before the first release, too")
	release, given, _ := p.fund(b, 3, "")
	require.True(t, given)
	require.Equal(t, block.Order, release.Block)
	require.Equal(t, card.FundOrderNumber(v.ID, "ICBC", card.FundRelease, 2), release.Order)
	for _, round := range []int{1, 3} {
		_, given, told = p.fund(b, round, card.ReasonFundsShort)
		require.False(t, given, "round %d", round)
		require.Equal(t, card.Tally{Done: 1}, told)
	}
}

// TestNoOrderWhereNobodyIsPaid has all payments at a bank refused after the approval: nothing is ordered there, not even for 0, which banks
// refuse, and that counts as done.
func TestNoOrderWhereNobodyIsPaid(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	_, v := p.approvedPayout(p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	b := mustBatch(t, v.Batches[0].ID)
	p.exec("update payout_item set status = $1", card.PayRefused)
	for round := range 2 {
		orders, err := all(p.FundOrders(t.Context(), b, "ICBC", "6222", round))
		require.NoError(t, err)
		require.Empty(t, orders)
		f, _, err := p.ReserveFile(t.Context(), b, "ICBC", card.FundReq, round)
		require.NoError(t, err)
		proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: fmt.Sprintf("%064x", round)}, ConfirmedAt: time.Now()}
		require.NoError(t, p.ConfirmFile(t.Context(), b, f, proof, time.Now().Add(time.Hour)))
		told, err := p.ApplyFunds(t.Context(), b, f.Answer(card.FundRet), nil, nil)
		require.NoError(t, err)
		require.Equal(t, card.Tally{Done: 1}, told)
	}
}
