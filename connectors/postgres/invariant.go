package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Invariant is one of the promises of the ledger, as it stands now.
type Invariant struct {
	Name   string `json:"name"`
	Holds  bool   `json:"holds"`
	Figure string `json:"figure"` // what was counted
	// CountedAt is when the oldest of what went into the figure was counted; without it, all was when the figure was told.
	CountedAt *time.Time `json:"counted_at,omitempty"`
}

// family is a batch with the remakes that took rows from it: $1 city, $2 rollout, $3 its first batch.
const family = `with recursive up(number, parent) as (
		select number, parent from batch where rollout = $2 and number = $3 union all
		select b.number, b.parent from batch b join up u on b.number = u.parent where b.rollout = $2),
	family(number) as (
		select number from up where parent is null union all
		select b.number from batch b join family f on b.parent = f.number where b.rollout = $2) `

// checkBatch checks what must hold after every step: no row of the batch is lost or doubled, and every card number that
// the batch was given stands at exactly one row. The batch has been counted; its remakes, which share in its rows and numbers,
// are counted here.
func checkBatch(ctx context.Context, tx pgx.Tx, s scope, rows, numbers int) error {
	var planned, elsewhere, allocated, numbered int
	err := tx.QueryRow(ctx, family+`
		select (select sum(b.rows) from batch b join family f using (number) where b.rollout = $2 and b.parent is null), count(*),
			(select coalesce(sum(a.last - a.first + 1), 0) from card_allocation a join family f on f.number = a.batch where a.rollout = $2),
			count(i.card_no)
		from (select number from family where number <> $3) f join issuance_item i on i.city = $1 and i.rollout = $2 and i.batch = f.number`,
		s.args()...).Scan(&planned, &elsewhere, &allocated, &numbered)
	if err != nil {
		return err
	}
	rows, numbers = rows+elsewhere, numbers+numbered
	if planned != rows {
		return breach("rows", fmt.Sprintf("%d planned, %d there", planned, rows))
	}
	if allocated != numbers {
		return breach("card numbers", fmt.Sprintf("%d allocated, %d in use", allocated, numbers))
	}
	return nil
}

// checkOneCard checks, where cards begin, that each card of the batch is the one that its person has claimed.
func checkOneCard(ctx context.Context, tx pgx.Tx, s scope) error {
	var strays int
	err := tx.QueryRow(ctx, `
		select count(*) from issuance_item i join roster_row r using (city, rollout, row_no) left join person p on p.person = r.person
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.card_no is not null
		and i.status not in ($4, $5, $6, $7) and p.card_no is distinct from i.card_no`,
		s.args(card.AccountFailed, card.MakeFailed, card.Withdrawn, card.Spoiled)...).Scan(&strays)
	if err != nil || strays == 0 {
		return err
	}
	return breach("one card per person", fmt.Sprintf("%d cards beside another", strays))
}

func breach(what, figure string) error {
	return card.E(card.Breach, "check "+what, card.ReasonInvariantBreach, fmt.Errorf("%s", figure))
}

type invariantCheck struct {
	name  string
	query string // ($1 rollout): holds, figure
	args  []any
}

// Invariants counts the invariants of a whole rollout from the rows, every one of them.
func (l *Ledger) Invariants(ctx context.Context, id card.RolloutID) ([]Invariant, error) {
	return l.invariants(ctx, id, l.countAllPayments)
}

// invariants counts those of a subsidy by count, as far as it does.
func (l *Ledger) invariants(ctx context.Context, id card.RolloutID, count func(context.Context, int32) error) ([]Invariant, error) {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return nil, fault("check the invariants", err)
	}
	var paid bool
	if err := l.pool.QueryRow(ctx, "select kind = $2 from rollout where no = $1", no, KindSubsidy).Scan(&paid); err != nil {
		return nil, fault("check the invariants", err)
	}
	if paid {
		if err := count(ctx, no); err != nil {
			return nil, fault("check the invariants", err)
		}
		return l.payInvariants(ctx, no)
	}
	var all []Invariant
	for _, check := range []invariantCheck{
		{"one_live_card_per_person", `
			select count(*) = 0, count(*) || ' live cards beside another' from card c join person p on p.person = c.person
			where c.rollout = $1 and c.app_status <> $2 and p.card_no is distinct from c.card_no`, []any{card.Cancelled}},
		{"no_number_lost_or_used_twice", `
			with given as (select coalesce(sum(last - first + 1), 0) as n from card_allocation where rollout = $1),
			used as (select count(card_no) as n, count(distinct card_no) as d from issuance_item where rollout = $1)
			select given.n = used.n and used.n = used.d, given.n || ' allocated, ' || used.d || ' in use' from given, used`, nil},
		{"every_row_has_one_outcome", `
			select r.rows = r.refused + count(i.*), r.rows || ' handed in = ' || r.refused || ' refused at intake + ' || count(i.*) || ' in batches'
			from rollout r left join issuance_item i on i.rollout = r.no where r.no = $1 group by r.no`, nil},
		{"approved_by_another_before_a_file_left", `
			select count(*) = 0, count(*) || ' files out without approval' from exchange_file f join rollout r on r.no = f.rollout
			where f.rollout = $1 and f.direction = 'out' and f.confirmed_at is not null and f.kind in ('ACCTREQ', 'CARDREQ', 'DISPATCH') and not exists (
				select from approval a where a.rollout = r.no and a.hash = r.content_hash and a.at <= f.confirmed_at and ` + approvedByAnother + `)`, nil},
		{"every_row_sent_is_answered_or_unknown", `
			select count(*) = 0, count(*) || ' rows without answer in answered files' from exchange_file f
			join issuance_item i on i.rollout = f.rollout and i.batch = f.batch and i.reason is null
				and i.status = case f.kind when 'MATCHRET' then $2::smallint when 'ACCTRET' then $3::smallint when 'CARDRET' then $4::smallint end
			where f.rollout = $1 and f.state = 'processed' and f.kind in ('MATCHRET', 'ACCTRET', 'CARDRET')`,
			[]any{card.Applied, card.AccountRequested, card.SentToVendor}},
	} {
		v := Invariant{Name: check.name}
		if err := l.pool.QueryRow(ctx, check.query, append([]any{no}, check.args...)...).Scan(&v.Holds, &v.Figure); err != nil {
			return nil, fault("check "+check.name, err)
		}
		all = append(all, v)
	}
	return append(all, l.auditInvariant(ctx)), nil
}

func (l *Ledger) auditInvariant(ctx context.Context) Invariant {
	lines, err := l.Audit(ctx)
	v := Invariant{Name: "audit_chain_unbroken", Holds: err == nil, Figure: fmt.Sprintf("%d lines", len(lines))}
	if err != nil {
		v.Figure = string(card.KindOf(err).String())
	}
	return v
}
