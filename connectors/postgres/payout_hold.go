package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// HoldPayment keeps one payment of a subsidy rollout back, for an objection or another reason, until LiftPayment. A payment
// whose file may have left is a Conflict: it is recovered, not held.
func (l *Ledger) HoldPayment(ctx context.Context, id card.RolloutID, row int, reason card.Reason, by, note string) error {
	return l.movePayment(ctx, id, row, payMove{from: card.PayPlanned, to: card.PayHeld, reason: reason, what: EventRowHeld}, by, note)
}

// LiftPayment lets a payment that was held go out after all; not while its payee is under review.
func (l *Ledger) LiftPayment(ctx context.Context, id card.RolloutID, row int, by, note string) error {
	return l.movePayment(ctx, id, row, payMove{from: card.PayHeld, to: card.PayPlanned, what: EventRowLifted}, by, note)
}

type payMove struct {
	from, to card.PayStatus
	reason   card.Reason
	what     string
}

func (l *Ledger) movePayment(ctx context.Context, id card.RolloutID, row int, m payMove, by, note string) error {
	return l.tx(ctx, "hold or lift a payment", func(tx pgx.Tx) error {
		s, err := l.batchOfPayment(ctx, tx, id, row)
		if err == nil && m.to == card.PayPlanned {
			err = notUnderReview(ctx, tx, s, row)
		}
		if err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `
			update payout_item i set status = $6, reason = nullif($7, '') where city = $1 and rollout = $2 and batch = $3 and row_no = $4
			and status = $5 and not exists (select from exchange_file f where f.rollout = $2 and f.batch = $3 and f.kind = 'PAYREQ')`,
			s.args(row, m.from, m.to, string(m.reason))...)
		if err != nil {
			return err
		}
		if done.RowsAffected() != 1 {
			return card.E(card.Conflict, fmt.Sprintf("row %d of %s", row, id), card.ReasonPaymentState, nil)
		}
		if err := settlePayments(ctx, tx, s); err != nil {
			return err
		}
		at := l.now()
		if err := l.tellBatch(ctx, tx, s, m.what, fmt.Sprintf("%d/%d", row, at.UnixNano()), map[string]any{"row": row, "reason": string(m.reason), "by": by}); err != nil {
			return err
		}
		return l.audit(ctx, tx, by, "rollout."+m.what, string(id), fmt.Sprintf("row %d: %s", row, note))
	})
}

// notUnderReview makes sure that nobody has to look at the case of a payment's payee first.
func notUnderReview(ctx context.Context, tx pgx.Tx, s scope, row int) error {
	var open *int
	if err := tx.QueryRow(ctx, `
		select min(v.no) from payout_row r join review v on v.person = r.person and v.closed_at is null
		where r.city = $1 and r.rollout = $2 and r.batch = $3 and r.row_no = $4`, s.args(row)...).Scan(&open); err != nil || open == nil {
		return err
	}
	return card.E(card.Conflict, fmt.Sprintf("let row %d go before review %d is decided", row, *open), card.ReasonUnderReview, nil)
}

// batchOfPayment finds the batch of a row, and locks it as every step does.
func (l *Ledger) batchOfPayment(ctx context.Context, tx pgx.Tx, id card.RolloutID, row int) (scope, error) {
	s := scope{kind: KindSubsidy}
	err := tx.QueryRow(ctx, `
		select i.city, i.rollout, i.batch, b.bank from rollout r join batch b on b.rollout = r.no
		join payout_item i on i.city = b.city and i.rollout = r.no and i.batch = b.number and i.row_no = $2
		where r.id = $1 and r.kind = 'subsidy' for update of b`, string(id), row).Scan(&s.city, &s.rollout, &s.batch, &s.bank)
	if !isNoRows(err) {
		return s, err
	}
	if _, err := subsidyNo(ctx, tx, id); err != nil {
		return s, err
	}
	return s, card.E(card.NotFound, fmt.Sprintf("find row %d of %s", row, id), card.ReasonNoPayment, nil)
}

// withdrawPayments ends a batch that was cancelled: what has not been released is withdrawn; what is at the bank can no longer be
// stopped and keeps its state until the bank's word.
func withdrawPayments(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, `
		update payout_item set status = $4, reason = coalesce(reason, $5) where city = $1 and rollout = $2 and batch = $3 and status in ($6, $7)
		and not exists (select from exchange_file f where f.rollout = $2 and f.batch = $3 and f.kind = 'PAYREQ' and f.withdrawn_at is null)`,
		s.args(card.PayWithdrawn, string(card.ReasonCancelled), card.PayPlanned, card.PayHeld)...)
	return err
}
