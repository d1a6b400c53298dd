package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// bodyLength is the length of a card number without its check character.
const bodyLength = 8

// Range is a range of card-number bodies that a city may give out.
type Range struct {
	City   string
	Prefix string // one to three digits or capitals
	First  int64
	Last   int64
	Next   int64 // the first one that is free
}

// AddRange gives a city another range of card numbers. One that overlaps another, of whatever city, is a Conflict: numbers are
// compared as they are printed, because prefix D0 and prefix D share some. Ends that make no card number are Invalid.
func (l *Ledger) AddRange(ctx context.Context, r Range) error {
	for _, serial := range []int64{r.First, r.Last} {
		if _, err := card.MakeNumber(r.body(serial)); err != nil {
			return err
		}
	}
	return l.tx(ctx, "add a range of card numbers", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table card_range in share row exclusive mode"); err != nil {
			return err
		}
		added, err := tx.Exec(ctx, `
			insert into card_range (city, prefix, first, last, next)
			select $1, $2, $3, $4, $3 where not exists (
				select from card_range where (prefix || lpad(first::text, $7 - length(prefix), '0')) collate "C" <= $6
				and (prefix || lpad(last::text, $7 - length(prefix), '0')) collate "C" >= $5)`,
			atoi(r.City), r.Prefix, r.First, r.Last, r.body(r.First), r.body(r.Last), bodyLength)
		if err == nil && added.RowsAffected() == 0 {
			err = card.E(card.Conflict, fmt.Sprintf("add the range %s %d to %d", r.Prefix, r.First, r.Last), card.ReasonRangeOverlaps, nil)
		}
		return err
	})
}

// body returns the card number with the serial, without its check character.
func (r Range) body(serial int64) string {
	return fmt.Sprintf("%s%0*d", r.Prefix, bodyLength-len(r.Prefix), serial)
}

// Ranges returns the ranges of card numbers, by city.
func (l *Ledger) Ranges(ctx context.Context) ([]Range, error) {
	rows, err := l.pool.Query(ctx, "select city::text, prefix, first, last, next from card_range order by city, prefix, first")
	if err != nil {
		return nil, fault("list the ranges", err)
	}
	ranges, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Range])
	return ranges, fault("list the ranges", err)
}

// AllocateNumbers claims each matched person's one card and gives it a number: who has a card or has one on its way is
// refused, every other row gets exactly one number, and no number is skipped. Claim, numbers and rows change together or not at
// all.
func (l *Ledger) AllocateNumbers(ctx context.Context, b card.BatchID) (card.Tally, error) {
	var t card.Tally
	err := l.step(ctx, b, "NUMBERS", func(tx pgx.Tx, s scope) error {
		if err := refuseClaimed(ctx, tx, s); err != nil {
			return err
		}
		rows, err := matchedRows(ctx, tx, s)
		if err != nil {
			return err
		}
		numbers, err := takeNumbers(ctx, tx, s, len(rows))
		if err != nil {
			return err
		}
		if err := claim(ctx, tx, s, rows, numbers); err != nil {
			return err
		}
		if err := checkOneCard(ctx, tx, s); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `
			select count(card_no), count(*) filter (where status = $4) from issuance_item
			where city = $1 and rollout = $2 and batch = $3`, s.args(card.Refused)...).Scan(&t.Done, &t.Failed); err != nil {
			return err
		}
		return l.tellBatch(ctx, tx, s, EventNumbers, "", map[string]any{"rows": t.Done})
	})
	return t, err
}

func refuseClaimed(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, `
		update issuance_item i set status = $5, prior = $4, reason = case when c.card_no is null then $7 else $6 end
		from roster_row r join person p on p.person = r.person and p.card_no is not null
		left join card c on c.city = p.city and c.card_no = p.card_no
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4 and i.reason is null
		and r.city = i.city and r.rollout = i.rollout and r.row_no = i.row_no`,
		s.args(card.Matched, card.Refused, string(card.ReasonHasCard), string(card.ReasonCardInProgress))...)
	return err
}

// matchedRows returns the rows that are to be numbered, provided that each still stands in the roster for a person of its
// own, as it was approved.
func matchedRows(ctx context.Context, tx pgx.Tx, s scope) ([]int32, error) {
	rows, err := tx.Query(ctx, `
		select i.row_no, r.person from issuance_item i left join roster_row r using (city, rollout, row_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4 order by i.row_no`, s.args(card.Matched)...)
	if err != nil {
		return nil, err
	}
	var (
		all    []int32
		row    int32
		person pgtype.DriverBytes
	)
	people := map[string]bool{"": true} // "": the row is gone
	_, err = pgx.ForEachRow(rows, []any{&row, &person}, func() error {
		if people[string(person)] {
			return card.E(card.Breach, fmt.Sprintf("number row %d", row), card.ReasonHashDiffers, nil)
		}
		people[string(person)] = true
		all = append(all, row)
		return nil
	})
	return all, err
}

// takeNumbers takes n numbers from the city's ranges, the oldest first, and records which batch got them.
func takeNumbers(ctx context.Context, tx pgx.Tx, s scope, n int) ([]string, error) {
	taken, err := takeSerials(ctx, tx, s, n)
	if err != nil {
		return nil, err
	}
	numbers := make([]string, 0, n)
	for _, t := range taken {
		for serial := t.first; serial < t.first+t.n; serial++ {
			number, err := t.number(serial)
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, string(number))
		}
	}
	return numbers, nil
}

// serials are card numbers of one range that were taken together.
type serials struct {
	id       int32 // of the range
	prefix   string
	first, n int64
}

func (t serials) number(serial int64) (card.Number, error) {
	return card.MakeNumber(fmt.Sprintf("%s%0*d", t.prefix, bodyLength-len(t.prefix), serial))
}

func takeSerials(ctx context.Context, tx pgx.Tx, s scope, n int) ([]serials, error) {
	var all []serials
	for left := int64(n); left > 0; {
		var t serials
		var last int64
		err := tx.QueryRow(ctx, `
			select id, prefix, next, last from card_range where city = $1 and next <= last order by id limit 1 for update`, s.city).Scan(&t.id, &t.prefix, &t.first, &last)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, card.E(card.Conflict, fmt.Sprintf("take %d card numbers of city %d", n, s.city), card.ReasonNoNumbersLeft, nil)
		}
		if err != nil {
			return nil, err
		}
		t.n = min(left, last-t.first+1)
		left -= t.n
		all = append(all, t)
		if err := recordAllocation(ctx, tx, s, t.id, t.first, t.n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func recordAllocation(ctx context.Context, tx pgx.Tx, s scope, id int32, first, n int64) error {
	if _, err := tx.Exec(ctx, "update card_range set next = $2 where id = $1", id, first+n); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "insert into card_allocation (range, first, last, rollout, batch) values ($1, $2, $3, $4, $5)",
		id, first, first+n-1, s.rollout, s.batch)
	return err
}

// claim gives each person the one card that he or she may have. Somebody else's claim in the same moment undoes the step;
// it is then repeated and refuses that row.
func claim(ctx context.Context, tx pgx.Tx, s scope, rows []int32, numbers []string) error {
	done, err := tx.Exec(ctx, `
		insert into person (person, city, sealed, named, card_no, rollout, row_no)
		select r.person, r.city, r.sealed, r.named, n.card_no, r.rollout, r.row_no
		from unnest($3::integer[], $4::text[]) as n(row_no, card_no)
		join roster_row r on r.city = $1 and r.rollout = $2 and r.row_no = n.row_no
		on conflict (person) do update set city = excluded.city, sealed = excluded.sealed, named = excluded.named, card_no = excluded.card_no,
			rollout = excluded.rollout, row_no = excluded.row_no where person.card_no is null`,
		s.city, s.rollout, rows, numbers)
	if err != nil {
		return err
	}
	if done.RowsAffected() != int64(len(rows)) {
		return card.E(card.Unavailable, "claim the people of the batch", card.ReasonCardInProgress, nil)
	}
	_, err = tx.Exec(ctx, `
		update issuance_item i set status = $6, card_no = n.card_no
		from unnest($4::integer[], $5::text[]) as n(row_no, card_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = n.row_no`, s.args(rows, numbers, card.Batched)...)
	return err
}
