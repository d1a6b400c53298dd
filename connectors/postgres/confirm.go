package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// trackingNumber is the SQL that makes the tracking number of a posted card. The hub's own convention: the post takes the
// sender's numbers.
const trackingNumber = `case when r.mode = 'P' then 'SC' || i.card_no || 'CN' else '' end`

// ConfirmFile records that a file is proved to be at its partner, moves the rows that it carries on, ends those that it could
// not carry with the reason, and says until when the answer is expected.
func (l *Ledger) ConfirmFile(ctx context.Context, b card.BatchID, f card.File, p card.Proof, until time.Time) error {
	return l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		if err := leaveOut(ctx, tx, s, f.Kind, p.Refused); err != nil {
			return err
		}
		if err := moveSent(ctx, tx, s, f.Kind); err != nil {
			return err
		}
		return l.confirmFile(ctx, tx, s, f, p, until)
	})
}

// moveSent moves the rows that a file of this kind carries. Kinds that only ask move nothing.
func moveSent(ctx context.Context, tx pgx.Tx, s scope, kind card.FileKind) error {
	if kind == card.PayReq {
		return moveReleased(ctx, tx, s)
	}
	if kind == card.Dispatch {
		return moveDispatched(ctx, tx, s)
	}
	move, ok := sentMoves[kind]
	if !ok {
		return nil
	}
	_, err := tx.Exec(ctx, `
		update issuance_item set status = $5 where city = $1 and rollout = $2 and batch = $3 and status = $4`, s.args(move.from, move.to)...)
	return err
}

var sentMoves = map[card.FileKind]struct{ from, to card.ItemStatus }{
	card.AcctReq: {card.Batched, card.AccountRequested},
	card.CardReq: {card.AccountOpened, card.SentToVendor},
}

// moveDispatched moves the cards out of the store and gives those that are posted their tracking numbers.
func moveDispatched(ctx context.Context, tx pgx.Tx, s scope) error {
	_, err := tx.Exec(ctx, `
		update issuance_item i set status = $5, tracking = nullif(`+trackingNumber+`, '')
		from roster_row r where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4 and i.reason is null
		and r.city = i.city and r.rollout = i.rollout and r.row_no = i.row_no`, s.args(card.InStock, card.Dispatched)...)
	if err != nil {
		return err
	}
	return moveStock(ctx, tx, s, placeStore, placeOutlets, card.Dispatched)
}

// leaveOut ends the rows that could not be written into a file of this kind, which is about to be confirmed, each with its
// reason. A card that could not be announced lies in the store; what is only asked about stays as it is.
func leaveOut(ctx context.Context, tx pgx.Tx, s scope, kind card.FileKind, refused []card.Finding) error {
	end, ok := leftOut[kind]
	if len(refused) == 0 || !ok && s.kind != KindSubsidy {
		return nil
	}
	reasons := make([]string, 0, len(refused))
	for _, r := range refused {
		reasons = append(reasons, string(r.Reason))
	}
	if s.kind == KindSubsidy {
		return leaveOutPayments(ctx, tx, s, refs(refused), reasons)
	}
	_, err := tx.Exec(ctx, `
		update issuance_item i set status = $5, prior = i.status, reason = a.reason from unnest($6::bigint[], $7::text[]) as a(row_no, reason)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status = $4`,
		s.args(end.from, end.to, refs(refused), reasons)...)
	return err
}

var leftOut = map[card.FileKind]struct{ from, to card.ItemStatus }{
	card.MatchReq: {card.Applied, card.Refused},
	card.AcctReq:  {card.Batched, card.AccountFailed},
	card.CardReq:  {card.AccountOpened, card.MakeFailed},
	card.Dispatch: {card.InStock, card.InStock},
}

// refs are the rows that findings name.
func refs(found []card.Finding) []int64 {
	rows := make([]int64, 0, len(found))
	for _, f := range found {
		rows = append(rows, int64(f.Ref))
	}
	return rows
}
