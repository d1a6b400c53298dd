package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// group is the accepted rows of one city and bank.
type group struct {
	city  int32
	bank  int16
	rows  int
	first int // number of its first batch after the canary
}

// plan says where the rows stand that were taken in, and in which tables they are placed. In its statements $1 is the rollout.
type plan struct {
	rows   string // the accepted rows
	carry  string // their columns that are placed with them, beside city, bank and row_no
	order  string // the order in which they fill the batches
	into   string // where they are placed: city, rollout, batch, row_no and more
	begin  string // what the columns behind those four begin as
	then   string // a statement that writes what else stands for a placed row, if anything
	tables string // what is written
	placed string // city, batch, bank of the placed rows, and what sum needs
	sum    string // the money of a batch
}

var (
	issuancePlan = plan{
		rows: "roster_row where rollout = $1", order: "row_no",
		into: "issuance_item (city, rollout, batch, row_no, home, status)", begin: "batch, 0",
		tables: "roster_row, issuance_item",
		placed: "select i.city, i.batch, r.bank from issuance_item i join roster_row r using (city, rollout, row_no) where i.rollout = $1",
		sum:    "null::bigint",
	}
	payoutPlan = plan{
		// By card: people, cards and accounts of neighbouring numbers stand together in the ledger, and a batch reads them again and again.
		rows: "judged where rollout = $1 and reason is null", carry: ", person, card_no, fen, version", order: "card_no",
		into: "payout_row (city, rollout, batch, row_no, bank, person, card_no, fen, version)", begin: "bank, person, card_no, fen, version",
		then: `insert into payout_item (city, rollout, batch, row_no, status, fen)
			select city, rollout, batch, row_no, 0, fen from payout_row where rollout = $1 order by batch, row_no`,
		tables: "payout_row, payout_item",
		placed: "select city, batch, bank, fen from payout_row where rollout = $1",
		sum:    "sum(fen)",
	}
)

// planBatches cuts the content into batches: one city and one bank each, at most n.BatchRows rows.
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
	if _, err := tx.Exec(ctx, "analyze "+p.tables); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into batch (rollout, number, city, bank, kind, rows, fen, counts)
		select $1, batch, min(city), min(bank), case when batch = 1 and $2 then 'canary' else 'bulk' end, count(*), `+p.sum+`, '{}'
		from (`+p.placed+`) x group by batch`, no, canary > 0); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "analyze batch")
	return err
}

func countGroups(ctx context.Context, tx pgx.Tx, no int32, p plan) ([]group, error) {
	rows, err := tx.Query(ctx, `
		select city, bank, count(*) from `+p.rows+` group by city, bank order by count(*) desc, city, bank`, no)
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
	if _, err := tx.Exec(ctx, `
		insert into `+p.into+`
		select city, $1, batch, row_no, `+p.begin+` from (
			select r.*, case when r.rank <= g.skip then 1 else g.first + (r.rank - 1 - g.skip) / $6 end as batch
			from (select city, bank, row_no`+p.carry+`, row_number() over (partition by city, bank order by `+p.order+`) as rank from `+p.rows+`) r
			join unnest($2::integer[], $3::smallint[], $4::integer[], $5::integer[]) as g(city, bank, first, skip) using (city, bank)) placed
		order by batch, row_no`, no, cities, banks, firsts, skips, batchRows); err != nil || p.then == "" {
		return err
	}
	_, err := tx.Exec(ctx, p.then, no)
	return err
}
