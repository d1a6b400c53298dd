package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// payeeEvent is something that happens to a payee.
type payeeEvent struct {
	person []byte
	event  card.PayEvent
	source string // who tells it
}

// meeting is a payment that an event of its payee meets.
type meeting struct {
	scope  scope
	row    int32
	event  card.PayEvent
	source string
}

// tellPayments tells the payments that wait or are out, of whatever rollouts, what has happened to their payees; where a card is
// named, only those to that card.
func (l *Ledger) tellPayments(ctx context.Context, tx pgx.Tx, events []payeeEvent, number card.Number) ([]PayTrace, error) {
	var people [][]byte
	var kinds []int16
	var sources []string
	for _, e := range events {
		people, kinds, sources = append(people, e.person), append(kinds, int16(e.event)), append(sources, e.source)
	}
	rows, err := tx.Query(ctx, `
		select r.city, r.rollout, r.batch, r.bank, r.row_no, m.event, m.source
		from unnest($1::bytea[], $2::smallint[], $3::text[]) as m(person, event, source) cross join rollout o join payout p on p.rollout = o.no`+paymentsOf("m.person")+`
		where o.status <> $6 and i.status = any($4) and ($5 = '' or r.card_no = $5) order by r.rollout, r.batch, m.event, r.row_no`,
		people, kinds, sources, openStates(), string(number), card.RolloutDone)
	if err != nil {
		return nil, err
	}
	met, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (m meeting, err error) {
		m.scope.kind = KindSubsidy
		return m, r.Scan(&m.scope.city, &m.scope.rollout, &m.scope.batch, &m.scope.bank, &m.row, &m.event, &m.source)
	})
	if err != nil {
		return nil, err
	}
	return l.meetAll(ctx, tx, met)
}

// paymentsOf is the SQL that joins the payments of a person, r and i, to the subsidy p that holds the person's entitlement. Each is
// looked up by its key (offset 0 keeps the planner from joining the tables whole): the people are few, the payments are millions.
func paymentsOf(person string) string {
	return `
		join programme g on g.id = p.programme
		cross join lateral (select row_no from entitlement e where e.programme = g.no and e.period = p.period and e.person = ` + person + `
			and e.rollout = p.rollout offset 0) e
		join batch b on b.rollout = p.rollout
		cross join lateral (select * from payout_row r where r.city = b.city and r.rollout = b.rollout and r.batch = b.number
			and r.row_no = e.row_no offset 0) r
		cross join lateral (select * from payout_item i where i.city = r.city and i.rollout = r.rollout and i.batch = r.batch
			and i.row_no = r.row_no offset 0) i`
}

// meetAll applies the rule table batch by batch, each once in the order of their numbers, so that two who do so never wait for
// each other.
func (l *Ledger) meetAll(ctx context.Context, tx pgx.Tx, met []meeting) (traces []PayTrace, err error) {
	for first, i := 0, 1; i <= len(met); i++ {
		if i < len(met) && met[i].scope == met[first].scope {
			continue
		}
		some, err := l.meetBatch(ctx, tx, met[first:i])
		if err != nil {
			return nil, err
		}
		traces, first = append(traces, some...), i
	}
	return traces, nil
}

// meetBatch applies the rule table to payments of one batch, and traces what became of each.
func (l *Ledger) meetBatch(ctx context.Context, tx pgx.Tx, met []meeting) ([]PayTrace, error) {
	s := met[0].scope
	facts, err := lockFacts(ctx, tx, met)
	if err != nil {
		return nil, err
	}
	shifts := map[payShift][]int{}
	traces := make([]PayTrace, len(met))
	for i, m := range met {
		f := facts[m.row]
		traces[i] = PayTrace{Row: int(m.row), At: l.now(), Event: m.event, Action: card.RuleFor(m.event, f.sent), Sent: f.sent, Source: m.source}
		if shift, moves := shiftOf(m.event, traces[i].Action, f.sameBank); moves {
			shifts[shift] = append(shifts[shift], i)
		}
	}
	for shift, of := range shifts {
		if err := shift.move(ctx, tx, s, of, traces); err != nil {
			return nil, err
		}
	}
	if len(shifts) > 0 {
		if err := settlePayments(ctx, tx, s); err != nil {
			return nil, err
		}
	}
	return traces, keepTraces(ctx, tx, s, traces)
}

// payFacts are what the rule table asks about a payment.
type payFacts struct {
	sent     bool // its instruction has left the hub, or may have
	sameBank bool // the card that its payee has now is at the same bank
}

// lockFacts locks a batch and reads the facts about payments of it. A payment that is planned when its file has a name may be in
// the file; one that is held then is not.
func lockFacts(ctx context.Context, tx pgx.Tx, met []meeting) (map[int32]payFacts, error) {
	s := met[0].scope
	if _, err := tx.Exec(ctx, "select from batch where rollout = $1 and number = $2 for update", s.rollout, s.batch); err != nil {
		return nil, err
	}
	var rows []int32
	for _, m := range met {
		rows = append(rows, m.row)
	}
	read, err := tx.Query(ctx, `
		select i.row_no, i.status between $5 and $6 or i.status = $7 and exists (
			select from exchange_file f where f.rollout = $2 and f.batch = $3 and f.kind = 'PAYREQ' and f.withdrawn_at is null),
			coalesce(c.bank = r.bank, false)
		from payout_item i join payout_row r using (city, rollout, batch, row_no) join person h on h.person = r.person
		left join card c on c.city = h.city and c.card_no = h.card_no
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = any($4)`,
		s.args(rows, card.PayReleased, card.PayReturned, card.PayPlanned)...)
	if err != nil {
		return nil, err
	}
	facts := map[int32]payFacts{}
	var row int32
	var f payFacts
	_, err = pgx.ForEachRow(read, []any{&row, &f.sent, &f.sameBank}, func() error {
		facts[row] = f
		return nil
	})
	return facts, err
}

// payShift is what an action makes of a payment that has not been sent.
type payShift struct {
	planned, held bool // where it moves from
	to            card.PayStatus
	reason        card.Reason
	only          [3]card.Reason // moves only what stands under one of these reasons; none: whatever the reason
}

// shiftOf says how an action moves a payment, if it does. A payment whose card now has an account at the same bank goes there by
// itself, for accounts are read when the file is written; at another bank it is refused, to be handed in again: who is paid at which
// bank is what was approved.
func shiftOf(event card.PayEvent, action card.PayAction, sameBank bool) (payShift, bool) {
	switch action {
	case card.PayHold:
		return payShift{planned: true, to: card.PayHeld, reason: event.HoldReason()}, true
	case card.PayStop:
		return payShift{planned: true, held: true, to: card.PayRefused, reason: event.StopReason()}, true
	case card.PayLift:
		return payShift{held: true, to: card.PayPlanned, only: [3]card.Reason{card.ReasonDeathReported, card.ReasonRenamed, card.ReasonUnregistered}}, true
	case card.PayReroute:
		if !sameBank {
			return payShift{planned: true, held: true, to: card.PayRefused, reason: card.ReasonCardEvent}, true
		}
		return payShift{held: true, to: card.PayPlanned, only: [3]card.Reason{card.ReasonCardEvent}}, true
	case card.PaySend, card.PayLeave, card.PayFollow, card.PayExpectReturn, card.PayRecover, card.PayAwait:
	}
	return payShift{}, false
}

// move moves payments and marks in their traces which have moved. Nothing is let go whose payee is under review, nor once the
// batch's file has a name, for it would go in no file.
func (p payShift) move(ctx context.Context, tx pgx.Tx, s scope, of []int, traces []PayTrace) error {
	at := map[int32][]int{}
	var rows []int32
	for _, i := range of {
		row := int32(traces[i].Row) //nolint:gosec // a row number
		at[row], rows = append(at[row], i), append(rows, row)
	}
	var from []int16
	if p.planned {
		from = append(from, int16(card.PayPlanned))
	}
	if p.held {
		from = append(from, int16(card.PayHeld))
	}
	var only []string
	for _, r := range p.only {
		if r != "" {
			only = append(only, string(r))
		}
	}
	moved, err := tx.Query(ctx, `
		update payout_item i set status = $6::smallint, reason = nullif($7, '') where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = any($4)
		and i.status = any($5) and ($8::text[] is null or i.reason = any($8)) and ($6::smallint <> $9::smallint or `+mayGoOn+`) returning i.row_no`,
		s.args(rows, from, p.to, string(p.reason), only, card.PayPlanned)...)
	if err != nil {
		return err
	}
	var row int32
	_, err = pgx.ForEachRow(moved, []any{&row}, func() error {
		for _, i := range at[row] {
			traces[i].Done = true
		}
		return nil
	})
	return err
}

// mayGoOn is the SQL that says whether payment i ($2 rollout, $3 batch) may be let go.
const mayGoOn = `
	not exists (select from exchange_file f where f.rollout = $2 and f.batch = $3 and f.kind = 'PAYREQ')
	and not exists (select from payout_row r join review v on v.person = r.person and v.closed_at is null
		where r.city = i.city and r.rollout = i.rollout and r.batch = i.batch and r.row_no = i.row_no)`

func keepTraces(ctx context.Context, tx pgx.Tx, s scope, traces []PayTrace) error {
	rows := make([][]any, 0, len(traces))
	for _, t := range traces {
		rows = append(rows, []any{s.city, s.rollout, t.Row, t.At, int16(t.Event), string(t.Action), t.Sent, t.Done, t.Source})
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"payout_trace"},
		[]string{"city", "rollout", "row_no", "at", "event", "action", "sent", "done", "source"}, pgx.CopyFromRows(rows))
	return err
}
