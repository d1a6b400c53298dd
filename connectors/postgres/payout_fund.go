package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// FundRound returns the round under which the order stands at the batch's bank that round asks for. A block has the round in which it
// is asked for; what it has left is released once: in the round in which that was ordered, else in the one after the last block. A
// workflow that was reset knows nothing of the blocks that the bank refused, and asks for the release in an earlier round.
func (l *Ledger) FundRound(ctx context.Context, b card.BatchID, round int) (stands int, err error) {
	if round%2 == 0 {
		return round, nil
	}
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return 0, err
	}
	err = l.pool.QueryRow(ctx, `
		select coalesce(max(round) filter (where round % 2 = 1), max(round) + 1, $4) from exchange_file
		where rollout = $1 and batch = $2 and kind = $3 and direction = 'out'`, s.rollout, s.batch, string(card.FundReq), round).Scan(&stands)
	return stands, fault("find the round of a release", err)
}

// FundOrders returns the one order of a round on the payer's account at the batch's bank: an even round
// blocks what the rollout is going to pay there, the odd one after it, see FundRound, releases what is left of that. The batch is the
// rollout's first of its bank. Blocking is a release of money: the content must be what was approved. Where nobody is to be paid there
// is no order.
func (l *Ledger) FundOrders(ctx context.Context, b card.BatchID, partner, account string, round int) iter.Seq2[card.FundOrder, error] {
	return func(yield func(card.FundOrder, error) bool) {
		var o card.FundOrder
		var fen int64
		err := l.tx(ctx, "order funds", func(tx pgx.Tx) (err error) {
			o, fen, err = l.fundOrder(ctx, tx, b, partner, round)
			return err
		})
		o.Account = account
		if err == nil && fen > 0 {
			err = proceed(yield(o, nil))
		}
		finish(err, yield)
	}
}

// fundOrder returns the order, and how much the block is for that it makes or releases.
func (l *Ledger) fundOrder(ctx context.Context, tx pgx.Tx, b card.BatchID, partner string, round int) (o card.FundOrder, fen int64, err error) {
	s, err := l.scope(ctx, tx, b)
	if err != nil {
		return o, 0, err
	}
	try := round/2 + 1
	if round%2 == 1 {
		o = card.FundOrder{Ref: 1, Order: card.FundOrderNumber(b.Rollout, partner, card.FundRelease, try), Action: card.FundRelease}
		err = tx.QueryRow(ctx, "select order_no, fen from fund_block where rollout = $1 and bank = $2", s.rollout, s.bank).Scan(&o.Block, &fen)
		return o, fen, err
	}
	block := card.FundOrderNumber(b.Rollout, partner, card.FundBlock, try)
	if err := releasedMoney(ctx, tx, s.rollout); err != nil {
		return o, 0, err
	}
	err = tx.QueryRow(ctx, `
		insert into fund_block (rollout, bank, order_no, fen, at)
		select $1, $2, $3, coalesce(sum(i.fen), 0), $4 from payout_item i join batch b on b.rollout = i.rollout and b.number = i.batch and b.city = i.city
		where i.rollout = $1 and b.bank = $2 and i.status in ($5, $6)
		on conflict (rollout, bank) do update set order_no = excluded.order_no,
			reason = case when fund_block.order_no = excluded.order_no then fund_block.reason end returning fen`,
		s.rollout, s.bank, block, l.now(), card.PayPlanned, card.PayHeld).Scan(&fen)
	return card.FundOrder{Ref: 1, Order: block, Action: card.FundBlock, Fen: fen}, fen, err
}

// ApplyFunds takes the bank's word about the payer's account and says whether the money is blocked there now: one done or one failed.
func (l *Ledger) ApplyFunds(ctx context.Context, b card.BatchID, f card.File, told []card.FundAnswer, refused []card.Finding) (t card.Tally, err error) {
	err = l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		file, applied, err := l.takeFile(ctx, tx, &s, f, len(told)+len(refused))
		if err != nil {
			return err
		}
		if !applied {
			for _, a := range told {
				if err := l.applyFund(ctx, tx, s, a); err != nil {
					return err
				}
			}
			if err := l.close(ctx, tx, s, f, file, newAnswers(len(told), refused)); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `
			select count(*) filter (where reason is null), count(*) filter (where reason is not null)
			from fund_block where rollout = $1 and bank = $2`, s.rollout, s.bank).Scan(&t.Done, &t.Failed)
	})
	return t, err
}

func (l *Ledger) applyFund(ctx context.Context, tx pgx.Tx, s scope, a card.FundAnswer) error {
	done, err := tx.Exec(ctx, `
		update fund_block set balance = $3, reason = nullif($4, ''), at = $5,
			blocked = case when order_no = $6 and $4 = '' then fen else blocked end,
			released = case when order_no <> $6 and $4 = '' then fen - (
				select coalesce(sum((b.counts->'paid'->>'fen')::bigint), 0) from batch b where b.rollout = $1 and b.bank = $2) else released end
		where rollout = $1 and bank = $2`,
		s.rollout, s.bank, a.Balance, string(a.Reason), l.now(), a.Order)
	if err == nil && done.RowsAffected() == 0 {
		err = card.Refuse("match the funds", card.Finding{Reason: card.ReasonFileUnknownRow, Ref: a.Ref, Name: "order", Found: a.Order, Expected: "an order of the hub"})
	}
	if err != nil {
		return err
	}
	return l.tellBatch(ctx, tx, s, EventFunds, a.Order+"/"+string(a.Reason), map[string]any{"order": a.Order, "reason": string(a.Reason), "balance": a.Balance})
}

// Fund is the payer's money at one bank.
type Fund struct {
	Bank     string      `json:"bank"`
	Order    string      `json:"order"`
	Fen      int64       `json:"fen"`
	Blocked  int64       `json:"blocked"`
	Released int64       `json:"released"`
	Balance  *int64      `json:"balance,omitempty"`
	Reason   card.Reason `json:"reason,omitempty"`
}

func funds(ctx context.Context, q querier, no int32) ([]Fund, error) {
	rows, err := q.Query(ctx, `
		select to_char(bank, 'FM000'), order_no, fen, blocked, released, balance, coalesce(reason, '') from fund_block where rollout = $1 order by bank`, no)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Fund])
	if err != nil {
		return nil, fmt.Errorf("read the funds: %w", err)
	}
	return all, nil
}
