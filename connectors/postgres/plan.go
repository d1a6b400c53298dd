package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// group is the accepted rows of one city and bank.
type group struct {
	city  int32
	bank  int16
	rows  int
	first int // number of its first batch after the canary
}

// plan says in which tables the content of a kind of rollouts stands, and how its items begin.
type plan struct {
	rows, items string
	carry       string // the column of a row that its item takes over, if any
	sum         string // the money of a batch
	begin       string // what an item's columns beside city, rollout, batch and row_no begin as
}

var (
	issuancePlan = plan{rows: "roster_row", items: "issuance_item (city, rollout, batch, row_no, home, status)", sum: "null::bigint", begin: "batch, 0"}
	payoutPlan   = plan{rows: "payout_row", items: "payout_item (city, rollout, batch, row_no, status, fen)", carry: ", r.fen", sum: "sum(fen)", begin: "0, fen"}
)

// planBatches cuts the content into batches: one city and one bank each, at most n.BatchRows rows, in the roster's order.
// Batch 1 is the canary: the first rows of the largest group. Items are written batch by batch, so that a step reads
// neighbouring pages.
func planBatches(ctx context.Context, tx pgx.Tx, no int32, n NewRollout, p plan) error {
	groups, err := countGroups(ctx, tx, no, p)
	if err != nil || len(groups) == 0 {
		return err
	}
	canary := min(n.CanaryRows, groups[0].rows)
	next := 1
	if canary > 0 {
		next = 2
	}
	for i := range groups {
		groups[i].first = next
		rest := groups[i].rows
		if i == 0 {
			rest -= canary
		}
		next += (rest + n.BatchRows - 1) / n.BatchRows
	}
	if err := insertItems(ctx, tx, no, groups, canary, n.BatchRows, p); err != nil {
		return err
	}
	// The planner must know of the new rollout at once: the next autovacuum may come too late.
	item, _, _ := strings.Cut(p.items, " ")
	if _, err := tx.Exec(ctx, "analyze "+p.rows+", "+item); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into batch (rollout, number, city, bank, kind, rows, fen, counts)
		select $1, batch, min(city), min(bank), case when batch = 1 and $2 then 'canary' else 'bulk' end, count(*), `+p.sum+`, '{}'
		from (select i.city, i.batch, r.bank`+p.carry+` from `+item+` i join `+p.rows+` r using (city, rollout, row_no) where i.rollout = $1) x
		group by batch`, no, canary > 0); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "analyze batch")
	return err
}

func countGroups(ctx context.Context, tx pgx.Tx, no int32, p plan) ([]group, error) {
	rows, err := tx.Query(ctx, `
		select city, bank, count(*) from `+p.rows+` where rollout = $1 group by city, bank order by count(*) desc, city, bank`, no)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (group, error) {
		var g group
		err := r.Scan(&g.city, &g.bank, &g.rows)
		return g, err
	})
}

func insertItems(ctx context.Context, tx pgx.Tx, no int32, groups []group, canary, batchRows int, p plan) error {
	cities, banks, firsts, skips := make([]int32, len(groups)), make([]int16, len(groups)), make([]int, len(groups)), make([]int, len(groups))
	for i, g := range groups {
		cities[i], banks[i], firsts[i] = g.city, g.bank, g.first
	}
	skips[0] = canary
	_, err := tx.Exec(ctx, `
		insert into `+p.items+`
		select city, $1, batch, row_no, `+p.begin+` from (
			select r.city, r.row_no`+p.carry+`, case when r.rank <= g.skip then 1 else g.first + (r.rank - 1 - g.skip) / $6 end as batch
			from (select r.city, r.bank, r.row_no`+p.carry+`, row_number() over (partition by city, bank order by row_no) as rank from `+p.rows+` r where rollout = $1) r
			join unnest($2::integer[], $3::smallint[], $4::integer[], $5::integer[]) as g(city, bank, first, skip)
			  on g.city = r.city and g.bank = r.bank) placed
		order by batch, row_no`, no, cities, banks, firsts, skips, batchRows)
	return err
}
