package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Review is a person about whom the population match has found something, and what became of that. Money is what it holds back now.
type Review struct {
	No         int                `json:"no"`
	Month      card.Month         `json:"month"`
	City       string             `json:"city"`
	Cause      card.ReviewCause   `json:"cause"`
	Card       card.Number        `json:"card,omitempty"` // that the person holds
	File       string             `json:"file"`           // in which civil affairs told it, and in which row
	Row        int                `json:"row"`
	OpenedAt   time.Time          `json:"opened_at"`
	Alive      card.Month         `json:"alive,omitempty"` // a month in which civil affairs found nothing any more
	AskedBy    string             `json:"asked_by,omitempty"`
	AskedAt    *time.Time         `json:"asked_at,omitempty"`
	AskedWhy   string             `json:"asked_why,omitempty"`
	Outcome    card.ReviewOutcome `json:"outcome,omitempty"`
	DecidedBy  string             `json:"decided_by,omitempty"`
	DecidedWhy string             `json:"decided_why,omitempty"`
	ClosedAt   *time.Time         `json:"closed_at,omitempty"`
	Held       Sum                `json:"held"`
}

// Stamp says in a few digits what a review was when somebody looked at it: it is another one once somebody has asked for an outcome,
// or civil affairs finds nothing any more.
func (v Review) Stamp() string {
	asked := ""
	if v.AskedAt != nil {
		asked = v.AskedAt.UTC().Format(time.RFC3339Nano)
	}
	sum := sm3.Sum(fmt.Appendf(nil, "%d|%s|%s|%s", v.No, v.AskedBy, asked, v.Alive))
	return hex.EncodeToString(sum[:6])
}

// selectReviews reads reviews; held is what still stands under the reason for which the review holds.
var selectReviews = `
	select v.no, v.month, to_char(v.city, 'FM000000'), v.cause, coalesce(p.card_no, ''), ` + nameOf("f") + `, v.row_no, v.opened_at, v.alive,
		v.asked_by, v.asked_at, v.asked_why, v.outcome, v.decided_by, v.decided_why, v.closed_at, h.n, h.fen
	from review v join person p on p.person = v.person join exchange_file f on f.no = v.file
	cross join lateral (
		select count(*) as n, coalesce(sum(i.fen), 0)::bigint as fen from payout_trace t ` + itemOf("t") + `
		where t.source = 'review/' || v.no and t.source like 'review/%' and t.action = 'hold' and t.done and i.status = 10) h `

func scanReview(r pgx.CollectableRow) (v Review, err error) {
	err = r.Scan(&v.No, &v.Month, &v.City, &v.Cause, &v.Card, &v.File, &v.Row, &v.OpenedAt, &v.Alive,
		&v.AskedBy, &v.AskedAt, &v.AskedWhy, &v.Outcome, &v.DecidedBy, &v.DecidedWhy, &v.ClosedAt, &v.Held.Rows, &v.Held.Fen)
	return v, err
}

// ReviewFilter picks reviews; empty fields pick all.
type ReviewFilter struct {
	City   string
	Cause  card.ReviewCause
	Month  card.Month
	Closed bool // also those that are closed
	Limit  int  // at most so many; 0: 200
}

// Reviews returns the reviews that a filter picks, the oldest first.
func (l *Ledger) Reviews(ctx context.Context, by ReviewFilter) ([]Review, error) {
	if by.Limit <= 0 {
		by.Limit = 200
	}
	rows, err := l.pool.Query(ctx, selectReviews+`
		where ($1 = 0 or v.city = $1) and ($2 = '' or v.cause = $2) and ($3 = '' or v.month = $3) and ($4 or v.closed_at is null)
		order by v.no limit $5`, atoi(by.City), string(by.Cause), string(by.Month), by.Closed, by.Limit)
	if err != nil {
		return nil, fault("list the reviews", err)
	}
	all, err := pgx.CollectRows(rows, scanReview)
	return all, fault("list the reviews", err)
}

// ReviewPayment is a payment to a person under review.
type ReviewPayment struct {
	Rollout card.RolloutID `json:"rollout"`
	Row     int            `json:"row"`
	Fen     int64          `json:"fen"`
	Status  card.PayStatus `json:"status"`
	Reason  card.Reason    `json:"reason,omitempty"`
	Action  card.PayAction `json:"action"` // the last that the review did
	Done    bool           `json:"done"`
}

// ReviewPerson is what a review says of the person, in the clear.
type ReviewPerson struct {
	Name   string `json:"name"`                  // as the card programme has it
	Before string `json:"name_before,omitempty"` // that the review has corrected
	Asked  string `json:"name_asked,omitempty"`  // that a first person wants it to be, until a second has confirmed
	Died   string `json:"died,omitempty"`        // the date of death that civil affairs tells
}

// ReviewCase is a review with all that one has to know to decide it.
type ReviewCase struct {
	Review
	ReviewPerson
	Payments []ReviewPayment `json:"payments"` // that the review has met, one line each
}

// Review returns a review with the person's name, the date of death that civil affairs tells, and the payments that it met.
func (l *Ledger) Review(ctx context.Context, no int) (ReviewCase, error) {
	c := ReviewCase{Payments: []ReviewPayment{}}
	rows, err := l.pool.Query(ctx, selectReviews+"where v.no = $1", no)
	if err == nil {
		c.Review, err = pgx.CollectExactlyOneRow(rows, scanReview)
	}
	if err != nil {
		return c, fault("show a review", noReview(err, no))
	}
	people, err := l.ReviewPeople(ctx, []int{no})
	if err != nil {
		return c, err
	}
	c.ReviewPerson = people[no]
	c.Payments, err = collect[ReviewPayment](ctx, l.pool, `
		select distinct on (o.id, t.row_no) o.id, t.row_no, i.fen, i.status, coalesce(i.reason, ''), t.action, t.done from payout_trace t
		join rollout o on o.no = t.rollout `+itemOf("t")+`
		where t.source = 'review/' || $1::integer and t.source like 'review/%' order by o.id, t.row_no, t.id desc`, no)
	return c, fault("show a review", err)
}

// ReviewPeople returns who the people of reviews are, by the number of the review.
func (l *Ledger) ReviewPeople(ctx context.Context, reviews []int) (map[int]ReviewPerson, error) {
	people := map[int]ReviewPerson{}
	rows, err := l.pool.Query(ctx, `
		select v.no, v.person, p.sealed, v.sealed, case when v.outcome = '' then v.asked_name else '' end, n.sealed
		from review v join person p on p.person = v.person left join person_name n on n.review = v.no where v.no = any($1)`, reviews)
	if err != nil {
		return nil, fault("read the people of reviews", err)
	}
	var no int
	var person, sealed, died, asked, before []byte
	_, err = pgx.ForEachRow(rows, []any{&no, &person, &sealed, &died, &asked, &before}, func() (err error) {
		people[no], err = l.openReviewed(person, sealed, died, asked, before)
		return err
	})
	return people, fault("read the people of reviews", err)
}

// openReviewed unseals what tells of a person under review.
func (l *Ledger) openReviewed(person, sealed, died, asked, before []byte) (p ReviewPerson, err error) {
	if p.Died, err = l.openText(died, person); err != nil {
		return p, err
	}
	if p.Asked, err = l.openText(asked, person); err != nil {
		return p, err
	}
	if p.Before, err = l.openName(before, person); err != nil {
		return p, err
	}
	p.Name, err = l.openName(sealed, person)
	return p, err
}

// openText unseals a text about a person; of nothing it is empty.
func (l *Ledger) openText(sealed, person []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := l.seal.Open(sealed, person)
	if err != nil {
		return "", card.E(card.Breach, "open what a review says", card.ReasonHashDiffers, err)
	}
	return string(plain), nil
}

// openName unseals a person's name; of nothing it is empty.
func (l *Ledger) openName(sealed, person []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	a, err := l.openApplication(sealed, person, scope{}, "", "", 0, 0)
	return a.Person.Name, err
}
