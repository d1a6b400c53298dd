package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// PromiseView is a promised file and what became of it.
type PromiseView struct {
	Partner     string            `json:"-"`
	Kind        card.FileKind     `json:"kind"`
	Day         card.Day          `json:"date"`
	CutOff      time.Time         `json:"cut_off"`
	Deadline    time.Time         `json:"deadline"`
	State       card.PromiseState `json:"state"`
	CameAt      *time.Time        `json:"came_at,omitempty"`
	File        string            `json:"file,omitempty"`
	LateMinutes int               `json:"late_minutes,omitempty"` // after the cut-off, of a file that came late
}

// AlertView is an alert as its people see it.
type AlertView struct {
	Partner    string          `json:"-"`
	Cause      card.AlertCause `json:"cause"`
	Subject    string          `json:"subject,omitempty"` // the promised kind and day, or the answer that is overdue
	Batch      string          `json:"batch,omitempty"`
	Deadline   time.Time       `json:"deadline"`
	RaisedAt   time.Time       `json:"raised_at"`
	ResolvedAt *time.Time      `json:"resolved_at,omitempty"`
}

// Heard is when a partner was last heard of; both are nil when that was never.
type Heard struct {
	LastFile       *time.Time `json:"last_file,omitempty"`
	LastConnection *time.Time `json:"last_connection,omitempty"` // its login at the hub
	WatchedSince   *time.Time `json:"watched_since,omitempty"`
}

// Timetable is what the ledger knows of the partners' punctuality on some days. Rows bear their partner.
type Timetable struct {
	Promises []PromiseView
	Awaited  []Waiting
	Alerts   []AlertView
	Heard    map[string]Heard
}

// Timetable returns the promises for the business dates from first to last, the answers that are awaited now, and the alerts
// that stand or were raised on these days.
func (l *Ledger) Timetable(ctx context.Context, first, last card.Day, at time.Time) (Timetable, error) {
	t := Timetable{Heard: map[string]Heard{}}
	err := l.tx(ctx, "read the timetable", func(tx pgx.Tx) (err error) {
		if t.Promises, err = promiseViews(ctx, tx, first, last); err != nil {
			return err
		}
		if t.Awaited, err = awaited(ctx, tx, at); err != nil {
			return err
		}
		if t.Alerts, err = alertViews(ctx, tx, first, last); err != nil {
			return err
		}
		return heardOf(ctx, tx, t.Heard)
	})
	return t, err
}

func promiseViews(ctx context.Context, tx pgx.Tx, first, last card.Day) ([]PromiseView, error) {
	rows, err := tx.Query(ctx, `
		select partner, kind, business_date, cut_off, deadline, state, came_at, coalesce(file, ''),
			case state when 'late' then ceil(extract(epoch from came_at - cut_off) / 60)::integer else 0 end
		from promise where business_date between $1 and $2 order by partner, deadline, kind`, string(first), string(last))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[PromiseView])
}

func awaited(ctx context.Context, tx pgx.Tx, at time.Time) ([]Waiting, error) {
	rows, err := tx.Query(ctx, `
		select r.id, b.number, b.city, b.bank, b.waiting_for, b.waiting_what, b.waiting_until from batch b join rollout r on r.no = b.rollout
		where b.waiting_what <> 'CUT_OFF' order by b.waiting_until, r.no, b.number`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Waiting, error) {
		var w Waiting
		var id card.RolloutID
		var number, city, bank int
		err := r.Scan(&id, &number, &city, &bank, &w.For, &w.What, &w.Until)
		w.Batch, w.Overdue = batchID(id, city, bank, number).String(), w.Until.Before(at)
		return w, err
	})
}

func alertViews(ctx context.Context, tx pgx.Tx, first, last card.Day) ([]AlertView, error) {
	rows, err := tx.Query(ctx, `
		select `+alertColumns+`, coalesce(r.id, ''), coalesce(b.city, 0), coalesce(b.bank, 0) from alert a
		left join rollout r on r.no = a.rollout left join batch b on b.rollout = a.rollout and b.number = a.batch
		where a.resolved_at is null or a.raised_at >= $1 and a.raised_at < $2
		order by a.partner, a.deadline, a.subject, a.batch`, first.At(0), last.Plus(1).At(0))
	alerts, err := collectAlerts(rows, err)
	views := make([]AlertView, len(alerts))
	for i, a := range alerts {
		views[i] = AlertView{Partner: a.Partner, Cause: a.Cause, Subject: a.Subject, Batch: a.Batch, Deadline: a.Deadline, RaisedAt: a.RaisedAt}
		if !a.ResolvedAt.IsZero() {
			views[i].ResolvedAt = &a.ResolvedAt
		}
	}
	return views, err
}

func heardOf(ctx context.Context, tx pgx.Tx, into map[string]Heard) error {
	rows, err := tx.Query(ctx, `
		select coalesce(c.partner, f.partner), f.last, c.connected_at, c.since from partner_contact c
		full join (select partner, max(reserved_at) as last from exchange_file where direction = 'in' group by partner) f on f.partner = c.partner`)
	if err != nil {
		return err
	}
	var partner string
	var c Heard
	_, err = pgx.ForEachRow(rows, []any{&partner, &c.LastFile, &c.LastConnection, &c.WatchedSince}, func() error {
		into[partner] = c
		return nil
	})
	return err
}
