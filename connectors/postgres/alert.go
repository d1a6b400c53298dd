package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// MoveTimetable brings promises and alerts to where they stand at the given time, and tells what changed. seen are files that
// lie at their partners uncollected; silences tell of every watched partner by when it must be heard of. An alert is raised
// once for each deadline; moving again at the same time changes nothing.
func (l *Ledger) MoveTimetable(ctx context.Context, at time.Time, seen []card.File, silences []card.Silence) (card.TimetableCheck, error) {
	var c card.TimetableCheck
	err := l.tx(ctx, "move the timetable", func(tx pgx.Tx) error {
		if err := lockTimetable(ctx, tx); err != nil {
			return err
		}
		if err := meetPromises(ctx, tx, at, seen); err != nil {
			return err
		}
		var err error
		if c.Resolved, err = resolveAlerts(ctx, tx, at, silences); err != nil {
			return err
		}
		if c.Raised, err = raiseAlerts(ctx, tx, at, silences); err != nil {
			return err
		}
		c.Next, err = nextDeadline(ctx, tx, at, silences)
		return err
	})
	return c, err
}

// alertColumns are what scanAlert reads.
const alertColumns = `a.cause, a.partner, a.subject, a.rollout, a.batch, a.deadline, a.raised_at, a.resolved_at`

// raiseAlerts raises what has become due: missed files, overdue answers and silence. An alert that was resolved too early, for
// the file that came was refused, is raised again.
func raiseAlerts(ctx context.Context, tx pgx.Tx, at time.Time, silences []card.Silence) ([]card.Alert, error) {
	partners, deadlines := silenceColumns(silences)
	rows, err := tx.Query(ctx, `
		with missed as (
			update promise set state = 'missed' where state = 'waiting' and deadline <= $1
			returning 'missed', partner, kind || '/' || business_date, 0, 0, deadline),
		overdue as (
			select 'overdue', waiting_for, waiting_what, rollout, number, waiting_until from batch
			where waiting_what <> 'CUT_OFF' and waiting_until <= $1),
		silent as (
			select 'silent', s.partner, '', 0, 0, s.deadline from unnest($2::text[], $3::timestamptz[]) s(partner, deadline)
			where s.deadline <= $1),
		raised as (
			insert into alert (cause, partner, subject, rollout, batch, deadline, raised_at)
			select due.*, $1 from (select * from missed union all select * from overdue union all select * from silent) due
			on conflict (cause, partner, subject, rollout, batch, deadline) do update set raised_at = excluded.raised_at, resolved_at = null
				where alert.resolved_at is not null returning *)
		select `+alertColumns+`, coalesce(r.id, ''), coalesce(b.city, 0), coalesce(b.bank, 0) from raised a
		left join rollout r on r.no = a.rollout left join batch b on b.rollout = a.rollout and b.number = a.batch
		order by a.deadline, a.partner, a.subject, a.batch`, at, partners, deadlines)
	return collectAlerts(rows, err)
}

// resolveAlerts ends the alerts whose cause is gone: the file came, nobody waits any more, the partner was heard of.
func resolveAlerts(ctx context.Context, tx pgx.Tx, at time.Time, silences []card.Silence) ([]card.Alert, error) {
	partners, deadlines := silenceColumns(silences)
	rows, err := tx.Query(ctx, `
		with gone as (
			select a.no, coalesce((select p.came_at from promise p
				where p.partner = a.partner and p.kind || '/' || p.business_date = a.subject and p.state = 'late'), $1) as at
			from alert a where a.resolved_at is null and case a.cause
				when 'missed' then not exists (select from promise p
					where p.partner = a.partner and p.kind || '/' || p.business_date = a.subject and p.state = 'missed')
				when 'overdue' then not exists (select from batch b where b.rollout = a.rollout and b.number = a.batch
					and b.waiting_for = a.partner and b.waiting_what = a.subject and b.waiting_until = a.deadline)
				else not exists (select from unnest($2::text[], $3::timestamptz[]) s(partner, deadline)
					where s.partner = a.partner and s.deadline = a.deadline) end),
		resolved as (update alert a set resolved_at = g.at from gone g where a.no = g.no returning a.*)
		select `+alertColumns+`, coalesce(r.id, ''), coalesce(b.city, 0), coalesce(b.bank, 0) from resolved a
		left join rollout r on r.no = a.rollout left join batch b on b.rollout = a.rollout and b.number = a.batch
		order by a.deadline, a.partner, a.subject, a.batch`, at, partners, deadlines)
	return collectAlerts(rows, err)
}

func silenceColumns(silences []card.Silence) (partners []string, deadlines []time.Time) {
	for _, s := range silences {
		partners, deadlines = append(partners, s.Partner), append(deadlines, s.Deadline)
	}
	return partners, deadlines
}

func collectAlerts(rows pgx.Rows, err error) ([]card.Alert, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (card.Alert, error) {
		var a card.Alert
		var rollout, number, city, bank int
		var id card.RolloutID
		var resolved *time.Time
		err := r.Scan(&a.Cause, &a.Partner, &a.Subject, &rollout, &number, &a.Deadline, &a.RaisedAt, &resolved, &id, &city, &bank)
		if id != "" {
			a.Batch = batchID(id, city, bank, number).String()
		}
		if resolved != nil {
			a.ResolvedAt = *resolved
		}
		return a, err
	})
}

// nextDeadline is the first moment after at at which something may have to be raised; zero when there is none.
func nextDeadline(ctx context.Context, tx pgx.Tx, at time.Time, silences []card.Silence) (time.Time, error) {
	_, deadlines := silenceColumns(silences)
	var next *time.Time
	err := tx.QueryRow(ctx, `
		select least(
			(select min(deadline) from promise where state = 'waiting' and deadline > $1),
			(select min(waiting_until) from batch where waiting_for is not null and waiting_until > $1),
			(select min(s.deadline) from unnest($2::timestamptz[]) s(deadline) where s.deadline > $1))`, at, deadlines).Scan(&next)
	if err != nil || next == nil {
		return time.Time{}, err
	}
	return *next, nil
}
