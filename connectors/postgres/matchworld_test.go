package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

const november card.Month = "2026-11"

// census is the match of a month whose civil affairs the test plays.
type census struct {
	*programme
	month card.Month
}

func (p *programme) census(month card.Month) census {
	p.Helper()
	cities, err := p.PlanMatch(p.Context(), month, time.Now().Add(-24*time.Hour), "operator1")
	require.NoError(p, err)
	require.Equal(p, []string{"440600"}, cities)
	return census{p, month}
}

// page plans a page of at most size people.
func (c census) page(page, size int) *lot {
	c.Helper()
	id, rows, err := c.PlanMatchPage(c.Context(), c.month, "440600", page, size)
	require.NoError(c, err)
	if rows == 0 {
		return nil
	}
	return &lot{programme: c.programme, id: id}
}

// ask sends a page and has it answered.
func (c census) ask(b *lot, told []card.MatchAnswer) card.Tally {
	c.Helper()
	t, err := c.ApplyMatches(c.Context(), b.id, b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet), told, nil)
	require.NoError(c, err)
	return t
}

// of returns the rows of the page on which these people stand.
func (b *lot) of(people ...card.Person) (refs []int) {
	b.Helper()
	rows, err := all(b.MatchRows(b.Context(), b.id))
	require.NoError(b, err)
	for _, p := range people {
		i := slices.IndexFunc(rows, func(r card.MatchRow) bool { return r.SSN == p.SSN && r.Name == p.Name })
		require.GreaterOrEqual(b, i, 0)
		refs = append(refs, rows[i].Ref)
	}
	return refs
}

// find is a first match in which the first three of the people are dead, renamed and not registered.
func (p *programme) find(people []card.Person) {
	p.Helper()
	c := p.census(november)
	b := c.page(1, 100)
	refs := b.of(people[:3]...)
	told := b.matchAnswers(answers{refs[0]: "03", refs[1]: "02", refs[2]: "01"})
	told[refs[0]-1].Died = "20261020"
	for range 2 {
		require.Equal(p, card.Tally{Done: len(told) - 3, Failed: 3}, c.ask(b, told), "also when it is applied again")
	}
}

// found is a subsidy of 2026-01 to four people, of whom the first three are dead, renamed and not registered.
type found struct {
	*programme
	people []card.Person
	id     card.RolloutID
}

// newFound finds it; prepare is done to the subsidy before.
func newFound(t *testing.T, prepare func(found)) found {
	t.Helper()
	p := newProgramme(t)
	f := found{programme: p, people: p.holders(4)}
	var err error
	f.id, err = p.payoutOf("2026-01", payRows(f.people, 20_000), 4)
	require.NoError(t, err)
	prepare(f)
	p.find(f.people)
	return f
}

// review is the number of the open review for the cause.
func (f found) review(cause card.ReviewCause) int {
	f.Helper()
	open, err := f.Reviews(f.Context(), postgres.ReviewFilter{Cause: cause})
	require.NoError(f, err)
	require.Len(f, open, 1)
	return open[0].No
}

func (p *programme) status(id card.RolloutID, row int) (card.PayStatus, card.Reason) {
	p.Helper()
	h, err := p.PayHistory(p.Context(), id, row)
	require.NoError(p, err)
	return h.Status, h.Reason
}
