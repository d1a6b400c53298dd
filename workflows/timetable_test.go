package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
	"onecard/worker"
	"onecard/workflows"
)

// timetableEnv runs the timetable from a moment on, by a clock that leaps from one event to the next.
func timetableEnv(from time.Time) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(from)
	env.SetTestTimeout(2 * time.Minute)
	worker.RegisterWorkflows(env)
	return env
}

// checks plays CheckTimetable: it remembers when it was asked, and answers with the waits in turn.
type checks struct {
	now   func() time.Time
	asked []time.Time
	waits []time.Duration
	fail  func(n int) error
}

func (c *checks) check(context.Context) (activities.TimetableChecked, error) {
	c.asked = append(c.asked, c.now())
	if n := len(c.asked); c.fail != nil && c.fail(n) != nil {
		return activities.TimetableChecked{}, c.fail(n)
	}
	wait := c.waits[min(len(c.asked), len(c.waits))-1]
	return activities.TimetableChecked{Wait: wait}, nil
}

func (c *checks) run(t *testing.T, env *testsuite.TestWorkflowEnvironment) {
	t.Helper()
	c.now = env.Now
	env.RegisterActivityWithOptions(c.check, activity.RegisterOptions{Name: "CheckTimetable"})
	env.ExecuteWorkflow(workflows.Timetable)
	require.True(t, env.IsWorkflowCompleted())
}

func TestTimetableChecksWhenADeadlinePasses(t *testing.T) {
	t.Parallel()
	start := card.Day("20261120").At(17 * 60)
	env := timetableEnv(start)
	c := &checks{waits: []time.Duration{time.Minute, 7 * time.Second, time.Minute}}
	env.RegisterDelayedCallback(env.CancelWorkflow, 3*time.Minute)
	c.run(t, env)
	require.True(t, temporal.IsCanceledError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
	var after []time.Duration
	for _, at := range c.asked {
		after = append(after, at.Sub(start))
	}
	require.Equal(t, []time.Duration{0, time.Minute, 67 * time.Second, 127 * time.Second}, after)
}

func TestTimetableOutlivesFailedChecks(t *testing.T) {
	t.Parallel()
	env := timetableEnv(card.Day("20261120").At(0))
	c := &checks{waits: []time.Duration{time.Minute}, fail: func(n int) error {
		switch {
		case n <= 3:
			return errors.New("the ledger cannot be reached")
		case n == 5:
			return temporal.NewNonRetryableApplicationError("a fault", string(card.ReasonLedgerFault), nil)
		}
		return nil
	}}
	env.RegisterDelayedCallback(env.CancelWorkflow, 10*time.Minute)
	c.run(t, env)
	require.True(t, temporal.IsCanceledError(env.GetWorkflowError()))
	require.Greater(t, len(c.asked), 10)
	require.Less(t, c.asked[3].Sub(c.asked[0]), 10*time.Second, "what may pass is tried again soon")
}

func TestTimetableContinuesAsNew(t *testing.T) {
	t.Parallel()
	env := timetableEnv(card.Day("20261120").At(0))
	c := &checks{waits: []time.Duration{time.Minute}}
	env.RegisterDelayedCallback(func() { env.SetContinueAsNewSuggested(true) }, 5*time.Minute)
	c.run(t, env)
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &again)
	require.Equal(t, "Timetable", again.WorkflowType.Name)
	require.Len(t, c.asked, 5)
}

// plainLedger seals nothing: the timetable holds nothing to be sealed.
type plainLedger struct{}

func (plainLedger) Seal(plain, _ []byte) []byte           { return plain }
func (plainLedger) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }
func (plainLedger) Index(string, string) [16]byte         { return [16]byte{} }

// evening is a hub over hours that pass in no time: a real ledger, the real activity, and partners whose outboxes the test fills.
type evening struct {
	t      *testing.T
	env    *testsuite.TestWorkflowEnvironment
	ledger *postgres.Ledger
	conn   *pgx.Conn
	steps  *activities.Timetable
	start  time.Time

	mu    sync.Mutex
	lying []card.File
	away  string // the partner that cannot be reached
}

func newEvening(t *testing.T, start time.Time) *evening {
	t.Helper()
	url := pgtest.New(t)
	l, err := postgres.Open(t.Context(), url, plainLedger{})
	require.NoError(t, err)
	t.Cleanup(l.Close)
	require.NoError(t, l.Migrate(t.Context()))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	calendar, err := card.NewCalendar()
	require.NoError(t, err)
	w := &evening{t: t, env: timetableEnv(start), ledger: l, conn: conn, start: start}
	w.steps = &activities.Timetable{Ledger: l, Outboxes: w, Calendar: calendar, Now: w.env.Now}
	w.env.RegisterActivity(w.steps)
	return w
}

// expect has partners promise a report.
func (w *evening) expect(days, cutOff string, grace time.Duration, partners ...string) {
	w.t.Helper()
	s, err := w.steps.Calendar.Schedule(days, cutOff)
	require.NoError(w.t, err)
	for _, p := range partners {
		w.steps.Expected = append(w.steps.Expected, activities.Expected{Partner: p, Kind: card.Report, Schedule: s, Grace: grace})
	}
}

// List shows what lies in the outbox, unless the partner cannot be reached.
func (w *evening) List(_ context.Context, partner string, kind card.FileKind) ([]card.File, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away == partner {
		return nil, card.E(card.Unavailable, "list", card.ReasonPartnerUnreachable, nil)
	}
	return slices.DeleteFunc(slices.Clone(w.lying), func(f card.File) bool { return f.Partner != partner || f.Kind != kind }), nil
}

// put has a partner's report of a day lie ready.
func (w *evening) put(partner string, d card.Day) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lying = append(w.lying, card.File{Partner: partner, Kind: card.Report, Date: string(d), Seq: 1})
}

// at has something happen at a moment.
func (w *evening) at(moment time.Time, do func()) {
	w.env.RegisterDelayedCallback(do, moment.Sub(w.start))
}

// collect has the hub collect a partner's report of a day now.
func (w *evening) collect(partner string, d card.Day) {
	_, err := w.conn.Exec(w.t.Context(), `
		insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at, confirmed_at)
		values ($1, 'in', 'REPORT', $2, 1, 'processed', $3, $3)`, partner, string(d), w.env.Now())
	require.NoError(w.t, err)
}

// run lets time pass until a moment, and returns what was raised by then.
func (w *evening) run(until time.Time) postgres.Timetable {
	w.t.Helper()
	w.at(until, w.env.CancelWorkflow)
	w.env.ExecuteWorkflow(workflows.Timetable)
	require.True(w.t, temporal.IsCanceledError(w.env.GetWorkflowError()), "%v", w.env.GetWorkflowError())
	table, err := w.ledger.Timetable(w.t.Context(), card.DayOf(w.start), card.DayOf(until), until)
	require.NoError(w.t, err)
	for _, a := range table.Alerts {
		require.False(w.t, a.RaisedAt.Before(a.Deadline), "%v", a)
		require.LessOrEqual(w.t, a.RaisedAt.Sub(a.Deadline), time.Minute, "%v", a)
	}
	return table
}

// TestMissedFilesAreRaisedWithinAMinute goes through the evening of the make-up Saturday after National Day, on which one
// outlet network after the other is to report by 17:00 and two and a half minutes.
func TestMissedFilesAreRaisedWithinAMinute(t *testing.T) {
	t.Parallel()
	const saturday card.Day = "20261010"
	cutOff := saturday.At(17 * 60)
	w := newEvening(t, cutOff.Add(-5*time.Minute-13*time.Second))
	w.expect("working", "17:00", 150*time.Second, "INTIME", "LYING", "LATE", "AWAY", "NEVER")
	w.expect("fri", "17:00", 0, "FRIDAYS")
	w.away = "AWAY"
	w.put("AWAY", saturday)
	w.at(cutOff.Add(-time.Minute), func() { w.collect("INTIME", saturday) })
	w.at(cutOff.Add(2*time.Minute), func() { w.put("LYING", saturday) })
	w.at(cutOff.Add(10*time.Minute+time.Second), func() { w.collect("LATE", saturday) })
	table := w.run(cutOff.Add(20 * time.Minute))

	got := map[string]card.PromiseState{}
	for _, p := range table.Promises {
		got[p.Partner] = p.State
	}
	require.Equal(t, map[string]card.PromiseState{
		"INTIME": card.PromiseMet,
		"LYING":  card.PromiseMet, // though nobody has collected it
		"LATE":   card.PromiseLate,
		"AWAY":   card.PromiseMissed, // who cannot be reached has not delivered
		"NEVER":  card.PromiseMissed,
	}, got)
	var raised []string
	for _, a := range table.Alerts {
		raised = append(raised, a.Partner)
		require.Equal(t, a.Partner == "LATE", a.ResolvedAt != nil)
	}
	require.Equal(t, []string{"AWAY", "LATE", "NEVER"}, raised)
}

// TestSilenceIsRaisedWithinAMinute lets partners be silent from Sunday night on; Sunday does not count.
func TestSilenceIsRaisedWithinAMinute(t *testing.T) {
	t.Parallel()
	monday := card.Day("20261123").At(0)
	w := newEvening(t, monday.Add(-10*time.Minute))
	w.steps.Watched = []activities.Watch{{Partner: "ICBC", SilentAfter: 95 * time.Second}, {Partner: "CIVIL", SilentAfter: time.Hour}}
	table := w.run(monday.Add(10 * time.Minute))
	require.Len(t, table.Alerts, 1)
	require.Equal(t, "ICBC", table.Alerts[0].Partner)
	require.Equal(t, card.AlertSilent, table.Alerts[0].Cause)
	require.Equal(t, monday.Add(95*time.Second).UTC(), table.Alerts[0].Deadline.UTC())
}
