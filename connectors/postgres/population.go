package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// The parts of a city that a match walks one after the other: who holds a live card, and who was paid lately and holds none.
const (
	partCards = "cards"
	partPaid  = "paid"
)

// PlanMatch begins the population match of a month, once, and returns the cities that it walks. Payments of rollouts made since then
// are recent. An answer that an earlier match still waits for is no longer overdue, and is taken all the same when it comes.
func (l *Ledger) PlanMatch(ctx context.Context, month card.Month, since time.Time, by string) (cities []string, err error) {
	err = l.tx(ctx, "begin the population match", func(tx pgx.Tx) error {
		if err := l.beginMatch(ctx, tx, month, since, by); err != nil {
			return err
		}
		for _, c := range card.Cities() {
			var there bool
			if err := tx.QueryRow(ctx, `
				select exists (select from card where city = $1) or exists (select from payout_row where city = $1)`, atoi(c.Code)).Scan(&there); err != nil {
				return err
			}
			if there {
				cities = append(cities, c.Code)
			}
		}
		return nil
	})
	return cities, err
}

func (l *Ledger) beginMatch(ctx context.Context, tx pgx.Tx, month card.Month, since time.Time, by string) error {
	var no int32
	err := tx.QueryRow(ctx, `
		insert into rollout (id, kind, name, status, roster, roster_sm3, canary_threshold, made_by, made_at, started_at)
		values ($1, $2, $3, $4, '', '', 0, $5, $6, $6) on conflict (id) do nothing returning no`,
		string(month.Match()), KindMatch, "人口比对 "+string(month), card.RolloutRunning, by, l.now()).Scan(&no)
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into match_run (rollout, month, since) values ($1, $2, $3)", no, string(month), since); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update batch b set waiting_for = null, waiting_what = null, waiting_until = null from match_run m
		where m.rollout = b.rollout and m.month < $1 and b.waiting_for is not null`, string(month)); err != nil {
		return err
	}
	return l.audit(ctx, tx, by, "match.begun", string(month), "payments since "+since.Format(time.DateOnly))
}

// PlanMatchPage returns the page of a city's match, which is planned once: its batch, and how many people are on it, at most size.
// There is no page without people: the one before was the last.
func (l *Ledger) PlanMatchPage(ctx context.Context, month card.Month, city string, page, size int) (b card.BatchID, rows int, err error) {
	p := matchPage{city: int32(atoi(city)), page: int32(page)} //nolint:gosec // six digits, and a page of a city
	err = l.tx(ctx, "plan a page of the population match", func(tx pgx.Tx) error {
		var since time.Time
		if err := tx.QueryRow(ctx, "select rollout, since from match_run where month = $1", string(month)).Scan(&p.rollout, &since); err != nil {
			return noMatch(err, month)
		}
		planned, err := p.find(ctx, tx)
		if err != nil || planned {
			return err
		}
		if err := p.walk(ctx, tx, since, size); err != nil || len(p.people) == 0 {
			return err
		}
		return p.keep(ctx, tx)
	})
	return batchID(month.Match(), int(p.city), 0, int(p.batch)), len(p.people), err
}

func noMatch(err error, month card.Month) error {
	if isNoRows(err) {
		return card.E(card.NotFound, "find the population match of "+string(month), card.ReasonNoSuchMatch, nil)
	}
	return err
}

// matchPage is a page of a city's match.
type matchPage struct {
	rollout, city, page, batch int32
	part, last                 string
	people                     [][]byte
}

func (p *matchPage) find(ctx context.Context, tx pgx.Tx) (bool, error) {
	err := tx.QueryRow(ctx, "select batch, people from match_page where rollout = $1 and city = $2 and page = $3", p.rollout, p.city, p.page).Scan(&p.batch, &p.people)
	if isNoRows(err) {
		return false, nil
	}
	return true, err
}

// walk goes on where the page before ended. Who is known to have died is asked about only while somebody still looks at the case.
func (p *matchPage) walk(ctx context.Context, tx pgx.Tx, since time.Time, size int) error {
	err := tx.QueryRow(ctx, "select part, last from match_page where rollout = $1 and city = $2 and page = $3 - 1", p.rollout, p.city, p.page).Scan(&p.part, &p.last)
	if isNoRows(err) {
		p.part, err = partCards, nil
	}
	if err != nil {
		return err
	}
	if p.part == partCards {
		if err := p.step(ctx, tx, selectHolders, p.city, p.last, size, card.Cancelled); err != nil || len(p.people) > 0 {
			return err
		}
		p.part, p.last = partPaid, ""
	}
	return p.step(ctx, tx, selectPaid, p.city, p.last, size, card.Cancelled, since, openStates(), card.PayPaid)
}

const undecided = "not (p.died and not exists (select from review v where v.person = p.person and v.closed_at is null))"

const selectHolders = `
	select c.card_no, c.person from card c join person p on p.person = c.person and p.card_no = c.card_no
	where c.city = $1 and c.card_no > $2 and c.app_status <> $4 and ` + undecided + ` order by c.card_no limit $3`

const selectPaid = `
	select encode(x.person, 'hex'), x.person from (
		select distinct r.person from rollout o join batch b on b.rollout = o.no and b.city = $1
		join payout_row r on r.city = b.city and r.rollout = b.rollout and r.batch = b.number
		join payout_item i on i.city = r.city and i.rollout = r.rollout and i.batch = r.batch and i.row_no = r.row_no
		where o.kind = 'subsidy' and (i.status = any($6) or i.status = $7 and o.made_at >= $5) and encode(r.person, 'hex') > $2) x
	join person p on p.person = x.person left join card c on c.city = p.city and c.card_no = p.card_no
	where (c.card_no is null or c.app_status = $4) and ` + undecided + ` order by 1 limit $3`

func (p *matchPage) step(ctx context.Context, tx pgx.Tx, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var person []byte
	_, err = pgx.ForEachRow(rows, []any{&p.last, &person}, func() error {
		p.people = append(p.people, person)
		return nil
	})
	return err
}

// keep gives the page the match's next batch.
func (p *matchPage) keep(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "select from rollout where no = $1 for update", p.rollout); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `
		insert into batch (rollout, number, city, bank, kind, rows) select $1, coalesce(max(number), 0) + 1, $2, 0, $3, $4 from batch where rollout = $1
		returning number`, p.rollout, p.city, card.BulkBatch, len(p.people)).Scan(&p.batch); err != nil {
		return fmt.Errorf("number a page: %w", err)
	}
	_, err := tx.Exec(ctx, "insert into match_page (rollout, city, page, batch, part, last, people) values ($1, $2, $3, $4, $5, $6, $7)",
		p.rollout, p.city, p.page, p.batch, p.part, p.last, p.people)
	return err
}

// ExpireMatch says whether the answer to a page is overdue. Its people then count as unknown: they are asked about again next month,
// and an answer that comes late is taken all the same.
func (l *Ledger) ExpireMatch(ctx context.Context, b card.BatchID) (t card.Tally, overdue bool, err error) {
	err = l.tx(ctx, "look at the deadline of a page", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `
			update match_page m set expired_at = coalesce(m.expired_at, $3) from batch b
			where m.rollout = $1 and m.batch = $2 and b.rollout = m.rollout and b.number = m.batch and b.waiting_until < $3`, s.rollout, s.batch, l.now())
		if err != nil {
			return err
		}
		overdue = done.RowsAffected() > 0
		t, err = tallyPage(ctx, tx, s)
		return err
	})
	return t, overdue, err
}

// LateMatches returns the pages of this match and the last whose deadline has passed and whose answers have not come.
func (l *Ledger) LateMatches(ctx context.Context) ([]card.BatchID, error) {
	rows, err := l.pool.Query(ctx, `
		select r.id, m.city, m.batch from match_page m join rollout r on r.no = m.rollout
		where m.rollout in (select rollout from match_run order by month desc limit 2) and m.answered_at is null and m.expired_at is not null order by 1, 3`)
	if err != nil {
		return nil, fault("find late answers", err)
	}
	late, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (card.BatchID, error) {
		var id card.RolloutID
		var city, number int
		err := r.Scan(&id, &city, &number)
		return batchID(id, city, 0, number), err
	})
	return late, fault("find late answers", err)
}

// FinishMatch ends the match of a month: every page was answered, or is overdue.
func (l *Ledger) FinishMatch(ctx context.Context, month card.Month) error {
	return l.tx(ctx, "end the population match", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, "update rollout set status = $2, finished_at = $3 where id = $1 and kind = $4 and status <> $2",
			string(month.Match()), card.RolloutDone, l.now(), KindMatch)
		if err != nil || done.RowsAffected() == 0 {
			return err
		}
		return l.audit(ctx, tx, "", "match.over", string(month), "")
	})
}
