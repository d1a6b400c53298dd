package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// OpenPayment is a payment that waits or is out.
type OpenPayment struct {
	Rollout card.RolloutID
	Row     int
	Card    card.Number
}

// openStates are the states of payments that wait or are out.
func openStates() []int16 {
	return []int16{int16(card.PayPlanned), int16(card.PayHeld), int16(card.PayReleased), int16(card.PayUnknown)}
}

// OpenPayments returns a share of the payments of a rollout that wait or are out; the same seed picks the same of the same.
func (l *Ledger) OpenPayments(ctx context.Context, id card.RolloutID, share float64, seed int64) ([]OpenPayment, error) {
	no, err := subsidyNo(ctx, l.pool, id)
	if err != nil {
		return nil, err
	}
	rows, err := l.pool.Query(ctx, `
		with waiting as (select i.row_no, r.card_no from `+rowsOfRollout+` where i.status = any($2))
		select $3::text, row_no, card_no from waiting order by sha256(convert_to($4::bigint || ':' || row_no, 'UTF8'))
		limit ceil((select count(*) from waiting) * $5::double precision)`, no, openStates(), string(id), seed, share)
	if err != nil {
		return nil, fault("pick payments", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OpenPayment])
	return all, fault("pick payments", err)
}

// CardChanged tells the payments that wait or are out what has happened to the card that they go to: what becomes of each is the
// rule table's (card.RuleFor), and stands in its trace. It returns the traces, which are none where nothing is open.
func (l *Ledger) CardChanged(ctx context.Context, number card.Number, event card.PayEvent, source string) (traces []PayTrace, err error) {
	err = l.tx(ctx, "tell payments of a change of their card", func(tx pgx.Tx) error {
		open, err := collect[OpenPayment](ctx, tx, `
			select o.id, r.row_no, r.card_no from payout p join rollout o on o.no = p.rollout join programme g on g.id = p.programme
			join entitlement e on e.programme = g.no and e.period = p.period and e.rollout = p.rollout
				and e.person = (select person from card where card_no = $1 limit 1)
			join batch b on b.rollout = p.rollout
			join payout_row r on r.city = b.city and r.rollout = b.rollout and r.batch = b.number and r.row_no = e.row_no
			join payout_item i on i.city = r.city and i.rollout = r.rollout and i.batch = r.batch and i.row_no = r.row_no
			where r.card_no = $1 and i.status = any($2) order by 1, 2`, string(number), openStates())
		if err != nil {
			return err
		}
		if err := markChanged(ctx, tx, number, event); err != nil {
			return err
		}
		for _, p := range open {
			t, err := l.meet(ctx, tx, p, event, source)
			if err != nil {
				return err
			}
			traces = append(traces, t)
		}
		return l.audit(ctx, tx, source, "card.changed", string(number), fmt.Sprintf("%s: %d payments open", event, len(open)))
	})
	return traces, err
}

// markChanged keeps what no later payment may overlook: a death, and an account that is closed.
func markChanged(ctx context.Context, tx pgx.Tx, number card.Number, event card.PayEvent) error {
	var err error
	switch event {
	case card.PayDied:
		_, err = tx.Exec(ctx, "update person set died = true where person = (select person from card where card_no = $1 limit 1)", string(number))
	case card.PayAccountClosed:
		_, err = tx.Exec(ctx, "update bank_account set status = $2 where card_no = $1", string(number), card.Closed)
	case card.PayTempLoss, card.PayFormalLoss, card.PayReplaced, card.PayMovedCity, card.PaySwitchStarted, card.PaySwitchDone, card.PayCancelled:
	}
	return err
}

// meet applies the rule table to one payment.
func (l *Ledger) meet(ctx context.Context, tx pgx.Tx, p OpenPayment, event card.PayEvent, source string) (PayTrace, error) {
	t := PayTrace{Row: p.Row, At: l.now(), Event: event, Source: source}
	s, err := l.batchOfPayment(ctx, tx, p.Rollout, p.Row)
	if err != nil {
		return t, err
	}
	var sameBank bool
	// A payment that is planned when its file has a name may be in it; one that is held then is not.
	if err := tx.QueryRow(ctx, `
		select i.status in ($5, $6) or i.status = $7 and exists (
			select from exchange_file f where f.rollout = $2 and f.batch = $3 and f.kind = 'PAYREQ' and f.withdrawn_at is null),
			coalesce(c.bank = r.bank, false)
		from payout_item i join payout_row r using (city, rollout, batch, row_no) join person h on h.person = r.person
		left join card c on c.city = h.city and c.card_no = h.card_no
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = $4`,
		s.args(p.Row, card.PayReleased, card.PayUnknown, card.PayPlanned)...).Scan(&t.Sent, &sameBank); err != nil {
		return t, err
	}
	t.Action = card.RuleFor(event, t.Sent)
	if t.Done, err = act(ctx, tx, s, p.Row, t.Action, sameBank); err != nil {
		return t, err
	}
	if t.Done {
		if err := settlePayments(ctx, tx, s); err != nil {
			return t, err
		}
	}
	_, err = tx.Exec(ctx, "insert into payout_trace (city, rollout, row_no, at, event, action, sent, done, source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		s.city, s.rollout, p.Row, t.At, t.Event, string(t.Action), t.Sent, t.Done, t.Source)
	return t, err
}

// payShift is what an action makes of a payment that has not been sent.
type payShift struct {
	from   []int16
	to     card.PayStatus
	reason card.Reason
	only   card.Reason // moves only what stands under this reason
}

// act carries an action out and says whether it changed the payment. A payment whose card now has an account at the same bank
// goes there by itself, for accounts are read when the file is written; at another bank it is refused, to be handed in again: who is paid
// at which bank is what was approved.
func act(ctx context.Context, tx pgx.Tx, s scope, row int, action card.PayAction, sameBank bool) (bool, error) {
	planned, held := int16(card.PayPlanned), int16(card.PayHeld)
	var shift payShift
	switch action {
	case card.PayHold:
		shift = payShift{from: []int16{planned}, to: card.PayHeld, reason: card.ReasonCardEvent}
	case card.PayStop:
		shift = payShift{from: []int16{planned, held}, to: card.PayRefused, reason: card.ReasonPayeeDied}
	case card.PayReroute:
		shift = payShift{from: []int16{held}, to: card.PayPlanned, only: card.ReasonCardEvent}
		if !sameBank {
			shift = payShift{from: []int16{planned, held}, to: card.PayRefused, reason: card.ReasonCardEvent}
		}
	case card.PaySend, card.PayLeave, card.PayFollow, card.PayExpectReturn, card.PayRecover:
		return false, nil
	}
	done, err := tx.Exec(ctx, `
		update payout_item set status = $6, reason = nullif($7, '') where city = $1 and rollout = $2 and batch = $3 and row_no = $4
		and status = any($5) and ($8 = '' or reason = $8)`, s.args(row, shift.from, shift.to, string(shift.reason), string(shift.only))...)
	return done.RowsAffected() > 0, err
}
