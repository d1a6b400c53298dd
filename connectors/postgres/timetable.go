package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// lookBack is for how long a missed file is still looked for at its partner.
const lookBack = 31 * 24 * time.Hour

// HeardFrom records that a partner logged in at the hub.
func (l *Ledger) HeardFrom(ctx context.Context, partner string, at time.Time) error {
	_, err := l.pool.Exec(ctx, `
		insert into partner_contact (partner, since, connected_at) values ($1, $2, $2)
		on conflict (partner) do update set connected_at = greatest(partner_contact.connected_at, excluded.connected_at)`, partner, at)
	return fault("record a partner's connection", err)
}

// PlanTimetable writes the promises down that are not yet in the ledger, and tells what to look for. plan holds the promises of
// the last weeks and the next of each kind; of a kind that the ledger has not seen before only those are taken whose
// deadlines lie after at, so that nobody is blamed for the time before. What is no longer promised, or for another time, is
// mended as long as its cut-off lies ahead. watched are the partners whose silence is watched. Planning again is harmless.
func (l *Ledger) PlanTimetable(ctx context.Context, at time.Time, plan []card.Promise, watched []string) (card.Lookout, error) {
	out := card.Lookout{}
	err := l.tx(ctx, "plan the timetable", func(tx pgx.Tx) error {
		if err := lockTimetable(ctx, tx); err != nil {
			return err
		}
		if err := writePromises(ctx, tx, at, plan); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into partner_contact (partner, since) select w.partner, $2 from unnest($1::text[]) w(partner) on conflict do nothing`,
			watched, at); err != nil {
			return err
		}
		if err := meetPromises(ctx, tx, at, nil); err != nil {
			return err
		}
		var err error
		if out.Unmet, err = unmet(ctx, tx, at); err != nil {
			return err
		}
		out.Heard, err = heard(ctx, tx, watched)
		return err
	})
	return out, err
}

// lockTimetable lets one check at a time change promises and alerts.
func lockTimetable(ctx context.Context, tx pgx.Tx) error {
	return inTurn(ctx, tx, "timetable")
}

func writePromises(ctx context.Context, tx pgx.Tx, at time.Time, plan []card.Promise) error {
	var partners, kinds, days []string
	var cutOffs, deadlines []time.Time
	for _, p := range plan {
		partners, kinds, days = append(partners, p.Partner), append(kinds, string(p.Kind)), append(days, string(p.Day))
		cutOffs, deadlines = append(cutOffs, p.CutOff), append(deadlines, p.Deadline)
	}
	const planned = `unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) p(partner, kind, business_date, cut_off, deadline)`
	_, err := tx.Exec(ctx, `
		insert into promise (partner, kind, business_date, cut_off, deadline) select p.* from `+planned+`
		where p.deadline > coalesce((select max(e.deadline) from promise e where e.partner = p.partner and e.kind = p.kind), $6)
			or exists (select from promise e where e.partner = p.partner and e.kind = p.kind and e.business_date = p.business_date)
		on conflict (partner, kind, business_date) do update set cut_off = excluded.cut_off, deadline = excluded.deadline
			where promise.state = 'waiting' and promise.cut_off > $6 and (promise.cut_off, promise.deadline) <> (excluded.cut_off, excluded.deadline)`,
		partners, kinds, days, cutOffs, deadlines, at)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		delete from promise e where e.state = 'waiting' and e.cut_off > $6
			and not exists (select from `+planned+` where p.partner = e.partner and p.kind = e.kind and p.business_date = e.business_date)`,
		partners, kinds, days, cutOffs, deadlines, at)
	return err
}

// meetPromises moves the promises whose files have come, by the ledger's record of files or because they were seen at their
// partner. Nobody knows when a file came that was seen: it is taken to have come by the deadline unless it was missed before.
// A refused file is none.
func meetPromises(ctx context.Context, tx pgx.Tx, at time.Time, seen []card.File) error {
	if err := doubtPromises(ctx, tx, at); err != nil {
		return err
	}
	partners, kinds, days, sequences := fileColumns(seen)
	_, err := tx.Exec(ctx, `
		update promise e set
			state = case when e.state = 'waiting' and c.at <= e.deadline then 'met' else 'late' end,
			came_at = case when e.state = 'missed' and c.at <= e.deadline then $1 else c.at end,
			file = `+fmt.Sprintf(promisedName, "c.sequence")+`
		from (select o.partner, o.kind, o.business_date, f.at, f.sequence from promise o cross join lateral (
				select x.reserved_at as at, x.sequence from exchange_file x
				where x.partner = o.partner and x.kind = o.kind and x.business_date = o.business_date
					and x.direction = 'in' and x.state <> 'quarantined'
				union all
				select least($1, case o.state when 'waiting' then o.deadline end), s.sequence
				from unnest($2::text[], $3::text[], $4::text[], $5::integer[]) s(partner, kind, business_date, sequence)
				where s.partner = o.partner and s.kind = o.kind and s.business_date = o.business_date
					and not exists (select from exchange_file q where q.partner = s.partner and q.kind = s.kind
						and q.business_date = s.business_date and q.sequence = s.sequence and q.state = 'quarantined')
				order by 1, 2 limit 1) f
			where o.state in ('waiting', 'missed')) c
		where e.partner = c.partner and e.kind = c.kind and e.business_date = c.business_date`,
		at, partners, kinds, days, sequences)
	return err
}

// promisedName is the SQL of the name of a promise's file, by the SQL of its sequence number.
const promisedName = `format('%%s_%%s_%%s_%%s.txt', e.partner, e.kind, e.business_date, to_char(%s, 'FM000000'))`

// doubtPromises takes back that a promise was kept, when the file that kept it was refused since: it is waited for again.
func doubtPromises(ctx context.Context, tx pgx.Tx, at time.Time) error {
	_, err := tx.Exec(ctx, `
		update promise e set state = 'waiting', came_at = null, file = null
		from exchange_file x where e.state in ('met', 'late') and e.deadline > $1
			and x.partner = e.partner and x.kind = e.kind and x.business_date = e.business_date
			and x.direction = 'in' and x.state = 'quarantined' and e.file = `+fmt.Sprintf(promisedName, "x.sequence"), at.Add(-lookBack))
	return err
}

func fileColumns(files []card.File) (partners, kinds, days []string, sequences []int) {
	for _, f := range files {
		partners, kinds = append(partners, f.Partner), append(kinds, string(f.Kind))
		days, sequences = append(days, f.Date), append(sequences, f.Seq)
	}
	return partners, kinds, days, sequences
}

func unmet(ctx context.Context, tx pgx.Tx, at time.Time) ([]card.Promise, error) {
	rows, err := tx.Query(ctx, `
		select partner, kind, business_date, cut_off, deadline from promise
		where state in ('waiting', 'missed') and deadline <= $1 and deadline > $2 order by deadline, partner, kind`, at, at.Add(-lookBack))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[card.Promise])
}

// heard tells when something was last heard of each partner: any file of its, also a refused one, or a connection.
func heard(ctx context.Context, tx pgx.Tx, watched []string) (map[string]time.Time, error) {
	rows, err := tx.Query(ctx, `
		select c.partner, greatest(c.since, c.connected_at,
			(select max(x.reserved_at) from exchange_file x where x.partner = c.partner and x.direction = 'in'))
		from partner_contact c where c.partner = any($1)`, watched)
	if err != nil {
		return nil, err
	}
	last := make(map[string]time.Time, len(watched))
	var partner string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&partner, &at}, func() error {
		last[partner] = at
		return nil
	})
	return last, err
}
