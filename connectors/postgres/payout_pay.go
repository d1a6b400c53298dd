package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// PayOrders returns the batch's payments in the clear, by row. It is a release of money: the rows must be what was approved, by
// everybody who must, and the reading ends with an error of kind Breach when they are not. Rows that are held do not go.
func (l *Ledger) PayOrders(ctx context.Context, b card.BatchID) iter.Seq2[card.PayOrder, error] {
	return func(yield func(card.PayOrder, error) bool) {
		purpose, err := l.purpose(ctx, b.Rollout)
		if err != nil {
			finish(err, yield)
			return
		}
		err = l.readPayments(ctx, b, forRelease, func(r paymentRow) error {
			if r.status != card.PayPlanned && r.status != card.PayReleased {
				return nil
			}
			pan, _, err := l.openAccount(r.account, r.number)
			if err != nil {
				return err
			}
			return proceed(yield(card.PayOrder{
				Ref: r.row, Instruction: card.NewInstruction(b.Rollout, r.row, r.version), Number: r.number, PAN: pan, Name: r.person.Name, Fen: r.fen, Purpose: purpose,
			}, nil))
		})
		finish(err, yield)
	}
}

// purpose is what the payees of a rollout read.
func (l *Ledger) purpose(ctx context.Context, id card.RolloutID) (purpose string, err error) {
	err = l.pool.QueryRow(ctx, "select p.rules->>'purpose' from payout p join rollout r on r.no = p.rollout where r.id = $1", string(id)).Scan(&purpose)
	return purpose, fault("find the purpose", err)
}

// UnansweredPayments returns the payments whose outcome is unknown.
func (l *Ledger) UnansweredPayments(ctx context.Context, b card.BatchID) iter.Seq2[card.PayEnquiry, error] {
	return func(yield func(card.PayEnquiry, error) bool) {
		s, err := l.scope(ctx, l.pool, b)
		if err != nil {
			finish(err, yield)
			return
		}
		rows, err := l.pool.Query(ctx, `
			select i.row_no, r.version, r.card_no, i.fen from payout_item i join payout_row r using (city, rollout, batch, row_no)
			where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4 order by i.row_no`, s.args(card.PayUnknown)...)
		if err != nil {
			finish(fault("read the unanswered payments", err), yield)
			return
		}
		var row, version int
		var number string
		var fen int64
		_, err = pgx.ForEachRow(rows, []any{&row, &version, &number, &fen}, func() error {
			return proceed(yield(card.PayEnquiry{Ref: row, Instruction: card.NewInstruction(b.Rollout, row, version), Number: card.Number(number), Fen: fen}, nil))
		})
		finish(fault("read the unanswered payments", err), yield)
	}
}

// HasLeft says whether the batch's money file may have left the hub: it has a name, under which it may be at the bank.
func (l *Ledger) HasLeft(ctx context.Context, b card.BatchID) (left bool, err error) {
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return false, err
	}
	err = l.pool.QueryRow(ctx, "select exists (select from exchange_file where rollout = $1 and batch = $2 and kind = 'PAYREQ')", s.rollout, s.batch).Scan(&left)
	return left, fault("look for the money file", err)
}

// ExpirePayments makes the payments unknown whose answer has not come by its deadline, and says whether that has passed.
func (l *Ledger) ExpirePayments(ctx context.Context, b card.BatchID) (t card.Tally, overdue bool, err error) {
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return t, false, err
	}
	if err := l.pool.QueryRow(ctx, "select coalesce(waiting_until < $3, false) from batch where rollout = $1 and number = $2",
		s.rollout, s.batch, l.now()).Scan(&overdue); err != nil || !overdue {
		return t, false, fault("look at the deadline", err)
	}
	err = l.step(ctx, b, "UNKNOWN", func(tx pgx.Tx, s scope) error { return markUnanswered(ctx, tx, s) })
	if err != nil {
		return t, true, err
	}
	t, err = l.tallyPayments(ctx, b)
	return t, true, err
}

func markUnanswered(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, "update payout_item set status = $5, reason = $6 where city = $1 and rollout = $2 and batch = $3 and status = $4",
		s.args(card.PayReleased, card.PayUnknown, string(card.ReasonNoAnswer))...)
	return err
}

// ApplyPayments takes the bank's answer to the payments of a batch, or to an enquiry about them: each row is paid or came back
// with its cause; rows that were left out are unknown. A row that speaks of no payment of the batch, or of another amount, is
// refused alone and stays unknown. What an earlier file has told is not told again by a later one.
func (l *Ledger) ApplyPayments(ctx context.Context, b card.BatchID, f card.File, told []card.PayAnswer, refused []card.Finding) (t card.Tally, err error) {
	err = l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		file, applied, err := l.takeFile(ctx, tx, &s, f, len(told)+len(refused))
		if err != nil || applied {
			return err
		}
		if err := l.applyPayments(ctx, tx, s, b, file, told, &refused); err != nil {
			return err
		}
		return l.close(ctx, tx, s, f, file, newAnswers(len(told), refused))
	})
	if err != nil {
		return t, err
	}
	return l.tallyPayments(ctx, b)
}

func (l *Ledger) applyPayments(ctx context.Context, tx pgx.Tx, s scope, b card.BatchID, file int64, told []card.PayAnswer, refused *[]card.Finding) error {
	asked, err := askedPayments(ctx, tx, s, anyRow)
	if err != nil {
		return err
	}
	p := payAnswers{}
	for _, a := range told {
		if wrong := asked.wrong(b, a); wrong != nil {
			*refused = append(*refused, *wrong)
			continue
		}
		p.add(a)
	}
	if err := p.move(ctx, tx, s, file); err != nil {
		return err
	}
	return markUnanswered(ctx, tx, s)
}

// askedPayment is what a row was sent with.
type askedPayment struct {
	version int
	number  card.Number
	fen     int64
}

type asked map[int]askedPayment

// anyRow stands for all rows of a batch.
const anyRow = 0

// askedPayments returns what was sent in a batch, or of one of its rows.
func askedPayments(ctx context.Context, q querier, s scope, row int) (asked, error) {
	// Which of them were sent is looked at below: the planner does not know how many have moved since it last counted.
	query, args := `
		select i.row_no, i.status, r.version, r.card_no, i.fen from payout_item i join payout_row r using (city, rollout, batch, row_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3`, s.args()
	if row != anyRow {
		query, args = query+" and i.row_no = $4", append(args, row)
	}
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	all := asked{}
	var status card.PayStatus
	var a askedPayment
	_, err = pgx.ForEachRow(rows, []any{&row, &status, &a.version, &a.number, &a.fen}, func() error {
		switch status {
		case card.PayReleased, card.PayUnknown, card.PayPaid, card.PayReturned:
			all[row] = a
		case card.PayPlanned, card.PayHeld, card.PayWithdrawn, card.PayRefused:
		}
		return nil
	})
	return all, err
}

// wrong returns what is wrong with a row of an answer, or nil.
func (a asked) wrong(b card.BatchID, told card.PayAnswer) *card.Finding {
	sent, there := a[told.Ref]
	switch {
	case !there || told.Instruction != card.NewInstruction(b.Rollout, told.Ref, sent.version):
		return &card.Finding{Reason: card.ReasonFileUnknownRow, Ref: told.Ref, Name: "instruction", Found: "a payment that was not sent", Expected: "a payment of the request"}
	case told.Number != sent.number:
		return &card.Finding{Reason: card.ReasonFileOtherCard, Ref: told.Ref, Name: "card_no", Found: "another card number", Expected: "the one of the request"}
	case told.Fen != sent.fen:
		return &card.Finding{Reason: card.ReasonWrongAmount, Ref: told.Ref, Name: "amount", Found: fmt.Sprintf("%d fen", told.Fen), Expected: fmt.Sprintf("%d fen", sent.fen)}
	}
	return nil
}

// payAnswers are answers as columns.
type payAnswers struct {
	rows     []int32
	statuses []int16
	reasons  []string
}

func (p *payAnswers) add(a card.PayAnswer) {
	status, reason := card.PayReturned, string(a.Reason)
	switch {
	case a.Result == card.ResultDone:
		status, reason = card.PayPaid, ""
	case a.Result == card.ResultNeverReceived:
		reason = string(card.ReasonNeverReceived)
	case a.Reason.OutcomeOpen():
		status = card.PayUnknown
	}
	p.rows = append(p.rows, int32(a.Ref)) //nolint:gosec // a row number
	p.statuses, p.reasons = append(p.statuses, int16(status)), append(p.reasons, reason)
}

// move settles the payments that are still open.
func (p *payAnswers) move(ctx context.Context, tx pgx.Tx, s scope, file int64) error {
	_, err := tx.Exec(ctx, `
		update payout_item i set status = a.status, reason = nullif(a.reason, ''), file = $7
		from unnest($4::integer[], $5::smallint[], $6::text[]) as a(row_no, status, reason)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status in ($8, $9)`,
		s.args(p.rows, p.statuses, p.reasons, file, card.PayReleased, card.PayUnknown)...)
	return err
}

// tallyPayments tells how a batch stands that has been released.
func (l *Ledger) tallyPayments(ctx context.Context, b card.BatchID) (card.Tally, error) {
	m, err := l.countedPayments(ctx, b)
	return card.Tally{Done: m.Paid.Rows, Failed: m.Returned.Rows, Unknown: m.Unknown.Rows}, err
}

// moveReleased moves the payments that a PAYREQ carries out of the hub.
func moveReleased(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, "update payout_item set status = $5 where city = $1 and rollout = $2 and batch = $3 and status = $4",
		s.args(card.PayPlanned, card.PayReleased)...)
	return err
}

// leaveOutPayments refuses the payments that a file could not carry.
func leaveOutPayments(ctx context.Context, tx pgx.Tx, s scope, rows []int64, reasons []string) error {
	_, err := tx.Exec(ctx, `
		update payout_item i set status = $4, reason = a.reason from unnest($5::bigint[], $6::text[]) as a(row_no, reason)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status = $7`,
		s.args(card.PayRefused, rows, reasons, card.PayPlanned)...)
	return err
}

// finishPayments ends what has not been sent, and lets the programme pay those people again whose payment came back or never
// left. Rows that are still held are refused with the reason for which they were.
func finishPayments(ctx context.Context, tx pgx.Tx, s scope) error {
	if _, err := tx.Exec(ctx, "update payout_item set status = $5 where city = $1 and rollout = $2 and batch = $3 and status = $4",
		s.args(card.PayHeld, card.PayRefused)...); err != nil {
		return err
	}
	if err := settlePayments(ctx, tx, s); err != nil {
		return err
	}
	return freeEntitlements(ctx, tx, s)
}

func freeEntitlements(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, `
		update entitlement e set free = true from payout_item i join payout_row r using (city, rollout, batch, row_no)
		join payout p on p.rollout = i.rollout join programme g on g.id = p.programme
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status in ($4, $5, $6)
		and e.programme = g.no and e.period = p.period and e.person = r.person and e.rollout = i.rollout and e.row_no = i.row_no and not e.free`,
		s.args(card.PayReturned, card.PayWithdrawn, card.PayRefused)...)
	return err
}
