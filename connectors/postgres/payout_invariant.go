package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onecard/card"
)

// What is counted of a batch is old once the batch's own counts are others, which every step of it writes. Rows that were changed past
// the ledger leave no counts behind. So each look counts a few batches again: those that have moved on, and then those whose turn was
// longest ago. That keeps a look cheap while a rollout of a hundred batches runs.
const (
	recountAfter = time.Minute
	recounted    = 8 // batches a look
)

// movedBatches picks the batches of the rollout $1 that are to be counted.
const movedBatches = `
	select number from batch b where rollout = $1 and not exists (select from payout_check c where c.rollout = b.rollout and c.number = b.number)
	union all
	(select number from payout_check c join batch b using (rollout, number) where rollout = $1 and (c.counts <> b.counts or c.at < $2)
		order by c.counts = b.counts, c.at limit $3)`

// countAllPayments counts every batch of a subsidy rollout anew, in one pass. What the planner thinks of the rows that go together in
// batches is far too few: it would look up each alone.
func (l *Ledger) countAllPayments(ctx context.Context, no int32) error {
	return l.tx(ctx, "count the payments", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local enable_nestloop = off"); err != nil {
			return err
		}
		return l.countChecks(ctx, tx, no, nil)
	})
}

// countMovedPayments counts the batches that never were counted, and a few more, one after the other. Being cut short does no harm, and
// what was counted stays.
func (l *Ledger) countMovedPayments(ctx context.Context, no int32) error {
	rows, err := l.pool.Query(ctx, movedBatches, no, l.now().Add(-recountAfter), recounted)
	if err != nil {
		return err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	for i := range numbers {
		if err == nil {
			err = l.countChecks(ctx, l.pool, no, numbers[i:i+1])
		}
	}
	return err
}

// execer carries out a statement: in a transaction, or alone.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// countChecks counts batches, or all; each from its rows at one instant, beside the counts that it has then.
func (l *Ledger) countChecks(ctx context.Context, q execer, no int32, batches []int32) error {
	_, err := q.Exec(ctx, countCheck, no, batches, l.now(), liveStates(), knownStates(), card.PayReleased)
	return err
}

// liveStates are the states of payments that have been made or may be.
func liveStates() []int16 { return append(openStates(), int16(card.PayPaid)) }

func knownStates() []int16 {
	return append(liveStates(), int16(card.PayReturned), int16(card.PayWithdrawn), int16(card.PayRefused))
}

// countCheck counts the batches $2 of the rollout $1, or all. A payee's claim is found by its key: there is one a person, programme and
// period.
const countCheck = `
	insert into payout_check (rollout, number, counts, at, rows, fen, odd, other, twice, out)
	select b.rollout, b.number, b.counts, $3, count(i.row_no), coalesce(sum(i.fen), 0), count(*) filter (where i.status <> all($5::smallint[])),
		count(*) filter (where i.fen is distinct from r.fen), count(*) filter (where i.status = any($4::smallint[]) and e.person is null), count(*) filter (where i.status = $6)
	from batch b join payout p on p.rollout = b.rollout join programme g on g.id = p.programme
	left join payout_item i on i.city = b.city and i.rollout = b.rollout and i.batch = b.number
	left join payout_row r on r.city = i.city and r.rollout = i.rollout and r.batch = i.batch and r.row_no = i.row_no
	left join entitlement e on e.programme = g.no and e.period = p.period and e.person = r.person and e.rollout = i.rollout and e.row_no = i.row_no
	where b.rollout = $1 and ($2::integer[] is null or b.number = any($2)) group by b.rollout, b.number order by b.number
	on conflict (rollout, number) do update set counts = excluded.counts, at = excluded.at, rows = excluded.rows, fen = excluded.fen,
		odd = excluded.odd, other = excluded.other, twice = excluded.twice, out = excluded.out`

// payInvariants tells the invariants of a subsidy rollout from what was counted of its batches.
func (l *Ledger) payInvariants(ctx context.Context, no int32) ([]Invariant, error) {
	all := []Invariant{}
	for _, check := range payChecks {
		v := Invariant{Name: check.name}
		if err := l.pool.QueryRow(ctx, check.query, no).Scan(&v.Holds, &v.Figure, &v.CountedAt); err != nil {
			return nil, fault("check "+check.name, err)
		}
		all = append(all, v)
	}
	approved, err := l.approvedInvariant(ctx, no)
	return append(all, approved, l.auditInvariant(ctx)), err
}

// payChecks are told of the rollout $1: whether it holds, the figure, and when the oldest of what went into it was counted. A batch keeps
// its rows and their money and claims, but not what is out: of one that has moved on, its last step's count is taken.
var payChecks = []invariantCheck{
	{"intended_is_paid_refused_returned_pending", `
		select p.fen = p.refused_fen + i.fen and r.rows = r.refused + i.n and i.odd = 0, p.fen || ' fen of ' || r.rows || ' rows handed in = ' || p.refused_fen
			|| ' fen of ' || r.refused || ' refused at intake + ' || i.fen || ' fen of ' || i.n || ' in batches', i.at
		from payout p join rollout r on r.no = p.rollout, (
			select coalesce(sum(fen), 0) as fen, coalesce(sum(rows), 0) as n, coalesce(sum(odd), 0) as odd, min(at) as at
			from payout_check where rollout = $1) i where p.rollout = $1`, nil},
	{"nobody_paid_twice_for_programme_and_period", `
		select coalesce(sum(twice), 0) = 0, coalesce(sum(twice), 0) || ' payments beside another', min(at) from payout_check where rollout = $1`, nil},
	{"what_is_paid_was_intended", `
		select coalesce(sum(other), 0) = 0, coalesce(sum(other), 0) || ' items with other money than their rows', min(at) from payout_check where rollout = $1`, nil},
	{"every_row_sent_is_answered_or_unknown", `
		select coalesce(sum(o.n), 0) = 0, coalesce(sum(o.n), 0) || ' rows without answer in answered files', min(at)
		from payout_check c join batch b using (rollout, number)
		cross join lateral (select case when c.counts = b.counts then c.out else (b.counts->'out'->>'rows')::integer end as n) o
		where c.rollout = $1 and exists (select from exchange_file f where f.rollout = c.rollout and f.batch = c.number
			and f.state = 'processed' and f.kind in ('PAYRET', 'PAYENR'))`, nil},
}

// approvedInvariant says whether everybody had approved before money left.
func (l *Ledger) approvedInvariant(ctx context.Context, no int32) (Invariant, error) {
	v := Invariant{Name: "approved_by_every_role_before_money_left", Figure: "no money file out"}
	var out int
	var last *time.Time
	if err := l.pool.QueryRow(ctx, `
		select count(*), max(confirmed_at) from exchange_file
		where rollout = $1 and direction = 'out' and confirmed_at is not null and kind in ('PAYREQ', 'FUNDREQ') and round % 2 = 0`, no).Scan(&out, &last); err != nil {
		return v, fault("check the approvals", err)
	}
	v.Holds = true
	if out == 0 {
		return v, nil
	}
	missing, err := missingRoles(ctx, l.pool, no, last)
	v.Holds = len(missing) == 0
	v.Figure = fmt.Sprintf("%d money files out, %d roles missing", out, len(missing))
	return v, fault("check the approvals", err)
}
