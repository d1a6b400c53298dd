package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// HandOver records that a card was handed to its holder at a desk, by whom and on what proof, and returns the batch whose
// process goes on from there. Handing over again answers with the same batch.
func (l *Ledger) HandOver(ctx context.Context, number card.Number, proof, clerk string) (b card.BatchID, err error) {
	err = l.tx(ctx, "hand a card over", func(tx pgx.Tx) error {
		id, s, err := batchOf(ctx, tx, number)
		if err != nil {
			return err
		}
		b = batchID(id, int(s.city), int(s.bank), int(s.batch))
		var status card.ItemStatus
		if err := tx.QueryRow(ctx, `
			select status from issuance_item where city = $1 and rollout = $2 and batch = $3 and card_no = $4`,
			s.args(string(number))...).Scan(&status); err != nil {
			return err
		}
		if status == card.HandedOver || status == card.Activated {
			return nil
		}
		if !status.May(card.HandedOver) {
			return card.E(card.Conflict, fmt.Sprintf("hand over card %s, which stands at %s", number, status), card.ReasonWrongState, nil)
		}
		return l.handOver(ctx, tx, s, number, proof, clerk)
	})
	return b, err
}

// batchOf finds the batch that a card belongs to, and locks it as every step does.
func batchOf(ctx context.Context, tx pgx.Tx, number card.Number) (card.RolloutID, scope, error) {
	var id string
	var s scope
	err := tx.QueryRow(ctx, `
		select r.id, i.city, i.rollout, i.batch, c.bank
		from card c join rollout r on r.no = c.rollout
		join batch b on b.rollout = c.rollout and b.city = c.city and b.bank = c.bank
		join issuance_item i on i.city = c.city and i.rollout = c.rollout and i.batch = b.number and i.row_no = c.row_no
		where c.city = any($1) and c.card_no = $2 for update of b`, cityCodes(), string(number)).Scan(&id, &s.city, &s.rollout, &s.batch, &s.bank)
	if errors.Is(err, pgx.ErrNoRows) {
		err = card.E(card.NotFound, fmt.Sprintf("find card %s", number), card.ReasonNoSuchCard, nil)
	}
	return card.RolloutID(id), s, err
}

func (l *Ledger) handOver(ctx context.Context, tx pgx.Tx, s scope, number card.Number, proof, clerk string) error {
	if _, err := tx.Exec(ctx, `
		update issuance_item set status = $5, reason = null where city = $1 and rollout = $2 and batch = $3 and card_no = $4`,
		s.args(string(number), card.HandedOver)...); err != nil {
		return err
	}
	if err := copyEvents(ctx, tx, [][]any{{s.city, string(number), l.now(), "handed_over", "desk/" + clerk + "/" + proof, nil}}); err != nil {
		return err
	}
	if _, _, err := countBatch(ctx, tx, s); err != nil {
		return err
	}
	if err := l.tellBatch(ctx, tx, s, EventHandedOver, string(number), map[string]any{"card": string(number), "clerk": clerk}); err != nil {
		return err
	}
	return l.audit(ctx, tx, clerk, "card.handover", string(number), "proof "+proof)
}

func cityCodes() []int32 {
	var codes []int32
	for _, c := range card.Cities() {
		codes = append(codes, int32(atoi(c.Code))) //nolint:gosec // six digits
	}
	return codes
}

// HandOvers returns how far the hand-over of the batch has come. Rounds of activations follow one another: only the last can
// be without the bank's answer.
func (l *Ledger) HandOvers(ctx context.Context, b card.BatchID) (card.HandOverProgress, error) {
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return card.HandOverProgress{}, err
	}
	var p card.HandOverProgress
	var open int
	err = l.pool.QueryRow(ctx, `
		with item as (select status, round from issuance_item where city = $1 and rollout = $2 and batch = $3),
		last as (select coalesce(max(round), 0) as round from item),
		answered as (
			select q.round from exchange_file q join exchange_file a using (partner, business_date, sequence), last
			where q.rollout = $2 and q.batch = $3 and q.kind = 'ACTREQ' and q.round = last.round and a.kind = 'ACTRET' and a.state = 'processed')
		select count(*) filter (where status = $4), count(*) filter (where status in ($5, $6)),
			count(*) filter (where item.round = last.round and not exists (select from answered)),
			last.round + case when last.round = 0 or exists (select from answered) then 1 else 0 end
		from last left join item on true group by last.round`,
		s.args(card.HandedOver, card.Dispatched, card.AtOutlet)...).Scan(&p.HandedOver, &p.Waiting, &open, &p.Round)
	p.HandedOver += open
	return p, fault("count the hand-overs", err)
}

// AwaitHandOver says that the batch waits for its cards to be handed over, unless it waits already.
func (l *Ledger) AwaitHandOver(ctx context.Context, b card.BatchID, partner string, until time.Time) error {
	return l.tx(ctx, "wait for the hand-over", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update batch set waiting_for = $3, waiting_what = $4, waiting_until = $5
			where rollout = $1 and number = $2 and waiting_for is null`, s.rollout, s.batch, partner, string(card.Report), until)
		return err
	})
}

// ActivateCards makes the social function of the cards that were handed over active, and puts them into the round whose
// accounts the bank is asked to activate. Asked again for the same round, it answers with the same number: what has been
// handed over since waits for the next round.
func (l *Ledger) ActivateCards(ctx context.Context, b card.BatchID, round int) (int, error) {
	var n int
	err := l.step(ctx, b, "ACTIVATE", func(tx pgx.Tx, s scope) error {
		if err := countRound(ctx, tx, s, round, &n); err != nil || n > 0 {
			return err
		}
		if _, err := l.activate(ctx, tx, s, &round); err != nil {
			return err
		}
		if err := countRound(ctx, tx, s, round, &n); err != nil {
			return err
		}
		if err := checkOneCard(ctx, tx, s); err != nil {
			return err
		}
		return l.tellBatch(ctx, tx, s, EventActivated, fmt.Sprint(round), map[string]any{"rows": n, "round": round})
	})
	return n, err
}

// activate makes the social function of the cards that were handed over active, and returns how many it was.
func (l *Ledger) activate(ctx context.Context, tx pgx.Tx, s scope, round *int) (int, error) {
	done, err := tx.Exec(ctx, `
		with moved as (
			update issuance_item set status = $5, round = $6 where city = $1 and rollout = $2 and batch = $3 and status = $4
			returning city, card_no),
		live as (
			update card c set app_status = $7 from moved m where c.city = m.city and c.card_no = m.card_no and c.app_status = $8
			returning c.city, c.card_no)
		insert into card_event (city, card_no, at, what, source) select city, card_no, $9, 'activated', 'hub' from live`,
		s.args(card.HandedOver, card.Activated, round, card.Normal, card.Sealed, l.now())...)
	return int(done.RowsAffected()), err
}

func countRound(ctx context.Context, tx pgx.Tx, s scope, round int, n *int) error {
	return tx.QueryRow(ctx, `
		select count(*) from issuance_item where city = $1 and rollout = $2 and batch = $3 and round = $4`, s.args(round)...).Scan(n)
}
