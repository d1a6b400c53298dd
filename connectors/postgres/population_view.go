package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// MatchFigures count people and files of a match. Asked is the sum of Alive, Deceased, Renamed, Unregistered and Unknown.
type MatchFigures struct {
	Files        int `json:"files"`
	Answered     int `json:"answered"` // files
	Overdue      int `json:"overdue"`  // files
	Asked        int `json:"asked"`
	Alive        int `json:"alive"`
	Deceased     int `json:"deceased"`
	Renamed      int `json:"renamed"`
	Unregistered int `json:"unregistered"`
	Unknown      int `json:"unknown"`
	Reviews      int `json:"reviews"`
	Open         int `json:"open"`    // reviews
	Stopped      Sum `json:"stopped"` // payments that were held or stopped, at some time
}

// MatchView is the population match of a month. The figures of Cities are those of the people of a city.
type MatchView struct {
	Month      card.Month         `json:"month"`
	Status     card.RolloutStatus `json:"status"` // running or done
	By         string             `json:"by"`
	StartedAt  time.Time          `json:"started_at"`
	FinishedAt *time.Time         `json:"finished_at,omitempty"`
	Since      time.Time          `json:"since"` // payments of rollouts made since then count as recent
	MatchFigures
	Cities []MatchCity `json:"cities,omitempty"`
}

// MatchCity is the match of a month in one city.
type MatchCity struct {
	City string `json:"city"`
	MatchFigures
}

// matchFigures are the sums of MatchFigures over the pages m of a match o and its reviews. The money is that of the payments
// which a review has held or stopped: each counts once.
const matchFigures = `
	select count(*)::integer as files, count(m.answered_at)::integer as answered, (count(*) filter (where m.answered_at is null and m.expired_at is not null))::integer as overdue,
		sum(cardinality(m.people))::integer as asked, sum(m.alive)::integer as alive, sum(m.deceased)::integer as deceased, sum(m.renamed)::integer as renamed,
		sum(m.unregistered)::integer as unregistered
	from match_page m where m.rollout = o.no`

const reviewFigures = `
	select count(*)::integer as reviews, (count(*) filter (where v.closed_at is null))::integer as open, coalesce(sum(s.n), 0)::integer as n, coalesce(sum(s.fen), 0)::bigint as fen
	from review v left join lateral (
		select count(*) as n, sum(i.fen) as fen from (select distinct t.city, t.rollout, t.row_no from payout_trace t
			where t.source = 'review/' || v.no and t.source like 'review/%' and t.done and t.action in ('hold', 'stop')) t
		join batch b on b.rollout = t.rollout and b.city = t.city
		cross join lateral (select fen from payout_item i where i.city = t.city and i.rollout = t.rollout and i.batch = b.number
			and i.row_no = t.row_no offset 0) i) s on true
	where v.rollout = o.no`

// Matches returns the population matches, the newest first, without their cities.
func (l *Ledger) Matches(ctx context.Context) ([]MatchView, error) {
	all, err := l.matches(ctx, "")
	return all, fault("list the population matches", err)
}

// Match returns the population match of a month.
func (l *Ledger) Match(ctx context.Context, month card.Month) (MatchView, error) {
	all, err := l.matches(ctx, month)
	if err == nil && len(all) == 0 {
		err = noMatch(pgx.ErrNoRows, month)
	}
	if err != nil {
		return MatchView{}, fault("show a population match", err)
	}
	v := all[0]
	v.Cities, err = l.matchCities(ctx, month)
	return v, fault("show a population match", err)
}

func (l *Ledger) matches(ctx context.Context, month card.Month) ([]MatchView, error) {
	rows, err := l.pool.Query(ctx, `
		select r.month, o.status, o.made_by, o.started_at, o.finished_at, r.since, coalesce(m.files, 0), coalesce(m.answered, 0), coalesce(m.overdue, 0),
			coalesce(m.asked, 0), coalesce(m.alive, 0), coalesce(m.deceased, 0), coalesce(m.renamed, 0), coalesce(m.unregistered, 0), v.reviews, v.open, v.n, v.fen
		from match_run r join rollout o on o.no = r.rollout, lateral (`+matchFigures+`) m, lateral (`+reviewFigures+`) v
		where $1 = '' or r.month = $1 order by r.month desc`, string(month))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (v MatchView, err error) {
		err = r.Scan(append([]any{&v.Month, &v.Status, &v.By, &v.StartedAt, &v.FinishedAt, &v.Since}, v.scan()...)...)
		v.sum()
		return v, err
	})
}

func (f *MatchFigures) scan() []any {
	return []any{&f.Files, &f.Answered, &f.Overdue, &f.Asked, &f.Alive, &f.Deceased, &f.Renamed, &f.Unregistered, &f.Reviews, &f.Open, &f.Stopped.Rows, &f.Stopped.Fen}
}

func (f *MatchFigures) sum() {
	f.Unknown = f.Asked - f.Alive - f.Deceased - f.Renamed - f.Unregistered
}

func (l *Ledger) matchCities(ctx context.Context, month card.Month) ([]MatchCity, error) {
	rows, err := l.pool.Query(ctx, `
		select to_char(c.city, 'FM000000'), m.files, m.answered, m.overdue, m.asked, m.alive, m.deceased, m.renamed, m.unregistered, v.reviews, v.open, v.n, v.fen
		from match_run q join rollout o on o.no = q.rollout join (select distinct rollout, city from match_page) c on c.rollout = o.no,
			lateral (`+matchFigures+` and m.city = c.city) m, lateral (`+reviewFigures+` and v.city = c.city) v
		where q.month = $1 order by 1`, string(month))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (c MatchCity, err error) {
		err = r.Scan(append([]any{&c.City}, c.scan()...)...)
		c.sum()
		return c, err
	})
}
