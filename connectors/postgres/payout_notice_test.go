package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// TestNotice counts the days of the programme as it was when the rollout was made, lets nobody start before they are over and
// says when that is, and tells once that they are.
func TestNotice(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(2)
	rules := heating()
	rules.Notice = 3
	require.NoError(t, p.PutProgramme(t.Context(), rules, "manager1"))
	n := postgres.NewPayout{
		NewRollout: postgres.NewRollout{Name: "公示", Roster: "pay.csv", MadeBy: "maker1", BatchRows: 4, CanaryThreshold: 500},
		Programme:  "CA90", Period: "2026-03", Rows: 2, Fen: 201,
	}
	id, err := p.CreatePayout(t.Context(), n, seqOf(payRows(people, 100)), func() [32]byte { return [32]byte{1} })
	require.NoError(t, err)
	rules.Notice = 9
	require.NoError(t, p.PutProgramme(t.Context(), rules, "manager1"))

	checker, releaser := p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser)
	left, err := p.CloseNotice(t.Context(), id)
	require.NoError(t, err)
	require.Zero(t, left, "there is none before the submission")
	require.NoError(t, p.FinishChecks(t.Context(), id))
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	on := func(d time.Duration) *postgres.Ledger { return p.WithClock(func() time.Time { return at.Add(d) }) }
	hash, err := on(0).Submit(t.Context(), id, "maker1")
	require.NoError(t, err)
	for _, s := range []signer{checker, releaser} { // during the notice
		_, err := on(time.Hour).ApprovePayout(t.Context(), id, s.sign(t, id, hash))
		require.NoError(t, err)
	}
	left, err = on(25*time.Hour).CloseNotice(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, 47*time.Hour, left)
	v, err := on(25*time.Hour).Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Equal(t, 3, v.Payout.NoticeDays)
	require.Equal(t, []postgres.Waiting{{For: postgres.WaitPublic, What: postgres.WaitNotice, Until: v.Waiting[0].Until}}, v.Waiting)
	require.True(t, at.Add(72*time.Hour).Equal(v.Waiting[0].Until))

	err = on(72*time.Hour-time.Second).SetStatus(t.Context(), id, card.RolloutRunning, "maker1", "")
	require.Equal(t, card.ReasonNoticeRunning, card.ReasonOf(err))
	require.ErrorContains(t, err, "2026-03-04 10:00:00")
	for range 2 {
		left, err = on(72*time.Hour).CloseNotice(t.Context(), id)
		require.NoError(t, err)
		require.Zero(t, left)
	}
	require.NoError(t, on(73*time.Hour).SetStatus(t.Context(), id, card.RolloutRunning, "maker1", ""))
	v, err = on(73*time.Hour).Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Empty(t, v.Waiting)
	told := 0
	events, err := p.Timeline(t.Context(), id)
	require.NoError(t, err)
	for _, e := range events {
		if e.What == postgres.EventNoticeOver {
			told++
		}
	}
	require.Equal(t, 1, told)
}

// TestAwaitWindow shows until when a batch waits for its bank's business hours, which is nobody's fault: it is not overdue, raises
// no alert, and is told once.
func TestAwaitWindow(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payout("2026-04", payRows(p.holders(2), 100))
	require.NoError(t, err)
	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	until := time.Now().Add(-time.Hour).Truncate(time.Second)
	for range 2 {
		require.NoError(t, p.AwaitWindow(t.Context(), mustBatch(t, v.Batches[0].ID), "ICBC", until))
	}
	v, err = p.Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Len(t, v.Waiting, 1)
	w := v.Waiting[0]
	require.Equal(t, postgres.Waiting{Batch: v.Batches[0].ID, For: "ICBC", What: string(card.ReasonCutOff), Until: w.Until}, w)
	require.True(t, until.Equal(w.Until))
	check, err := p.MoveTimetable(t.Context(), time.Now(), nil, nil)
	require.NoError(t, err)
	require.Empty(t, check.Raised)
	events, err := p.Timeline(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, slices.DeleteFunc(events, func(e postgres.Event) bool { return e.What != postgres.EventCutOff }), 1)
}
