package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// FollowUp is a cause for which payments of a rollout were not made, in one city and bank, and who can mend it.
type FollowUp struct {
	Status   card.PayStatus `json:"status"` // refused, held, unknown or returned
	Reason   card.Reason    `json:"reason"`
	Owners   []card.Owner   `json:"owners"` // who acts first comes first
	City     string         `json:"city,omitempty"`
	Bank     string         `json:"bank,omitempty"` // empty where the row names nobody with a card
	Sum      Sum            `json:"sum"`
	Followed Sum            `json:"followed"` // of these a later payment makes good for
}

// selectFailed is every payment that was not made. One that was refused at intake for several reasons stands under the first.
const selectFailed = `
	select r.rollout, r.row_no, r.city, r.bank, r.fen, r.person, r.sealed, r.reasons, $2::smallint as status, r.reasons[1] as reason
	from roster_refusal r where r.rollout = $1
	union all
	select i.rollout, i.row_no, i.city, r.bank, i.fen, r.person, h.sealed, array[coalesce(i.reason, '')], i.status, coalesce(i.reason, '')
	from ` + rowsOfRollout + ` join person h on h.person = r.person where i.status in ($2, $3, $4, $5)`

func failedArgs(no int32) []any {
	return []any{no, card.PayRefused, card.PayHeld, card.PayUnknown, card.PayReturned}
}

// FollowUps returns why payments of a rollout were not made: by cause, city and bank, in count and money.
func (l *Ledger) FollowUps(ctx context.Context, id card.RolloutID) ([]FollowUp, error) {
	no, err := subsidyNo(ctx, l.pool, id)
	if err != nil {
		return nil, err
	}
	rows, err := l.pool.Query(ctx, `
		select x.status, x.reason, case when x.city = 0 then '' else to_char(x.city, 'FM000000') end, case when x.bank = 0 then '' else to_char(x.bank, 'FM000') end,
			count(*), sum(x.fen)::bigint, count(f.row_no), coalesce(sum(x.fen) filter (where f.row_no is not null), 0)::bigint
		from (`+selectFailed+`) x left join payout_follow f on f.of_rollout = x.rollout and f.of_row = x.row_no
		group by 1, 2, 3, 4 order by 2, 1 desc, 3, 4`, failedArgs(no)...)
	if err != nil {
		return nil, fault("find what is to be followed up", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (f FollowUp, err error) {
		err = r.Scan(&f.Status, &f.Reason, &f.City, &f.Bank, &f.Sum.Rows, &f.Sum.Fen, &f.Followed.Rows, &f.Followed.Fen)
		f.Owners = f.Reason.Owners()
		return f, err
	})
	return all, fault("find what is to be followed up", err)
}

// subsidyNo finds a subsidy rollout.
func subsidyNo(ctx context.Context, q querier, id card.RolloutID) (no int32, err error) {
	err = q.QueryRow(ctx, "select no from rollout where id = $1 and kind = $2", string(id), KindSubsidy).Scan(&no)
	if isNoRows(err) {
		return 0, card.E(card.NotFound, "find the subsidy rollout "+string(id), card.ReasonNoSuchRollout, nil)
	}
	return no, fault("find the rollout", err)
}

// FailedPayment is a payment that was not made, in the clear. FollowedBy is the rollout that makes good for it, if there is one.
type FailedPayment struct {
	RefusedPayment
	Status     card.PayStatus
	FollowedBy card.RolloutID
}

// Again says whether the row may be handed in again: nothing waits for it, nobody has paid it, and no later row makes good for it.
func (f FailedPayment) Again() bool {
	return f.FollowedBy == "" && (f.Status == card.PayReturned || f.Status == card.PayRefused)
}

// FailedPayments returns the payments that were not made, in the clear, by row.
func (l *Ledger) FailedPayments(ctx context.Context, id card.RolloutID) iter.Seq2[FailedPayment, error] {
	return func(yield func(FailedPayment, error) bool) {
		finish(fault("read the payments that were not made", l.failedPayments(ctx, id, yield)), yield)
	}
}

func (l *Ledger) failedPayments(ctx context.Context, id card.RolloutID, yield func(FailedPayment, error) bool) error {
	no, err := subsidyNo(ctx, l.pool, id)
	if err != nil {
		return err
	}
	rows, err := l.pool.Query(ctx, `
		select x.row_no, x.city, x.bank, x.fen, x.person, x.sealed, x.reasons, x.status, coalesce((
			select o.id from payout_follow f join rollout o on o.no = f.rollout where f.of_rollout = x.rollout and f.of_row = x.row_no order by o.no limit 1), '')
		from (`+selectFailed+`) x order by x.row_no`, failedArgs(no)...)
	if err != nil {
		return err
	}
	var (
		f               FailedPayment
		row, city, bank int
		person, sealed  pgtype.DriverBytes
		reasons         []string
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &city, &bank, &f.Fen, &person, &sealed, &reasons, &f.Status, &f.FollowedBy}, func() error {
		r, err := l.openRefusal(no, row, person, sealed, reasons)
		if err != nil {
			return err
		}
		place := batchID("", city, bank, 0)
		if f.Row = r; city > 0 {
			f.Application.City, f.Application.Bank = place.City, place.Bank
		}
		return proceed(yield(f, nil))
	})
	return err
}
