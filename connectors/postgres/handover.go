package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ApplyReport takes a report of the outlets. Its rows may belong to several batches; each is found through the dispatch
// file that it names. Arrivals, hand-overs and returns only move cards forward, so that a repeated or late row does no harm.
// Applying the same file again changes nothing.
func (l *Ledger) ApplyReport(ctx context.Context, f card.File, rows []card.ReportRow) error {
	return l.tx(ctx, "apply a report", func(tx pgx.Tx) error {
		file, applied, err := l.takeFile(ctx, tx, nil, f, len(rows))
		if err != nil || applied {
			return err
		}
		byDispatch := map[card.File][]card.ReportRow{}
		var order []card.File
		for _, r := range rows {
			if byDispatch[r.Dispatch] == nil {
				order = append(order, r.Dispatch)
			}
			byDispatch[r.Dispatch] = append(byDispatch[r.Dispatch], r)
		}
		for _, dispatch := range order {
			if err := l.applyReported(ctx, tx, f, file, dispatch, byDispatch[dispatch]); err != nil {
				return err
			}
		}
		return l.processed(ctx, tx, file)
	})
}

func (l *Ledger) applyReported(ctx context.Context, tx pgx.Tx, f card.File, file int64, dispatch card.File, rows []card.ReportRow) error {
	s, err := dispatched(ctx, tx, dispatch)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "select from batch where rollout = $1 and number = $2 for update", s.rollout, s.batch); err != nil {
		return err
	}
	if err := knownReports(ctx, tx, s, rows); err != nil {
		return err
	}
	handed := 0
	for _, event := range []card.ReportEvent{card.ReportArrived, card.ReportHanded, card.ReportReturned} {
		n, err := l.moveReported(ctx, tx, s, event, rows, file)
		if err != nil {
			return err
		}
		if event == card.ReportHanded {
			handed = n
		}
	}
	if err := countBatch(ctx, tx, s); err != nil {
		return err
	}
	return l.tellBatch(ctx, tx, s, EventFileProcessed, f.Name(), map[string]any{"file": f.Name(), "rows": len(rows), "handed": handed})
}

// dispatched finds the batch whose cards a dispatch file told of.
func dispatched(ctx context.Context, tx pgx.Tx, f card.File) (scope, error) {
	var s scope
	err := tx.QueryRow(ctx, `
		select e.rollout, e.batch, b.city, b.bank from exchange_file e join batch b on b.rollout = e.rollout and b.number = e.batch
		where e.partner = $1 and e.kind = $2 and e.business_date = $3 and e.sequence = $4 and e.direction = 'out'`,
		f.Partner, string(f.Kind), f.Date, f.Seq).Scan(&s.rollout, &s.batch, &s.city, &s.bank)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, card.E(card.Invalid, "find the dispatch "+f.Name(), card.ReasonFileUnknownRow, nil)
	}
	return s, err
}

// knownReports refuses a report that speaks of cards which the batch does not have.
func knownReports(ctx context.Context, tx pgx.Tx, s scope, rows []card.ReportRow) error {
	a := newAnswers(len(rows))
	for _, r := range rows {
		a.add(r.Ref, r.Number, "")
	}
	return knownRows(ctx, tx, s, a, card.Dispatched, card.AtOutlet, card.InStock, card.HandedOver, card.Activated, card.Spoiled)
}

// moveReported moves the cards of one event forward and writes the hand-overs into the cards' histories.
func (l *Ledger) moveReported(ctx context.Context, tx pgx.Tx, s scope, event card.ReportEvent, rows []card.ReportRow, file int64) (int, error) {
	var refs []int32
	var times []time.Time
	var sources []string
	for _, r := range rows {
		if r.Event == event {
			refs, times, sources = append(refs, int32(r.Ref)), append(times, r.At), append(sources, "outlet/"+r.Clerk+"/"+string(r.Proof)) //nolint:gosec // a row number
		}
	}
	if len(refs) == 0 {
		return 0, nil
	}
	to, what := card.AtOutlet, "at_outlet"
	var reason *string
	switch event {
	case card.ReportArrived:
	case card.ReportHanded:
		to, what = card.HandedOver, "handed_over"
	case card.ReportReturned:
		to, what = card.InStock, "returned"
		code := string(card.ReasonReturned)
		reason = &code
	}
	from := []int16{int16(card.Dispatched), int16(card.AtOutlet)}
	if event == card.ReportArrived {
		from = from[:1]
	}
	done, err := tx.Exec(ctx, `
		with moved as (
			update issuance_item i set status = $4, reason = $5 from unnest($7::integer[], $8::timestamptz[], $9::text[]) as a(row_no, at, source)
			where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status = any($6::smallint[])
			returning i.city, i.card_no, a.at, a.source)
		insert into card_event (city, card_no, at, what, source, file)
		select city, card_no, at, $10, source, $11 from moved where $10 <> 'at_outlet'`,
		s.args(to, reason, from, refs, times, sources, what, file)...)
	return int(done.RowsAffected()), err
}

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
	if err := countBatch(ctx, tx, s); err != nil {
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
		if err := l.activate(ctx, tx, s, round); err != nil {
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

func (l *Ledger) activate(ctx context.Context, tx pgx.Tx, s scope, round int) error {
	_, err := tx.Exec(ctx, `
		with moved as (
			update issuance_item set status = $5, round = $6 where city = $1 and rollout = $2 and batch = $3 and status = $4
			returning city, card_no),
		live as (
			update card c set app_status = $7 from moved m where c.city = m.city and c.card_no = m.card_no and c.app_status = $8
			returning c.city, c.card_no)
		insert into card_event (city, card_no, at, what, source) select city, card_no, $9, 'activated', 'hub' from live`,
		s.args(card.HandedOver, card.Activated, round, card.Normal, card.Sealed, l.now())...)
	return err
}

func countRound(ctx context.Context, tx pgx.Tx, s scope, round int, n *int) error {
	return tx.QueryRow(ctx, `
		select count(*) from issuance_item where city = $1 and rollout = $2 and batch = $3 and round = $4`, s.args(round)...).Scan(n)
}
