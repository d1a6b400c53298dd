package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// TestRefusedPayments are those refused at intake, with their cells, and those that came back, with their people; what is unknown
// is not handed back. The preview counts the same.
func TestRefusedPayments(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(4)
	rows := append(payRows(people, 20_000), postgres.PayRow{Number: 5, Fen: 7, Cells: []string{"", "x"}, Reasons: []card.Reason{card.ReasonIDLength}})
	id, err := p.payout("2026-02", rows)
	require.NoError(t, err)
	preview, err := p.PreviewPayout(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, preview.Groups, 1)
	require.Equal(t, postgres.Sum{Rows: 4, Fen: 80_006}, preview.Groups[0].WillPay)
	require.Equal(t, []postgres.PayReasons{{Reason: card.ReasonIDLength, Ended: postgres.Sum{Rows: 1, Fen: 7}}}, preview.Refusals)

	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	p.pay(t, v.Batches[0].ID, answers{1: "ACCT_CLOSED", 2: ""})
	found := map[int]postgres.RefusedPayment{}
	for r, err := range p.RefusedPayments(t.Context(), id) {
		require.NoError(t, err)
		found[r.Number] = r
	}
	require.Len(t, found, 2)
	require.Equal(t, []string{"", "x"}, found[5].Cells)
	require.Equal(t, []card.Reason{card.ReasonIDLength}, found[5].Reasons)
	require.Equal(t, []card.Reason{"ACCT_CLOSED"}, found[1].Reasons)
	require.Equal(t, people[0].SSN, found[1].Application.Person.SSN)
	require.EqualValues(t, 20_000, found[1].Fen)
}
