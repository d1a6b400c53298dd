package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ApplyReport takes a report of the outlets. Its rows may belong to several batches; each is found through the dispatch
// file that it names. Arrivals, hand-overs and returns only move cards forward, so that a repeated or late row does no harm.
// Applying the same file again changes nothing.
//
// Rows that speak of no card that was dispatched are refused one by one: each row of a report stands for itself, and the
// holders of the other cards must not wait for its correction. A report that has no other rows is refused whole. The error is
// Later while the proof of a dispatch that it names has not been recorded. misread are rows that were refused before.
func (l *Ledger) ApplyReport(ctx context.Context, f card.File, rows []card.ReportRow, misread []card.Finding) error {
	return l.tx(ctx, "apply a report", func(tx pgx.Tx) error {
		file, applied, err := l.takeFile(ctx, tx, nil, f, len(rows)+len(misread))
		if err != nil || applied {
			return err
		}
		var refused []card.Finding
		for _, part := range byDispatch(rows) {
			bad, err := l.applyReported(ctx, tx, f, file, part)
			if err != nil {
				return err
			}
			refused = append(refused, bad...)
		}
		if len(rows) > 0 && len(refused) == len(rows) {
			return card.Refuse("apply "+f.Name(), refused[0])
		}
		refused = append(refused, misread...)
		slices.SortFunc(refused, func(a, b card.Finding) int { return cmp.Compare(a.Ref, b.Ref) })
		return l.processed(ctx, tx, f, file, refused)
	})
}

// byDispatch divides rows by the dispatch that they name, in the order in which these are first named.
func byDispatch(rows []card.ReportRow) [][]card.ReportRow {
	var parts [][]card.ReportRow
	at := map[card.File]int{}
	for _, r := range rows {
		i, known := at[r.Dispatch]
		if !known {
			i = len(parts)
			at[r.Dispatch], parts = i, append(parts, nil)
		}
		parts[i] = append(parts[i], r)
	}
	return parts
}

// applyReported applies the rows that name one dispatch, and returns those that it refused.
func (l *Ledger) applyReported(ctx context.Context, tx pgx.Tx, f card.File, file int64, rows []card.ReportRow) ([]card.Finding, error) {
	s, known, err := dispatched(ctx, tx, rows[0].Dispatch)
	if err != nil {
		return nil, err
	}
	if !known {
		return unknownDispatch(rows), nil
	}
	if _, err := tx.Exec(ctx, "select from batch where rollout = $1 and number = $2 for update", s.rollout, s.batch); err != nil {
		return nil, err
	}
	rows, refused, err := knownReports(ctx, tx, s, rows)
	if err != nil || len(rows) == 0 {
		return refused, err
	}
	handed, err := l.moveAllReported(ctx, tx, s, rows, file)
	if err != nil {
		return nil, err
	}
	if _, _, err := countBatch(ctx, tx, s); err != nil {
		return nil, err
	}
	return refused, l.tellBatch(ctx, tx, s, EventFileProcessed, f.Name(), map[string]any{"file": f.Name(), "rows": len(rows), "handed": handed})
}

func (l *Ledger) moveAllReported(ctx context.Context, tx pgx.Tx, s scope, rows []card.ReportRow, file int64) (handed int, err error) {
	for _, event := range []card.ReportEvent{card.ReportArrived, card.ReportHanded, card.ReportReturned} {
		n, err := l.moveReported(ctx, tx, s, event, rows, file)
		if err != nil {
			return 0, err
		}
		if event == card.ReportHanded {
			handed = n
		}
	}
	return handed, nil
}

// dispatched finds the batch whose cards a dispatch file told of.
func dispatched(ctx context.Context, tx pgx.Tx, f card.File) (s scope, known bool, err error) {
	var sent bool
	err = tx.QueryRow(ctx, `
		select e.rollout, e.batch, b.city, b.bank, e.confirmed_at is not null
		from exchange_file e join batch b on b.rollout = e.rollout and b.number = e.batch
		where e.partner = $1 and e.kind = $2 and e.business_date = $3 and e.sequence = $4 and e.direction = 'out'`,
		f.Partner, string(f.Kind), f.Date, f.Seq).Scan(&s.rollout, &s.batch, &s.city, &s.bank, &sent)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, false, nil
	}
	if err == nil && !sent { // the outlets were quicker than our own record: the cards have not left the store in the ledger
		err = card.E(card.Later, "wait for the proof of "+f.Name(), card.ReasonNoAnswer, nil)
	}
	return s, true, err
}

func unknownDispatch(rows []card.ReportRow) []card.Finding {
	refused := make([]card.Finding, 0, len(rows))
	for _, r := range rows {
		refused = append(refused, card.Finding{Reason: card.ReasonFileUnknownDispatch, Ref: r.Ref, Name: "dispatch",
			Found: r.Dispatch.Name(), Expected: "a dispatch that the hub sent"})
	}
	return refused
}

// knownReports parts the rows that speak of cards which the dispatch told of from the others.
func knownReports(ctx context.Context, tx pgx.Tx, s scope, rows []card.ReportRow) (known []card.ReportRow, refused []card.Finding, err error) {
	told, err := askedRows(ctx, tx, s, card.Dispatched, card.AtOutlet, card.InStock, card.HandedOver, card.Activated, card.Spoiled)
	if err != nil {
		return nil, nil, err
	}
	rowOf := rowsByNumber(told)
	for _, r := range rows {
		ref := r.Ref
		if r.Counted {
			r.Ref = rowOf[string(r.Number)]
		}
		number, there := told[int32(r.Ref)] //nolint:gosec // a row number
		switch {
		case !there:
			refused = append(refused, card.Finding{Reason: card.ReasonFileUnknownRow, Ref: ref, Name: "ref",
				Found: "a row that is not in " + r.Dispatch.Name(), Expected: "a row of it"})
		case number != string(r.Number):
			refused = append(refused, card.Finding{Reason: card.ReasonFileOtherCard, Ref: ref, Name: "card_no",
				Found: "another card number", Expected: "the one of the dispatch"})
		default:
			known = append(known, r)
		}
	}
	return known, refused, nil
}

// rowsByNumber returns the row of each card number.
func rowsByNumber(told map[int32]string) map[string]int {
	rows := make(map[string]int, len(told))
	for row, number := range told {
		rows[number] = int(row)
	}
	return rows
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
			update issuance_item i set status = $4, reason = $5, prior = case when $5::text is null then null else i.status end
			from unnest($7::integer[], $8::timestamptz[], $9::text[]) as a(row_no, at, source)
			where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status = any($6::smallint[])
			returning i.city, i.card_no, a.at, a.source)
		insert into card_event (city, card_no, at, what, source, file)
		select city, card_no, at, $10, source, $11 from moved where $10 <> 'at_outlet'`,
		s.args(to, reason, from, refs, times, sources, what, file)...)
	return int(done.RowsAffected()), err
}
