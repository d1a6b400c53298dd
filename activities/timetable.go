package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"onecard/card"
)

// The counters of the timetable, with the partner and the cause as their tags.
const (
	MetricAlertsRaised   = "onecard_alerts_raised"
	MetricAlertsResolved = "onecard_alerts_resolved"
)

const (
	planBack   = 31 * 24 * time.Hour // a longer standstill of the hub is not made up for
	lookWithin = 10 * time.Second    // for one look at a partner's outbox: a check must not be late because a partner is
	mostWait   = time.Minute         // between two checks
	leastWait  = time.Second
)

// TimetableLedger keeps what partners promised and why they are to be called.
type TimetableLedger interface {
	// PlanTimetable writes promises down that are new, and tells what to look for. Planning again is harmless.
	PlanTimetable(ctx context.Context, at time.Time, plan []card.Promise, watched []string) (card.Lookout, error)
	// MoveTimetable brings promises and alerts to where they stand at the given time, and tells what changed: an alert is
	// raised once for each deadline. seen are files that lie at their partners.
	MoveTimetable(ctx context.Context, at time.Time, seen []card.File, silences []card.Silence) (card.TimetableCheck, error)
}

// Outboxes shows what lies at the partners.
type Outboxes interface {
	// List returns the complete files of a kind that a partner has put out.
	List(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error)
}

// Expected is one kind of file that a partner sends by a timetable.
type Expected struct {
	Partner  string
	Kind     card.FileKind
	Schedule card.Schedule
	Grace    time.Duration // after the cut-off, until the file counts as missed
}

// Watch is the longest that a partner may be silent. Only time on working days counts.
type Watch struct {
	Partner     string
	SilentAfter time.Duration
}

// Timetable sees to it that what partners do not do is noticed by the hub.
type Timetable struct {
	Ledger   TimetableLedger
	Outboxes Outboxes
	Calendar *card.Calendar
	Expected []Expected
	Watched  []Watch
	Now      func() time.Time
}

// TimetableChecked is what a check did, and when the next is due.
type TimetableChecked struct {
	Raised   int
	Resolved int
	Wait     time.Duration // a minute, or less when a deadline comes earlier
}

// CheckTimetable raises what has become due, once, and resolves what has come: in the ledger, in the log and in the counters.
// Before a file is called missed, the hub looks whether it lies at the partner uncollected; a partner that cannot be reached
// does not keep the alert back.
func (t *Timetable) CheckTimetable(ctx context.Context) (TimetableChecked, error) {
	at := t.Now()
	out, err := t.Ledger.PlanTimetable(ctx, at, t.plan(at), t.watched())
	if err != nil {
		return TimetableChecked{}, fault(err)
	}
	check, err := t.Ledger.MoveTimetable(ctx, at, t.look(ctx, out.Unmet), t.silences(out.Heard))
	if err != nil {
		return TimetableChecked{}, fault(err)
	}
	tell(ctx, check)
	return TimetableChecked{Raised: len(check.Raised), Resolved: len(check.Resolved), Wait: t.wait(check.Next)}, nil
}

// wait is how long nothing has to be checked.
func (t *Timetable) wait(next time.Time) time.Duration {
	if next.IsZero() {
		return mostWait
	}
	return min(max(next.Sub(t.Now()), leastWait), mostWait)
}

// plan is what was promised in the last weeks, and the next file of each kind.
func (t *Timetable) plan(at time.Time) []card.Promise {
	var plan []card.Promise
	for _, e := range t.Expected {
		next, _ := e.Schedule.NextCutOff(at)
		for _, day := range append(e.Schedule.Between(at.Add(-planBack), at), next) {
			due := e.Schedule.Due(day)
			plan = append(plan, card.Promise{Partner: e.Partner, Kind: e.Kind, Day: day, CutOff: due, Deadline: due.Add(e.Grace)})
		}
	}
	return plan
}

func (t *Timetable) watched() []string {
	var partners []string
	for _, w := range t.Watched {
		partners = append(partners, w.Partner)
	}
	return partners
}

func (t *Timetable) silences(heard map[string]time.Time) []card.Silence {
	var silences []card.Silence
	for _, w := range t.Watched {
		since := heard[w.Partner]
		silences = append(silences, card.Silence{Partner: w.Partner, Since: since, Deadline: t.Calendar.After(since, w.SilentAfter)})
	}
	return silences
}

// look returns the files of the unmet promises' kinds that lie at their partners, all of which are asked at once.
func (t *Timetable) look(ctx context.Context, unmet []card.Promise) []card.File {
	type shelf struct {
		partner string
		kind    card.FileKind
	}
	asked := map[shelf]bool{}
	var seen []card.File
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, p := range unmet {
		s := shelf{p.Partner, p.Kind}
		if asked[s] {
			continue
		}
		asked[s] = true
		wait.Go(func() {
			files := t.list(ctx, s.partner, s.kind)
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, files...)
		})
	}
	wait.Wait()
	return seen
}

func (t *Timetable) list(ctx context.Context, partner string, kind card.FileKind) []card.File {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	files, err := t.Outboxes.List(ctx, partner, kind)
	if err != nil {
		activity.GetLogger(ctx).Info("An outbox could not be looked into.", "partner", partner, "kind", string(kind), "reason", string(card.ReasonOf(err)))
	}
	return files
}

// tell writes the changes to the log and counts them. Both are warnings, so that whoever reads of an alert reads of its end.
func tell(ctx context.Context, check card.TimetableCheck) {
	log, metrics := activity.GetLogger(ctx), activity.GetMetricsHandler(ctx)
	count := func(metric string, a card.Alert) {
		metrics.WithTags(map[string]string{"partner": a.Partner, "cause": string(a.Cause)}).Counter(metric).Inc(1)
	}
	for _, a := range check.Raised {
		count(MetricAlertsRaised, a)
		log.Warn("A partner is to be called.", "cause", string(a.Cause), "partner", a.Partner, "subject", a.Subject, "batch", a.Batch,
			"deadline", a.Deadline.In(card.Shanghai))
	}
	for _, a := range check.Resolved {
		count(MetricAlertsResolved, a)
		log.Warn("An alert about a partner is over.", "cause", string(a.Cause), "partner", a.Partner, "subject", a.Subject, "batch", a.Batch,
			"deadline", a.Deadline.In(card.Shanghai), "late", a.ResolvedAt.Sub(a.Deadline).Round(time.Second).String())
	}
}
