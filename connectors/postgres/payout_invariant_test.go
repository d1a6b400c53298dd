package postgres_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// TestPayoutInvariantsCanFail corrupts the tables of payments by hand, past the ledger: exactly what speaks of it fails.
func TestPayoutInvariantsCanFail(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	signers := []signer{p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser)}
	people := p.holders(4)
	const (
		sums     = "intended_is_paid_refused_returned_pending"
		once     = "nobody_paid_twice_for_programme_and_period"
		intended = "what_is_paid_was_intended"
		answered = "every_row_sent_is_answered_or_unknown"
		approved = "approved_by_every_role_before_money_left"
	)
	for month, tc := range []struct {
		sql    string
		broken []string
	}{
		{"delete from payout_item where rollout = $1 and row_no = 1", []string{sums}},
		{"update payout_item set fen = fen + 1 where rollout = $1 and row_no = 1", []string{sums, intended}},
		{"update payout_item set status = 20 where rollout = $1 and row_no = 3", []string{answered}},
		{"update payout_item set status = 77 where rollout = $1 and row_no = 3", []string{sums}},
		{"update entitlement set row_no = 99 where rollout = $1 and row_no = 1", []string{once}},
		{"update entitlement set rollout = 99 where rollout = $1 and row_no = 3", []string{once}},
		{"delete from entitlement where rollout = $1 and row_no = 1", []string{once}},
		{"update entitlement e set person = decode(repeat('00', 16), 'hex') where rollout = $1 and row_no = 1", []string{once}},
		{"delete from approval where rollout = $1 and role = 'releaser'", []string{approved}},
	} {
		id, err := p.payout(fmt.Sprintf("2026-%02d", month+1), payRows(people, 10_000))
		require.NoError(t, err)
		p.ready(id, signers...)
		v, err := p.Show(t.Context(), id, false)
		require.NoError(t, err)
		p.pay(t, v.Batches[0].ID, answers{2: "ACCT_CLOSED"})
		require.Empty(t, p.broken(id))
		p.exec(tc.sql, p.numberOf(id))
		require.Equal(t, tc.broken, p.broken(id), tc.sql)
	}
}
