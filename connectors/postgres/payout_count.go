package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Sum is a number of payments and their money.
type Sum struct {
	Rows int   `json:"rows"`
	Fen  int64 `json:"fen"`
}

// Add adds o.
func (s *Sum) Add(o Sum) {
	s.Rows += o.Rows
	s.Fen += o.Fen
}

// Money tells how far the payments of a batch, bank or rollout have come. Intended is the sum of Refused, Withdrawn, Paid,
// Returned and Pending; Pending is that of Planned, Held, Unknown and Out. Released is everything that went to a bank.
type Money struct {
	Intended  Sum `json:"intended"`
	Refused   Sum `json:"refused"`   // by a check, before it was sent
	Withdrawn Sum `json:"withdrawn"` // by a cancel, before it was sent
	Planned   Sum `json:"planned"`
	Held      Sum `json:"held"`
	Out       Sum `json:"out"` // at the bank, not answered
	Unknown   Sum `json:"unknown"`
	Paid      Sum `json:"paid"`
	Returned  Sum `json:"returned"`
	Released  Sum `json:"released"`
	Pending   Sum `json:"pending"`
}

// Add adds o's sums.
func (m *Money) Add(o Money) {
	theirs := o.parts()
	for i, mine := range m.parts() {
		mine.Add(*theirs[i])
	}
}

func (m *Money) parts() []*Sum {
	return []*Sum{&m.Intended, &m.Refused, &m.Withdrawn, &m.Planned, &m.Held, &m.Out, &m.Unknown, &m.Paid, &m.Returned, &m.Released, &m.Pending}
}

// count counts payments that stand at status.
func (m *Money) count(status card.PayStatus, s Sum) {
	m.Intended.Add(s)
	switch status {
	case card.PayPlanned, card.PayHeld, card.PayReleased, card.PayUnknown:
		m.Pending.Add(s)
	case card.PayPaid, card.PayReturned, card.PayWithdrawn, card.PayRefused:
	}
	switch status {
	case card.PayReleased, card.PayUnknown, card.PayPaid, card.PayReturned:
		m.Released.Add(s)
	case card.PayPlanned, card.PayHeld, card.PayWithdrawn, card.PayRefused:
	}
	map[card.PayStatus]*Sum{
		card.PayPlanned: &m.Planned, card.PayHeld: &m.Held, card.PayReleased: &m.Out, card.PayUnknown: &m.Unknown,
		card.PayPaid: &m.Paid, card.PayReturned: &m.Returned, card.PayWithdrawn: &m.Withdrawn, card.PayRefused: &m.Refused,
	}[status].Add(s)
}

// settlePayments ends a step of a batch of payments: it counts the rows and checks that none is lost or doubled, in number
// and in money.
func settlePayments(ctx context.Context, tx pgx.Tx, s scope) error {
	m, err := countPayments(ctx, tx, s)
	if err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var planned Sum
	if err := tx.QueryRow(ctx, `
		update batch b set counts = $3 where rollout = $1 and number = $2
		returning rows, coalesce(fen, $4)`, s.rollout, s.batch, text, m.Intended.Fen).Scan(&planned.Rows, &planned.Fen); err != nil {
		return err
	}
	if planned != m.Intended {
		return breach("payments", fmt.Sprintf("%d rows and %d fen planned, %d rows and %d fen there", planned.Rows, planned.Fen, m.Intended.Rows, m.Intended.Fen))
	}
	return nil
}

func countPayments(ctx context.Context, q querier, s scope) (m Money, err error) {
	rows, err := q.Query(ctx, `
		select status, count(*), sum(fen)::bigint from payout_item where city = $1 and rollout = $2 and batch = $3 group by status`, s.args()...)
	if err != nil {
		return m, err
	}
	var status card.PayStatus
	var part Sum
	_, err = pgx.ForEachRow(rows, []any{&status, &part.Rows, &part.Fen}, func() error {
		m.count(status, part)
		return nil
	})
	return m, err
}

// The payments of the rollout $1, and what was approved of them. They are reached through its batches b, for the tables hold the
// payments of all rollouts and are looked through by city.
const (
	itemsOfRollout = "batch b join payout_item i on b.rollout = $1 and i.city = b.city and i.rollout = b.rollout and i.batch = b.number"
	rowsOfRollout  = itemsOfRollout + " join payout_row r on r.city = i.city and r.rollout = i.rollout and r.batch = i.batch and r.row_no = i.row_no"
)

// itemOf joins the payment i that something named names by city, rollout and row. Its batch is not known, so it is looked for in each
// of the city's, by key: "offset 0" keeps the planner from reading whole batches for every row when it guesses that there are few.
func itemOf(named string) string {
	return `join batch b on b.rollout = ` + named + `.rollout and b.city = ` + named + `.city
		cross join lateral (select * from payout_item i where i.city = b.city and i.rollout = b.rollout and i.batch = b.number
			and i.row_no = ` + named + `.row_no offset 0) i `
}

// countedPayments returns what the last step of the batch has counted.
func (l *Ledger) countedPayments(ctx context.Context, b card.BatchID) (m Money, err error) {
	s, err := l.scope(ctx, l.pool, b)
	if err == nil {
		err = fault("read the counts", l.pool.QueryRow(ctx, "select counts from batch where rollout = $1 and number = $2", s.rollout, s.batch).Scan(&m))
	}
	return m, err
}
