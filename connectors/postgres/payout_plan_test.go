package postgres_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// holdersAt are people who hold cards of these banks, as many of each as is said.
func (p *programme) holdersAt(banks []string, many ...int) (people []card.Person) {
	p.Helper()
	var all []card.Application
	for i, bank := range banks {
		for range many[i] {
			a := p.row(len(all) + 1).Application
			a.Bank = bank
			all, people = append(all, a), append(people, a.Person)
		}
	}
	require.NoError(p, p.LoadHolders(p.Context(), "440600", "test", slices.Values(all), func(int) {}))
	return people
}

// TestPayoutCanaries plans a canary for each bank that is paid more than one, and for the bank of the largest group in any case.
func TestPayoutCanaries(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holdersAt([]string{"103", "102", "104"}, 5, 8, 2)
	plan := func(period string, people []card.Person, canary int) (kinds []card.BatchKind, banks []string, rows []int) {
		rules := heating()
		require.NoError(t, p.PutProgramme(t.Context(), rules, "manager1"))
		all := payRows(people, 100)
		n := postgres.NewPayout{NewRollout: postgres.NewRollout{Name: "首批", Roster: "pay.csv", MadeBy: "maker1", BatchRows: 4, CanaryRows: canary, CanaryThreshold: 500},
			Programme: rules.ID, Period: period, Rows: len(all)}
		for _, r := range all {
			n.Fen += r.Fen
		}
		id, err := p.CreatePayout(t.Context(), n, seqOf(all), func() [32]byte { return [32]byte{1} })
		require.NoError(t, err)
		planned, err := p.Batches(t.Context(), id)
		require.NoError(t, err)
		for i, b := range planned {
			require.Equal(t, i+1, b.ID.Number)
			kinds, banks, rows = append(kinds, b.Kind), append(banks, b.ID.Bank), append(rows, b.Rows)
		}
		return kinds, banks, rows
	}
	c, b := card.CanaryBatch, card.BulkBatch
	kinds, banks, rows := plan("2026-01", people, 3)
	require.Equal(t, []card.BatchKind{c, c, b, b, b, b}, kinds)
	require.Equal(t, []string{"102", "103", "102", "102", "103", "104"}, banks)
	require.Equal(t, []int{3, 3, 4, 1, 2, 2}, rows)
	kinds, _, rows = plan("2026-02", people[13:], 3)
	require.Equal(t, []card.BatchKind{c}, kinds, "a canary that is the whole rollout")
	require.Equal(t, []int{2}, rows)
	kinds, _, _ = plan("2026-03", people, 0)
	require.NotContains(t, kinds, c)
}
