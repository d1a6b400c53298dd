package activities

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// deadlines is the watch over the answers to a match, in memory.
type deadlines struct {
	overdue bool
	late    []card.BatchID
}

func (d *deadlines) ExpireMatch(context.Context, card.BatchID) (card.Tally, bool, error) {
	return card.Tally{Unknown: 2}, d.overdue, nil
}

func (d *deadlines) LateMatches(context.Context) ([]card.BatchID, error) { return d.late, nil }

// TestCollectPopulation waits for an answer until its deadline; people who are not answered by then are unknown, and what comes late is
// taken by the watch over the files.
func TestCollectPopulation(t *testing.T) {
	t.Parallel()
	c, l, p := civilWorld(t)
	d := &deadlines{late: []card.BatchID{batch1}}
	m := &Population{Deadlines: d, Civil: c, Within: time.Hour}
	require.NoError(t, m.RequestPopulation(t.Context(), batch1))
	require.WithinDuration(t, time.Now().Add(time.Hour), l.until, time.Minute, "by the match's own terms")
	_, err := m.CollectPopulation(t.Context(), batch1)
	requireWaiting(t, err, card.ReasonNoAnswer)
	d.overdue = true
	tally, err := m.CollectPopulation(t.Context(), batch1)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Unknown: 2}, tally)

	require.NoError(t, m.takeLate(t.Context(), "ICBC"))
	require.NoError(t, m.takeLate(t.Context(), terms.Partner), "nothing has come")
	p.outbox[answerFile] = nil
	require.NoError(t, m.takeLate(t.Context(), "ICBC"))
	require.Zero(t, l.answers, "another partner's files are looked at")
	require.NoError(t, m.takeLate(t.Context(), terms.Partner))
	require.Equal(t, 2, l.answers)
	tally, err = m.CollectPopulation(t.Context(), batch1)
	require.NoError(t, err)
	require.Equal(t, l.processed, tally)
}

// TestPopulationWithoutCivilAffairs says so, for good.
func TestPopulationWithoutCivilAffairs(t *testing.T) {
	t.Parallel()
	m := &Population{}
	_, err := m.CollectPopulation(t.Context(), batch1)
	require.ErrorContains(t, err, string(card.ReasonPartnerUnknown))
	require.ErrorContains(t, m.RequestPopulation(t.Context(), batch1), string(card.ReasonPartnerUnknown))
	require.NoError(t, m.takeLate(t.Context(), "CIVIL"))
	require.NoError(t, (*Population)(nil).takeLate(t.Context(), "CIVIL"))
}
