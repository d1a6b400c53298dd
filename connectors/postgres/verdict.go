package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// FileRefused records that one edition of a partner's file was refused whole, why and where; a receipt is owed for it. A batch
// that waits for the file, if b names one, goes on waiting for a better one. Of a file that was applied before, this edition
// alone is refused. Telling the same again changes nothing.
func (l *Ledger) FileRefused(ctx context.Context, b *card.BatchID, v card.Verdict) error {
	return l.tx(ctx, "refuse a file", func(tx pgx.Tx) error {
		s, err := l.optionalScope(ctx, tx, b)
		if err != nil {
			return err
		}
		no, done, err := l.takeFile(ctx, tx, s, v.File, 0)
		if err != nil {
			return err
		}
		refuse := l.setAside
		if done {
			refuse = otherEdition
		}
		if proceed, err := refuse(ctx, tx, no, v); err != nil || !proceed {
			return err
		}
		v.Outcome = card.RefusedWhole
		fresh, err := l.judge(ctx, tx, no, v)
		if err != nil || !fresh || s == nil {
			return err
		}
		return l.tellBatch(ctx, tx, *s, EventFileRefused, v.File.Name()+"/"+string(v.Whole.Reason)+"/"+v.SM3,
			map[string]any{"file": v.File.Name(), "reason": string(v.Whole.Reason)})
	})
}

func (l *Ledger) setAside(ctx context.Context, tx pgx.Tx, no int64, v card.Verdict) (bool, error) {
	_, err := tx.Exec(ctx, `
		update exchange_file set state = 'quarantined', reason = $2, sm3 = $3,
			quarantined_at = case when state = 'quarantined' and reason = $2 and sm3 = $3 then quarantined_at else $4 end where no = $1`,
		no, string(v.Whole.Reason), v.SM3, l.now())
	return true, err
}

// otherEdition says whether a verdict about a file that was applied is about other bytes than those that were.
func otherEdition(ctx context.Context, tx pgx.Tx, no int64, v card.Verdict) (other bool, err error) {
	err = tx.QueryRow(ctx, "select $2 <> '' and sm3 <> $2 from exchange_file where no = $1", no, v.SM3).Scan(&other)
	return other, err
}

func (l *Ledger) optionalScope(ctx context.Context, tx pgx.Tx, b *card.BatchID) (*scope, error) {
	if b == nil {
		return nil, nil
	}
	s, err := l.scope(ctx, tx, *b)
	return &s, err
}

// judge keeps a verdict about a file, unless it is the last one again.
func (l *Ledger) judge(ctx context.Context, tx pgx.Tx, file int64, v card.Verdict) (fresh bool, err error) {
	var last int
	var same bool
	err = tx.QueryRow(ctx, `
		select v.no, v.sm3 = $2 and v.outcome = $3 and c.reason = $4 and c.ref = $5 and c.line = $6 and c.col = $7
		from file_verdict v join file_check c on c.file = v.file and c.verdict = v.no and c.n = 0
		where v.file = $1 order by v.no desc limit 1`,
		file, v.SM3, string(v.Outcome), string(v.Whole.Reason), v.Whole.Ref, v.Whole.Line, v.Whole.Column).Scan(&last, &same)
	if err != nil && !isNoRows(err) || same {
		return false, err
	}
	if _, err := tx.Exec(ctx, "insert into file_verdict (file, no, at, sm3, outcome) values ($1, $2, $3, $4, $5)",
		file, last+1, l.now(), v.SM3, string(v.Outcome)); err != nil {
		return false, err
	}
	checks := make([][]any, 0, 1+len(v.Rows))
	for n, c := range append([]card.Finding{v.Whole}, v.Rows...) {
		checks = append(checks, []any{file, last + 1, n, string(c.Reason), c.Ref, c.Line, c.Column, c.Name, c.Found, c.Expected})
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"file_check"},
		[]string{"file", "verdict", "n", "reason", "ref", "line", "col", "name", "found", "expected"}, pgx.CopyFromRows(checks))
	return true, err
}

// processed records that a file is applied, but for the rows that were refused, and that a receipt is owed for it.
func (l *Ledger) processed(ctx context.Context, tx pgx.Tx, f card.File, no int64, refused []card.Finding) error {
	var sm3 string
	var late bool
	if err := tx.QueryRow(ctx, `
		update exchange_file set state = 'processed', reason = '', processed_at = $2 where no = $1
		returning sm3, coalesce(confirmed_at > due_at, false)`, no, l.now()).Scan(&sm3, &late); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update exchange_file set processed_at = $5, acknowledged_at = coalesce(acknowledged_at, $5),
			acknowledged_by = case acknowledged_by when '' then 'answer' else acknowledged_by end
		where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out'`,
		f.Partner, string(f.Kind.Request()), f.Date, f.Seq, l.now()); err != nil {
		return err
	}
	v := card.Verdict{File: f, SM3: sm3, Outcome: card.Accepted, Rows: refused}
	if late {
		v.Whole.Reason = card.ReasonFileLate
	}
	if len(refused) > 0 {
		v.Outcome = card.AcceptedInPart
	}
	_, err := l.judge(ctx, tx, no, v)
	return err
}

// judgeOurs keeps which rows were left out of a file of ours, and why. Nobody is owed a receipt for it.
func (l *Ledger) judgeOurs(ctx context.Context, tx pgx.Tx, s scope, f card.File, p card.Proof) error {
	if len(p.Refused) == 0 {
		return nil
	}
	var no int64
	if err := tx.QueryRow(ctx, `
		select no from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4`,
		f.Partner, string(f.Kind), f.Date, f.Seq).Scan(&no); err != nil {
		return err
	}
	if _, err := l.judge(ctx, tx, no, card.Verdict{File: f, SM3: p.SM3, Outcome: card.AcceptedInPart, Rows: p.Refused}); err != nil {
		return err
	}
	return l.tellRefused(ctx, tx, s, EventRowsLeftOut, f, p.Refused)
}

// tellRefused tells of rows of a file that were refused or left out, and of the first reason.
func (l *Ledger) tellRefused(ctx context.Context, tx pgx.Tx, s scope, what string, f card.File, refused []card.Finding) error {
	if len(refused) == 0 {
		return nil
	}
	return l.tellBatch(ctx, tx, s, what, f.Name(), map[string]any{"file": f.Name(), "rows": len(refused), "reason": string(refused[0].Reason)})
}
