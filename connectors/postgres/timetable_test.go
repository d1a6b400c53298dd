package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
)

// plainText stands in for the vault: the timetable holds nothing to be sealed.
type plainText struct{}

func (plainText) Seal(plain, _ []byte) []byte           { return plain }
func (plainText) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }
func (plainText) Index(string, string) [16]byte         { return [16]byte{} }

// office is a ledger with its timetable, and a connection by which a test plays the rest of the hub.
type office struct {
	t *testing.T
	*postgres.Ledger
	conn *pgx.Conn
}

func newOffice(t *testing.T) *office {
	t.Helper()
	url := pgtest.New(t)
	l, err := postgres.Open(t.Context(), url, plainText{})
	require.NoError(t, err)
	t.Cleanup(l.Close)
	require.NoError(t, l.Migrate(t.Context()))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	return &office{t: t, Ledger: l, conn: conn}
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	_, err := o.conn.Exec(o.t.Context(), sql, args...)
	require.NoError(o.t, err)
}

// file has a file of a partner come at a time, to a state.
func (o *office) file(f card.File, state string, at time.Time) {
	o.t.Helper()
	o.exec(`insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at, confirmed_at)
		values ($1, 'in', $2, $3, $4, $5, $6, $6)
		on conflict (partner, kind, business_date, sequence) do update set state = excluded.state`,
		f.Partner, string(f.Kind), f.Date, f.Seq, state, at)
}

// batch has a batch wait for an answer.
func (o *office) batch(number int, partner, what string, until time.Time) {
	o.t.Helper()
	o.exec(`insert into rollout (id, kind, name, status, roster, roster_sm3, canary_threshold, made_by, made_at)
		values ('R20261120-001', 'issuance', 'n', 'running', 'r', '', 0, 'manager1', now()) on conflict do nothing`)
	o.exec(`insert into batch (rollout, number, city, bank, kind, rows, status, waiting_for, waiting_what, waiting_until)
		select no, $1, 440600, 102, 'bulk', 10, 'running', $2, $3, $4 from rollout`, number, partner, what, until)
}

func (o *office) plan(at time.Time, promises []card.Promise, watched ...string) card.Lookout {
	o.t.Helper()
	out, err := o.PlanTimetable(o.t.Context(), at, promises, watched)
	require.NoError(o.t, err)
	return out
}

func (o *office) move(at time.Time, seen []card.File, silences ...card.Silence) card.TimetableCheck {
	o.t.Helper()
	c, err := o.MoveTimetable(o.t.Context(), at, seen, silences)
	require.NoError(o.t, err)
	for _, alerts := range [][]card.Alert{c.Raised, c.Resolved} {
		for i, a := range alerts {
			alerts[i].Deadline, alerts[i].RaisedAt, alerts[i].ResolvedAt = a.Deadline.UTC(), a.RaisedAt.UTC(), a.ResolvedAt.UTC()
		}
	}
	c.Next = c.Next.UTC()
	return c
}

// states tells what became of the promises, by their days.
func (o *office) states(at time.Time) map[card.Day]card.PromiseState {
	o.t.Helper()
	t, err := o.Timetable(o.t.Context(), "20260101", "20271231", at)
	require.NoError(o.t, err)
	states := map[card.Day]card.PromiseState{}
	for _, p := range t.Promises {
		states[p.Day] = p.State
	}
	return states
}

const friday card.Day = "20261120"

func clock(d card.Day, hour, minute int) time.Time { return d.At(card.Clock(hour*60 + minute)).UTC() }

// promised is the outlets' report of a day, due at 17:00 with half an hour's grace.
func promised(days ...card.Day) []card.Promise {
	var all []card.Promise
	for _, d := range days {
		all = append(all, card.Promise{Partner: "OUTLET", Kind: card.Report, Day: d, CutOff: clock(d, 17, 0), Deadline: clock(d, 17, 30)})
	}
	return all
}

func report(d card.Day, seq int) card.File {
	return card.File{Partner: "OUTLET", Kind: card.Report, Date: string(d), Seq: seq}
}

func missedReport(d card.Day, raised time.Time) card.Alert {
	return card.Alert{Cause: card.AlertMissed, Partner: "OUTLET", Subject: "REPORT/" + string(d), Deadline: clock(d, 17, 30), RaisedAt: raised}
}

func TestPromiseMissedAndLate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	c := o.move(clock(friday, 17, 29), nil)
	require.Empty(t, c.Raised)
	require.Equal(t, clock(friday, 17, 30), c.Next)

	at := clock(friday, 17, 30)
	require.Len(t, o.plan(at, promised(friday, "20261123")).Unmet, 1)
	c = o.move(at, nil)
	require.Equal(t, []card.Alert{missedReport(friday, at)}, c.Raised)
	require.Equal(t, clock("20261123", 17, 30), c.Next)
	require.Equal(t, map[card.Day]card.PromiseState{friday: card.PromiseMissed, "20261123": card.PromiseWaiting}, o.states(at))
	require.Empty(t, o.move(at, nil).Raised, "once")
	require.Empty(t, o.move(at.Add(time.Minute), nil).Raised, "and never again")

	o.file(report(friday, 1), "processed", clock(friday, 19, 12))
	c = o.move(clock(friday, 19, 13), nil)
	late := missedReport(friday, at)
	late.ResolvedAt = clock(friday, 19, 12)
	require.Equal(t, []card.Alert{late}, c.Resolved)
	require.Empty(t, c.Raised)
	v, err := o.Timetable(t.Context(), friday, friday, at)
	require.NoError(t, err)
	require.Equal(t, card.PromiseLate, v.Promises[0].State)
	require.Equal(t, 132, v.Promises[0].LateMinutes, "after the cut-off")
	require.Equal(t, "OUTLET_REPORT_20261120_000001.txt", v.Promises[0].File)
	require.Len(t, v.Alerts, 1)
	require.NotNil(t, v.Alerts[0].ResolvedAt)
	require.Empty(t, o.move(clock(friday, 19, 14), nil).Resolved, "once")
}

func TestPromiseMet(t *testing.T) {
	t.Parallel()
	for name, come := range map[string]func(o *office){
		"before it was planned": func(o *office) { o.file(report(friday, 1), "processed", clock(friday, 8, 0)) },
		"in time":               func(o *office) { o.file(report(friday, 3), "confirmed", clock(friday, 16, 59)) },
		"within the grace":      func(o *office) { o.file(report(friday, 1), "processed", clock(friday, 17, 30)) },
		"twice": func(o *office) {
			o.file(report(friday, 1), "processed", clock(friday, 12, 0))
			o.file(report(friday, 2), "processed", clock(friday, 18, 0))
		},
		"the second was refused": func(o *office) {
			o.file(report(friday, 1), "processed", clock(friday, 12, 0))
			o.file(report(friday, 2), "quarantined", clock(friday, 13, 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			come(o)
			o.plan(clock(friday, 9, 0), promised(friday))
			c := o.move(clock(friday, 23, 0), nil)
			require.Empty(t, c.Raised)
			require.Zero(t, c.Next)
			require.Equal(t, map[card.Day]card.PromiseState{friday: card.PromiseMet}, o.states(clock(friday, 23, 0)))
		})
	}
}

// TestOtherFilesAreNoSubstitute raises the report that is missed, whatever else came.
func TestOtherFilesAreNoSubstitute(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	o.file(report("20261119", 1), "processed", clock(friday, 10, 0))
	o.file(card.File{Partner: "OUTLET", Kind: card.ActRet, Date: string(friday), Seq: 1}, "processed", clock(friday, 10, 0))
	o.file(card.File{Partner: "OUTLET2", Kind: card.Report, Date: string(friday), Seq: 1}, "processed", clock(friday, 10, 0))
	o.file(report(friday, 1), "quarantined", clock(friday, 10, 0))
	at := clock(friday, 17, 30)
	require.Len(t, o.move(at, []card.File{report(friday, 1)}).Raised, 1, "the one that was refused lies there still")

	o.file(report(friday, 1), "processed", time.Time{}) // the better one comes under the same name
	c := o.move(clock(friday, 18, 0), nil)
	require.Len(t, c.Resolved, 1)
	require.Equal(t, clock(friday, 18, 0), c.Resolved[0].ResolvedAt, "not when the bad one came")
	require.Equal(t, card.PromiseLate, o.states(at)[friday])
}

// TestSeenAtThePartner takes a file for having come that nobody has collected.
func TestSeenAtThePartner(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	require.Empty(t, o.move(clock(friday, 17, 30), []card.File{report(friday, 2)}).Raised, "it lay there when the deadline passed")
	require.Equal(t, card.PromiseMet, o.states(clock(friday, 18, 0))[friday])

	o = newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	require.Len(t, o.move(clock(friday, 17, 30), nil).Raised, 1)
	c := o.move(clock(friday, 17, 44), []card.File{report(friday, 2)})
	require.Equal(t, clock(friday, 17, 44), c.Resolved[0].ResolvedAt)
	require.Equal(t, card.PromiseLate, o.states(clock(friday, 18, 0))[friday])
}

// TestRefusedAfterAll takes a promise for broken whose file turns out to be wrong when it is collected at last.
func TestRefusedAfterAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	require.Empty(t, o.move(clock(friday, 17, 30), []card.File{report(friday, 2)}).Raised)
	o.file(report(friday, 2), "quarantined", clock(friday, 18, 0))
	at := clock(friday, 18, 1)
	require.Len(t, o.plan(at, promised(friday)).Unmet, 1, "it is looked for again")
	require.Equal(t, []card.Alert{missedReport(friday, at)}, o.move(at, []card.File{report(friday, 2)}).Raised)

	o.file(report(friday, 3), "processed", clock(friday, 18, 30))
	require.Len(t, o.move(clock(friday, 18, 31), nil).Resolved, 1)
	require.Equal(t, card.PromiseLate, o.states(at)[friday])

	o.file(report(friday, 3), "quarantined", clock(friday, 18, 40)) // somebody looked at it
	at = clock(friday, 18, 41)
	require.Equal(t, []card.Alert{missedReport(friday, at)}, o.move(at, nil).Raised, "raised again")
	require.Empty(t, o.move(at.Add(time.Minute), nil).Raised, "once")
	o.file(report(friday, 4), "processed", clock(friday, 18, 50))
	require.Len(t, o.move(clock(friday, 18, 51), nil).Resolved, 1)
}

func TestPlanFollowsWhatWasAgreed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	at := clock(friday, 9, 0)
	o.plan(at, promised("20261118", "20261119", friday))
	require.Equal(t, map[card.Day]card.PromiseState{friday: card.PromiseWaiting}, o.states(at), "nobody is blamed for the time before")

	moved := promised(friday)
	moved[0].CutOff, moved[0].Deadline = clock(friday, 15, 0), clock(friday, 15, 0)
	o.plan(at, moved)
	require.Equal(t, clock(friday, 15, 0), o.move(at, nil).Next, "another cut-off was agreed")

	o.plan(at, nil)
	require.Empty(t, o.states(at), "it is not promised any more")

	o.plan(at, promised(friday))
	o.plan(clock(friday, 17, 10), nil)
	require.Len(t, o.move(clock(friday, 17, 40), nil).Raised, 1, "it was promised when its cut-off came")
	o.plan(clock(friday, 17, 41), moved)
	require.Equal(t, card.PromiseMissed, o.states(at)[friday], "the past is not mended")
}

// TestAfterADowntime judges what was promised while nobody looked.
func TestAfterADowntime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock("20261116", 9, 0), promised("20261116"))
	o.move(clock("20261116", 9, 0), nil)
	o.file(report("20261116", 1), "processed", clock("20261116", 12, 0))
	o.file(report("20261118", 1), "processed", clock("20261118", 19, 0))
	at := clock(friday, 9, 0)
	out := o.plan(at, promised("20261112", "20261116", "20261117", "20261118", "20261119", friday))
	require.Len(t, out.Unmet, 2)
	c := o.move(at, []card.File{report("20261119", 1)})
	require.Equal(t, []card.Alert{missedReport("20261117", at)}, c.Raised)
	require.Equal(t, map[card.Day]card.PromiseState{
		"20261116": card.PromiseMet, "20261117": card.PromiseMissed, "20261118": card.PromiseLate,
		"20261119": card.PromiseMet, friday: card.PromiseWaiting,
	}, o.states(at))
}

func TestOverdueAnswers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	until := clock(friday, 12, 0)
	o.batch(1, "ICBC", "ICBC_ACCTRET_20261118_000001.txt", until)
	o.batch(2, "OUTLET", "REPORT", until)
	o.batch(3, "OUTLET", "REPORT", until)
	o.batch(4, "BUREAU", "BUREAU_CARDRET_20261118_000001.txt", clock(friday, 18, 0))
	require.Equal(t, until, o.move(until.Add(-time.Minute), nil).Next)
	c := o.move(until, nil)
	require.Equal(t, []card.Alert{
		{Cause: card.AlertOverdue, Partner: "ICBC", Subject: "ICBC_ACCTRET_20261118_000001.txt", Batch: "R20261120-001/440600/102/001", Deadline: until, RaisedAt: until},
		{Cause: card.AlertOverdue, Partner: "OUTLET", Subject: "REPORT", Batch: "R20261120-001/440600/102/002", Deadline: until, RaisedAt: until},
		{Cause: card.AlertOverdue, Partner: "OUTLET", Subject: "REPORT", Batch: "R20261120-001/440600/102/003", Deadline: until, RaisedAt: until},
	}, c.Raised)
	require.Equal(t, clock(friday, 18, 0), c.Next)

	o.exec("update batch set waiting_for = null, waiting_what = null, waiting_until = null where number = 1")
	o.exec("update batch set waiting_until = $1 where number = 2", until.Add(48*time.Hour))
	c = o.move(until.Add(time.Minute), nil)
	require.Len(t, c.Resolved, 2, "the answer came; the outlets were heard of")
	require.Empty(t, c.Raised)

	v, err := o.Timetable(t.Context(), friday, friday, until.Add(time.Minute))
	require.NoError(t, err)
	require.Len(t, v.Awaited, 3)
	require.Equal(t, "R20261120-001/440600/102/003", v.Awaited[0].Batch)
	require.True(t, v.Awaited[0].Overdue)
	require.False(t, v.Awaited[1].Overdue)
}

func TestSilence(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	begin := clock(friday, 9, 0)
	heardOf := func(at time.Time) time.Time { return o.plan(at, nil, "ICBC").Heard["ICBC"].UTC() }
	silence := func(since time.Time) card.Silence {
		return card.Silence{Partner: "ICBC", Since: since, Deadline: since.Add(24 * time.Hour)}
	}
	require.Equal(t, begin, heardOf(begin), "nobody is silent before the watch begins")
	require.Equal(t, begin, heardOf(begin.Add(time.Hour)))
	c := o.move(begin.Add(time.Hour), nil, silence(begin))
	require.Empty(t, c.Raised)
	require.Equal(t, begin.Add(24*time.Hour), c.Next)
	c = o.move(begin.Add(24*time.Hour), nil, silence(begin))
	require.Equal(t, card.AlertSilent, c.Raised[0].Cause)
	require.Empty(t, o.move(begin.Add(25*time.Hour), nil, silence(begin)).Raised)

	o.file(card.File{Partner: "ICBC", Kind: card.AcctRet, Date: string(friday), Seq: 1}, "quarantined", begin.Add(26*time.Hour))
	require.Equal(t, begin.Add(26*time.Hour), heardOf(begin.Add(27*time.Hour)), "also a refused file is a sign of life")
	c = o.move(begin.Add(27*time.Hour), nil, silence(begin.Add(26*time.Hour)))
	require.Len(t, c.Resolved, 1)

	require.NoError(t, o.HeardFrom(t.Context(), "ICBC", begin.Add(28*time.Hour)))
	require.NoError(t, o.HeardFrom(t.Context(), "ICBC", begin.Add(27*time.Hour)))
	require.Equal(t, begin.Add(28*time.Hour), heardOf(begin.Add(29*time.Hour)), "a login too")

	v, err := o.Timetable(t.Context(), friday, friday, begin)
	require.NoError(t, err)
	require.Equal(t, begin.Add(26*time.Hour), v.Heard["ICBC"].LastFile.UTC())
	require.Equal(t, begin.Add(28*time.Hour), v.Heard["ICBC"].LastConnection.UTC())
	require.Len(t, o.move(begin.Add(60*time.Hour), nil, silence(begin.Add(28*time.Hour))).Raised, 1, "each silence is raised")
	require.Len(t, o.move(begin.Add(61*time.Hour), nil).Resolved, 1, "it is not watched any more")
}

// TestChecksAtOnce has several workers check at the same moment: everything is raised by one of them.
func TestChecksAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.plan(clock(friday, 9, 0), promised(friday))
	o.batch(1, "ICBC", "ICBC_ACCTRET_20261118_000001.txt", clock(friday, 12, 0))
	raised := make(chan int)
	for range 4 {
		go func() {
			c, err := o.MoveTimetable(context.Background(), clock(friday, 18, 0), nil, nil)
			if err != nil {
				raised <- -100
				return
			}
			raised <- len(c.Raised)
		}()
	}
	total := 0
	for range 4 {
		total += <-raised
	}
	require.Equal(t, 2, total)
}
