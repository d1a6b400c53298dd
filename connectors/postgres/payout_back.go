package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ApplyPaybacks takes payments that a bank had told to be paid, or had not told of yet, and that came back since (退票). Its rows
// may belong to any rollouts, ended ones too; each stands for itself, so that one that is wrong is refused alone. Applying the same
// file again changes nothing, nor does another file that tells the same.
func (l *Ledger) ApplyPaybacks(ctx context.Context, f card.File, told []card.PayAnswer, refused []card.Finding) error {
	return l.tx(ctx, "apply paybacks", func(tx pgx.Tx) error {
		file, applied, err := l.takeFile(ctx, tx, nil, f, len(told)+len(refused))
		if err != nil || applied {
			return err
		}
		touched := map[scope]bool{}
		for _, a := range told {
			wrong, err := l.payBack(ctx, tx, f, file, a, touched)
			if err != nil {
				return err
			}
			if wrong != nil {
				refused = append(refused, *wrong)
			}
		}
		for s := range touched {
			if err := settlePayments(ctx, tx, s); err != nil {
				return err
			}
			if err := freeEntitlements(ctx, tx, s); err != nil {
				return err
			}
		}
		if len(told) > 0 && len(refused) >= len(told) {
			return card.Refuse("apply "+f.Name(), refused[0])
		}
		return l.processed(ctx, tx, f, file, refused)
	})
}

// payBack takes one payment back, and notes its batch, which is then counted once for all of them.
func (l *Ledger) payBack(ctx context.Context, tx pgx.Tx, f card.File, file int64, a card.PayAnswer, touched map[scope]bool) (*card.Finding, error) {
	unknown := &card.Finding{Reason: card.ReasonFileUnknownRow, Ref: a.Ref, Name: "instruction", Found: "a payment that was not sent", Expected: "a payment of the hub"}
	parts, err := card.ParseInstruction(a.Instruction)
	if err != nil {
		return unknown, nil
	}
	s, err := l.batchOfPayment(ctx, tx, parts.Rollout, parts.Row)
	if card.KindOf(err) == card.NotFound {
		return unknown, nil
	}
	if err != nil {
		return nil, err
	}
	asked, err := askedPayments(ctx, tx, s, parts.Row)
	if err != nil {
		return nil, err
	}
	if wrong := asked.wrong(card.BatchID{Rollout: parts.Rollout}, payAnswerOf(a, parts.Row)); wrong != nil {
		wrong.Ref = a.Ref
		return wrong, nil
	}
	done, err := tx.Exec(ctx, `
		update payout_item set status = $5, reason = $6, file = $7 where city = $1 and rollout = $2 and batch = $3 and row_no = $4 and status <> $5`,
		s.args(parts.Row, card.PayReturned, string(a.Reason), file)...)
	if err != nil || done.RowsAffected() == 0 {
		return nil, err
	}
	touched[s] = true
	return nil, l.tellBatch(ctx, tx, s, EventPayback, a.Result+"/"+a.Instruction, map[string]any{"file": f.Name(), "row": parts.Row, "reason": string(a.Reason)})
}

// payAnswerOf is an answer by the row of its roster: in a file of paybacks, refs only count.
func payAnswerOf(a card.PayAnswer, row int) card.PayAnswer {
	a.Ref = row
	return a
}
