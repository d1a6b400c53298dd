package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// MatchRows returns the people of the batch who are to be compared with civil affairs, by row.
func (l *Ledger) MatchRows(ctx context.Context, b card.BatchID) iter.Seq2[card.MatchRow, error] {
	return func(yield func(card.MatchRow, error) bool) {
		s, err := l.scope(ctx, l.pool, b)
		if err == nil && s.kind == KindSubsidy {
			finish(l.matchPayments(ctx, b, yield), yield)
			return
		}
		if err == nil && s.kind == KindMatch {
			finish(l.matchPage(ctx, s, yield), yield)
			return
		}
		err = l.readContent(ctx, b, "", func(r contentRow) error {
			if r.status != card.Applied {
				return nil
			}
			p := r.app.Person
			return proceed(yield(card.MatchRow{Ref: r.row, DocType: p.DocType, SSN: p.SSN, Name: p.Name, Birth: p.Birth}, nil))
		})
		finish(err, yield)
	}
}

// ApplyMatches takes the answer of civil affairs: rows it confirms go on, the others are refused with its reason, rows it
// left out, or answered so that its answer was refused, are unknown. Of a page of the population match it tells who is to be reviewed.
func (l *Ledger) ApplyMatches(ctx context.Context, b card.BatchID, f card.File, answers []card.MatchAnswer, refused []card.Finding) (card.Tally, error) {
	a := newAnswers(len(answers), refused)
	for _, m := range answers {
		a.add(m.Ref, "", m.Reason)
	}
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return card.Tally{}, err
	}
	if s.kind == KindMatch {
		return l.applyPage(ctx, b, f, a, answers)
	}
	return l.apply(ctx, b, f, a, card.Applied, card.Matched, card.Refused, func(tx pgx.Tx, s scope, _ int64) error {
		return l.samePeople(ctx, tx, s, answers)
	})
}

// answers is a partner's answer as columns.
type answers struct {
	rows    []int32
	numbers []string       // empty where the answer bears no card number
	reasons []string       // empty: done
	refused []card.Finding // of rows that are wrong
}

func newAnswers(n int, refused []card.Finding) *answers {
	return &answers{rows: make([]int32, 0, n), numbers: make([]string, 0, n), reasons: make([]string, 0, n), refused: refused}
}

// size is how many rows the answer has.
func (a *answers) size() int { return len(a.rows) + len(a.refused) }

func (a *answers) add(row int, number card.Number, reason card.Reason) {
	a.rows = append(a.rows, int32(row)) //nolint:gosec // a row number
	a.numbers = append(a.numbers, string(number))
	a.reasons = append(a.reasons, string(reason))
}

// apply moves the batch's rows that stand at from: answered well to done, answered badly to failed with the reason, and
// marks those that were left out as unknown. more does what else the answer brings, before the rows move. Applying the
// same file again changes nothing.
func (l *Ledger) apply(ctx context.Context, b card.BatchID, f card.File, a *answers, from, done, failed card.ItemStatus,
	more func(tx pgx.Tx, s scope, file int64) error) (t card.Tally, err error) {
	var payments bool
	err = l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		if payments = s.kind == KindSubsidy; payments { // the match alone is asked for before a payment, too
			return l.applyChecks(ctx, tx, s, f, a, func(file int64) error { return more(tx, s, file) })
		}
		file, applied, err := l.takeFile(ctx, tx, &s, f, a.size())
		if err != nil {
			return err
		}
		if !applied {
			if err := l.applyRows(ctx, tx, s, a, from, done, failed, file, more); err != nil {
				return err
			}
			if err := l.close(ctx, tx, s, f, file, a); err != nil {
				return err
			}
		}
		t, err = tally(ctx, tx, s, from, failed)
		return err
	})
	if err == nil && payments {
		return l.tallyChecks(ctx, b)
	}
	return t, err
}

func (l *Ledger) applyRows(ctx context.Context, tx pgx.Tx, s scope, a *answers, from, done, failed card.ItemStatus, file int64,
	more func(tx pgx.Tx, s scope, file int64) error) error {
	if err := knownRows(ctx, tx, s, a, from); err != nil {
		return err
	}
	if more != nil {
		if err := more(tx, s, file); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		update issuance_item i set status = case when a.reason = '' then $7::smallint else $8::smallint end,
			prior = case when a.reason = '' then null else $6::smallint end, reason = nullif(a.reason, '')
		from unnest($4::integer[], $5::text[]) as a(row_no, reason)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status = $6`,
		s.args(a.rows, a.reasons, from, done, failed)...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update issuance_item set reason = case when row_no = any($6::bigint[]) then $5 else $4 end
		where city = $1 and rollout = $2 and batch = $3 and status = $7`,
		s.args(string(card.ReasonNoAnswer), string(card.ReasonAnswerRefused), refs(a.refused), from)...)
	return err
}

// knownRows refuses an answer that speaks of rows that it was not asked about.
func knownRows(ctx context.Context, tx pgx.Tx, s scope, a *answers, from ...card.ItemStatus) error {
	asked, err := askedRows(ctx, tx, s, from...)
	if err != nil {
		return err
	}
	return a.within(asked)
}

// askedRows returns the card numbers, empty where there is none yet, of the batch's rows that stand at one of the statuses.
func askedRows(ctx context.Context, tx pgx.Tx, s scope, from ...card.ItemStatus) (map[int32]string, error) {
	rows, err := tx.Query(ctx, `
		select row_no, coalesce(card_no, '') from issuance_item
		where city = $1 and rollout = $2 and batch = $3 and status = any($4::smallint[])`, s.args(smallints(from))...)
	if err != nil {
		return nil, err
	}
	asked := map[int32]string{}
	var row int32
	var number string
	_, err = pgx.ForEachRow(rows, []any{&row, &number}, func() error {
		asked[row] = number
		return nil
	})
	return asked, err
}

// within returns an error when the answer has rows, or card numbers, that are not among those asked about.
func (a *answers) within(asked map[int32]string) error {
	var unknown, other strangeRows
	for i, row := range a.rows {
		number, known := asked[row]
		switch {
		case !known:
			unknown.note(row)
		case a.numbers[i] != "" && a.numbers[i] != number:
			other.note(row)
		}
	}
	if err := unknown.refusal(card.ReasonFileUnknownRow, "ref", "rows that were not asked about", "rows of the request only"); err != nil {
		return err
	}
	return other.refusal(card.ReasonFileOtherCard, "card_no", "rows that bear another card number", "the card number of the request")
}

// close marks the answer as applied and the waiting as over.
func (l *Ledger) close(ctx context.Context, tx pgx.Tx, s scope, f card.File, file int64, a *answers) error {
	if err := l.processed(ctx, tx, f, file, a.refused); err != nil {
		return err
	}
	if err := await(ctx, tx, s, "", "", l.now()); err != nil {
		return err
	}
	if err := l.tellBatch(ctx, tx, s, EventFileProcessed, f.Name(), map[string]any{"file": f.Name(), "rows": len(a.rows)}); err != nil {
		return err
	}
	return l.tellRefused(ctx, tx, s, EventRowsRefused, f, a.refused)
}

// tally counts what became of the rows that were asked about.
func tally(ctx context.Context, tx pgx.Tx, s scope, from, failed card.ItemStatus) (card.Tally, error) {
	var t card.Tally
	err := tx.QueryRow(ctx, `
		select count(*) filter (where status > $4 and status <> $5 and status < 90),
		       count(*) filter (where status = $5), count(*) filter (where status = $4)
		from issuance_item where city = $1 and rollout = $2 and batch = $3`, s.args(from, failed)...).Scan(&t.Done, &t.Failed, &t.Unknown)
	return t, err
}

func smallints(statuses []card.ItemStatus) []int16 {
	numbers := make([]int16, len(statuses))
	for i, s := range statuses {
		numbers[i] = int16(s)
	}
	return numbers
}
