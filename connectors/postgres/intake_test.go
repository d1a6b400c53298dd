package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

func TestIntakePlansBatches(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rows := p.people(12)
	for i := range rows {
		a := &rows[i].Application
		if i%4 == 3 {
			a.Bank = "103"
		}
		if i == 0 || i == 11 {
			a.City = "440700"
		}
	}
	id := p.draft(rows, func(n *postgres.NewRollout) { n.BatchRows, n.CanaryRows = 3, 2 })
	planned, err := p.Batches(t.Context(), id)
	require.NoError(t, err)
	batch := func(city, bank string, number int) card.BatchID {
		return card.BatchID{Rollout: id, City: city, Bank: bank, Number: number}
	}
	require.Equal(t, []card.PlannedBatch{
		{ID: batch("440600", "102", 1), Kind: card.CanaryBatch, Rows: 2},
		{ID: batch("440600", "102", 2), Kind: card.BulkBatch, Rows: 3},
		{ID: batch("440600", "102", 3), Kind: card.BulkBatch, Rows: 3},
		{ID: batch("440600", "103", 4), Kind: card.BulkBatch, Rows: 2},
		{ID: batch("440700", "102", 5), Kind: card.BulkBatch, Rows: 1},
		{ID: batch("440700", "103", 6), Kind: card.BulkBatch, Rows: 1},
	}, planned)
	people, err := all(p.MatchRows(t.Context(), planned[0].ID))
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, []int{people[0].Ref, people[1].Ref}, "the canary is the first rows of the largest group")
	require.Equal(t, rows[1].Application.Person.SSN, people[0].SSN)
	require.Equal(t, rows[1].Application.Person.Name, people[0].Name)

	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Counts{Rows: 12, Accepted: 12, Pending: 12}, v.Counts)
	require.Equal(t, card.RolloutDraft, v.Status)
	preview, err := p.Preview(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, preview.Groups, 4)
	require.Equal(t, postgres.PreviewGroup{City: "440600", Bank: "102", Mode: card.Outlet, Outlet: "44060001", Rows: 8}, preview.Groups[0])
	p.requireSound(id)
}

func TestIntakeWithoutCanaryOrRows(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	planned, err := p.Batches(t.Context(), p.draft(p.people(3), func(n *postgres.NewRollout) { n.BatchRows = 2 }))
	require.NoError(t, err)
	require.Equal(t, []card.BatchKind{card.BulkBatch, card.BulkBatch}, []card.BatchKind{planned[0].Kind, planned[1].Kind})

	all := p.draft(p.people(2), func(n *postgres.NewRollout) { n.CanaryRows = 10 })
	planned, err = p.Batches(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, planned, 1, "a canary that is the whole rollout")

	empty := p.draft(nil)
	p.requireSound(empty)
	require.Empty(t, p.batches(empty))
	refused := p.people(1)
	refused[0].Reasons = []card.Reason{card.ReasonPhone}
	onlyRefused := p.draft(refused)
	v, err := p.Show(t.Context(), onlyRefused, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Counts{Rows: 1, Refused: 1}, v.Counts)
	p.requireSound(onlyRefused)
}

// TestIntakeRefuses hands back who is refused: with all reasons, and with what stood in the roster.
func TestIntakeRefuses(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	holder, applicant := p.lot(1), p.lot(1)
	for _, b := range []*lot{holder, applicant} {
		b.match(nil)
		b.number()
	}
	holder.open(nil)
	holder.make(nil)

	rows := p.people(9)
	rows[1].Reasons, rows[1].Cells = []card.Reason{card.ReasonPhone, card.ReasonAddressMissing}, []string{"440600", "", "=1+1", "李·测试"}
	rows[3].Application.Person.SSN = rows[2].Application.Person.SSN // 4 repeats 3
	rows[5].Application.Person.SSN = rows[4].Application.Person.SSN // 6 repeats 5, which is wrong: 6 is kept
	rows[4].Reasons, rows[4].Cells = []card.Reason{card.ReasonPhone}, []string{"five"}
	rows[6].Application.Person = holder.rows[0].Application.Person
	rows[7].Application.Person = applicant.rows[0].Application.Person
	rows[8].Reasons, rows[8].Application = []card.Reason{card.ReasonIDMissing}, card.Application{}
	rows[8].Cells = []string{"nobody"}
	id := p.draft(rows)

	refused, err := all(p.Refusals(t.Context(), id))
	require.NoError(t, err)
	reasons := map[int][]card.Reason{}
	for _, r := range refused {
		reasons[r.Number] = r.Reasons
	}
	require.Equal(t, map[int][]card.Reason{
		2: {card.ReasonPhone, card.ReasonAddressMissing},
		4: {card.ReasonDuplicateInFile},
		5: {card.ReasonPhone, card.ReasonDuplicateInFile},
		7: {card.ReasonHasCard},
		8: {card.ReasonCardInProgress},
		9: {card.ReasonIDMissing},
	}, reasons)
	require.Equal(t, rows[1].Cells, refused[0].Cells)
	require.Equal(t, rows[3].Application, refused[1].Application, "who was refused by the ledger is handed back as read")
	require.Equal(t, []string{"nobody"}, refused[5].Cells)

	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Counts{Rows: 9, Accepted: 3, Refused: 6, Pending: 3}, v.Counts)
	p.requireSound(id)
	preview, err := p.Preview(t.Context(), id)
	require.NoError(t, err)
	require.Contains(t, preview.Refusals, postgres.RefusalsCount{Reason: card.ReasonDuplicateInFile, Rows: 2})
}

// TestIntakeIsOneTransaction cuts intakes off: they have never been.
func TestIntakeIsOneTransaction(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	n := postgres.NewRollout{Name: "n", Roster: "r", MadeBy: "manager1", BatchRows: 10}
	_, err := p.CreateRollout(t.Context(), n, sequence(p.people(3), errReader), noDigest)
	require.ErrorIs(t, err, errReader)
	twice := p.people(2)
	twice[1].Number = 1
	_, err = p.CreateRollout(t.Context(), n, sequence(twice, nil), noDigest)
	requireKind(t, err, card.Conflict, card.ReasonConstraintHeld)
	for _, table := range []string{"rollout", "roster_row", "roster_refusal", "batch", "issuance_item", "audit", "rollout_event"} {
		require.Zero(t, ask[int](p, "select count(*) from "+table), table)
	}
}
