package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func report(seq int) card.File {
	return card.File{Partner: "OUTLET", Kind: card.Report, Date: "20261125", Seq: seq}
}

func outletWorld(t *testing.T) (*Outlets, *ledger, *partner) {
	t.Helper()
	l := newLedger()
	p := newPartner(l)
	o := &Outlets{Ledger: l, HandOvers: l, Network: p, Terms: terms, Desk: deskOf(l, p)}
	o.Terms.Partner = "OUTLET"
	return o, l, p
}

func TestCollectReports(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	p.outbox[report(1)], p.outbox[report(2)] = nil, nil
	l.progress = card.HandOverProgress{HandedOver: 3, Waiting: 4, Round: 1}
	got, err := o.CollectReports(t.Context(), step1)
	require.NoError(t, err)
	require.Equal(t, l.progress, got)
	require.Equal(t, []card.File{report(1), report(2)}, p.done)
}

func TestCollectReportsWaits(t *testing.T) {
	t.Parallel()
	o, l, _ := outletWorld(t)
	l.progress = card.HandOverProgress{Waiting: 4, Round: 1}
	_, err := o.CollectReports(t.Context(), step1)
	requireWaiting(t, err, card.ReasonNoAnswer)
	require.Equal(t, "await OUTLET", l.journal[len(l.journal)-1])
	require.False(t, l.until.IsZero())

	l.progress = card.HandOverProgress{Round: 1}
	_, err = o.CollectReports(t.Context(), step1)
	require.NoError(t, err, "nothing is on its way any more")
}

// TestWrongReportDoesNotKeepTheOthers sets one report aside and takes the ones after it.
func TestWrongReportDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	p.outbox[report(1)] = card.E(card.Invalid, "read", card.ReasonFileEncoding, nil)
	p.outbox[report(2)] = nil
	l.progress.Waiting = 1
	_, err := o.CollectReports(t.Context(), step1)
	requireWaiting(t, err, card.ReasonNoAnswer)
	require.Equal(t, []card.File{report(1)}, p.refused)
	require.Equal(t, []card.File{report(2)}, p.done)
}

// TestReportOfAKilledCollectorIsPutAway finds a report that was applied and never put away.
func TestReportOfAKilledCollectorIsPutAway(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	p.outbox[report(1)] = nil
	l.kill = "done " + report(1).Name()
	l.progress.Waiting = 1
	_, err := o.CollectReports(t.Context(), step1)
	require.ErrorIs(t, err, errKilled)
	_, err = o.CollectReports(t.Context(), step1)
	requireWaiting(t, err, card.ReasonNoAnswer)
	require.Equal(t, []card.File{report(1)}, p.done)
	require.NotContains(t, l.journal, "apply "+report(1).Name()+" again")
}

// TestDeskGoesOnWithoutTheOutlets activates what a desk has handed over while the outlets' server is down.
func TestDeskGoesOnWithoutTheOutlets(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	p.listErr = card.E(card.Unavailable, "dial", card.ReasonPartnerUnreachable, nil)
	l.progress = card.HandOverProgress{HandedOver: 1, Waiting: 4, Round: 1}
	got, err := o.CollectReports(t.Context(), step1)
	require.NoError(t, err)
	require.Equal(t, 1, got.HandedOver)

	l.progress.HandedOver = 0
	_, err = o.CollectReports(t.Context(), step1)
	require.ErrorIs(t, err, p.listErr)
}

// TestManyBatchesLookOnce has many batches wait for the same reports: one look serves those who ask at the same time.
func TestManyBatchesLookOnce(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	l.progress.HandedOver = 1
	o.Terms.Poll = time.Hour
	for range 50 {
		_, err := o.CollectReports(t.Context(), step1)
		require.NoError(t, err)
	}
	require.Equal(t, 1, p.lists)
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	o, l, p := outletWorld(t)
	l.kill = "await OUTLET"
	require.ErrorIs(t, o.DispatchCards(t.Context(), step1), errKilled)
	require.NoError(t, o.DispatchCards(t.Context(), step1))
	require.Len(t, p.sent, 1)
	n, err := o.ReceiveStock(t.Context(), step1)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
