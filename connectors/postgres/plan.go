package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// group is the accepted rows of one city and bank.
type group struct {
	city   int32
	bank   int16
	rows   int
	canary int // number of its canary's batch; 0: it has none
	skip   int // how many of its rows are in that
	first  int // number of its first other batch
}

// plan says where the rows stand that were taken in, and in which tables they are placed. In its statements $1 is the rollout.
type plan struct {
	rows   string // the accepted rows
	carry  string // their columns that are placed with them, beside city, bank and row_no
	order  string // one key that orders them, those of group g first by its place and then as they fill the batches
	into   string // where they are placed: city, rollout, batch, row_no and more
	begin  string // what the columns behind those four begin as
	then   string // a statement that writes what else stands for a placed row, if anything
	tables string // what is written
	placed string // city, batch, bank of the placed rows, and what sum needs
	sum    string // the money of a batch
	banks  bool   // each bank has a canary, and not the rollout one
}

var (
	issuancePlan = plan{
		rows: "roster_row where rollout = $1", order: "g.place << 32 | r.row_no",
		into: "issuance_item (city, rollout, batch, row_no, home, status)", begin: "batch, 0",
		tables: "roster_row, issuance_item",
		placed: "select i.city, i.batch, r.bank from issuance_item i join roster_row r using (city, rollout, row_no) where i.rollout = $1",
		sum:    "null::bigint",
	}
	payoutPlan = plan{
		// By card: people, cards and accounts of neighbouring numbers stand together in the ledger, and a batch reads them again and again.
		rows: "judged where rollout = $1 and reason is null", carry: ", person, card_no, fen, version", order: `chr(g.place::integer) || r.card_no collate "C"`,
		into: "payout_row (city, rollout, batch, row_no, bank, person, card_no, fen, version)", begin: "bank, person, card_no, fen, version",
		then: `insert into payout_item (city, rollout, batch, row_no, status, fen)
			select city, rollout, batch, row_no, 0, fen from payout_row where rollout = $1 order by batch::bigint << 32 | row_no`,
		tables: "payout_row, payout_item",
		placed: "select city, batch, bank, fen from payout_row where rollout = $1",
		sum:    "sum(fen)",
		banks:  true,
	}
)

// planBatches cuts the content into batches: one city and one bank each, at most n.BatchRows rows. The first are the canaries, see
// placeCanaries. Items are written batch by batch, so that a step reads neighbouring pages.
func planBatches(ctx context.Context, tx pgx.Tx, no int32, n NewRollout, p plan) error {
	groups, err := countGroups(ctx, tx, no, p)
	if err != nil || len(groups) == 0 {
		return err
	}
	canaries := placeCanaries(groups, n.CanaryRows, p.banks)
	next := canaries + 1
	for i, g := range groups {
		groups[i].first = next
		next += (g.rows - g.skip + n.BatchRows - 1) / n.BatchRows
	}
	if err := insertItems(ctx, tx, no, groups, n.BatchRows, p); err != nil {
		return err
	}
	// The planner must know of the new rollout at once: the next autovacuum may come too late.
	if _, err := tx.Exec(ctx, "analyze "+p.tables); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into batch (rollout, number, city, bank, kind, rows, fen, counts)
		select $1, batch, min(city), min(bank), case when batch <= $2 then 'canary' else 'bulk' end, count(*), `+p.sum+`, '{}'
		from (`+p.placed+`) x group by batch`, no, canaries); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "analyze batch")
	return err
}

// placeCanaries makes the first rows of the largest group a canary, with number 1; with ofBanks, also those of the largest group of
// each other bank that has more rows than a canary. It returns how many there are. The groups come by size, the largest first.
func placeCanaries(groups []group, rows int, ofBanks bool) (canaries int) {
	total, placed := map[int16]int{}, map[int16]bool{}
	for _, g := range groups {
		total[g.bank] += g.rows
	}
	for i, g := range groups {
		if rows == 0 || placed[g.bank] || i > 0 && (!ofBanks || total[g.bank] <= rows) {
			continue
		}
		canaries++
		placed[g.bank] = true
		groups[i].canary, groups[i].skip = canaries, min(rows, g.rows)
	}
	return canaries
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

func insertItems(ctx context.Context, tx pgx.Tx, no int32, groups []group, batchRows int, p plan) error {
	n, before := len(groups), 0
	cities, banks, firsts, skips, canaries, befores := make([]int32, n), make([]int16, n), make([]int, n), make([]int, n), make([]int, n), make([]int, n)
	for i, g := range groups {
		cities[i], banks[i], firsts[i], skips[i], canaries[i], befores[i] = g.city, g.bank, g.first, g.skip, g.canary, before
		before += g.rows
	}
	// One key sorts much faster than several: the rows are ranked all together, and ranked in their groups by what stands before those.
	if _, err := tx.Exec(ctx, `
		insert into `+p.into+`
		select city, $1, batch, row_no, `+p.begin+` from (
			select r.*, case when r.rank <= r.skip then r.canary else r.first + (r.rank - 1 - r.skip) / $6 end as batch
			from (
				select city, bank, row_no`+p.carry+`, first, skip, canary, row_number() over (order by `+p.order+`) - g.before as rank
				from (select * from `+p.rows+`) r
				join unnest($2::integer[], $3::smallint[], $4::integer[], $5::integer[], $7::integer[], $8::integer[])
					with ordinality as g(city, bank, first, skip, canary, before, place) using (city, bank)) r) placed
		order by batch << 32 | row_no`, no, cities, banks, firsts, skips, batchRows, canaries, befores); err != nil || p.then == "" {
		return err
	}
	_, err := tx.Exec(ctx, p.then, no)
	return err
}
