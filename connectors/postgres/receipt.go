package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// maxReceipts is how many receipts are handed out at once; the rest is owed still.
const maxReceipts = 100

// OwedReceipts returns the receipts that a partner is owed, each under the name that it keeps, oldest first: all of them, or
// those about the file that is named.
func (l *Ledger) OwedReceipts(ctx context.Context, partner, file string) ([]card.OwedReceipt, error) {
	var owed []card.OwedReceipt
	err := l.tx(ctx, "find the receipts that are owed", func(tx pgx.Tx) error {
		debts, err := debts(ctx, tx, partner, file)
		if err != nil {
			return err
		}
		for _, d := range debts {
			r := card.OwedReceipt{Verdict: d.verdict}
			if r.File, err = l.reserveReceipt(ctx, tx, d); err != nil {
				return err
			}
			if err := findings(ctx, tx, d, &r.Verdict); err != nil {
				return err
			}
			owed = append(owed, r)
		}
		return nil
	})
	return owed, err
}

// debt is a verdict without a receipt.
type debt struct {
	file    int64
	no      int
	verdict card.Verdict
}

func debts(ctx context.Context, tx pgx.Tx, partner, file string) ([]debt, error) {
	f, _ := card.ParseFileName(file)
	rows, err := tx.Query(ctx, `
		select v.file, v.no, f.partner, f.kind, f.business_date, f.sequence, f.called, v.sm3, v.outcome
		from file_verdict v join exchange_file f on f.no = v.file
		where v.receipt_at is null and f.direction = 'in' and f.partner = $1 and ($2 = '' or f.kind = $2 and f.business_date = $3 and f.sequence = $4)
		order by v.at, v.file, v.no limit $5`, partner, string(f.Kind), f.Date, f.Seq, maxReceipts)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (debt, error) {
		var d debt
		v := &d.verdict
		err := r.Scan(&d.file, &d.no, &v.File.Partner, &v.File.Kind, &v.File.Date, &v.File.Seq, &v.Called, &v.SM3, &v.Outcome)
		return d, err
	})
}

// reserveReceipt gives the receipt its name, once for each verdict.
func (l *Ledger) reserveReceipt(ctx context.Context, tx pgx.Tx, d debt) (card.File, error) {
	f := card.File{Partner: d.verdict.File.Partner, Kind: card.Receipt, Date: l.now().In(Shanghai).Format(dateFormat)}
	if err := lockSequence(ctx, tx, f); err != nil {
		return f, err
	}
	err := tx.QueryRow(ctx, "select business_date, sequence from exchange_file where answers = $1 and verdict = $2 and kind = $3",
		d.file, d.no, string(card.Receipt)).Scan(&f.Date, &f.Seq)
	if !isNoRows(err) {
		return f, err
	}
	err = tx.QueryRow(ctx, `
		insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at, answers, verdict)
		select $1, 'out', $2, $3, coalesce(max(sequence), 0) + 1, 'reserved', $4, $5, $6
		from exchange_file where partner = $1 and kind = $2 and business_date = $3 returning sequence`,
		f.Partner, string(f.Kind), f.Date, l.now(), d.file, d.no).Scan(&f.Seq)
	return f, err
}

// findings adds what the checks found.
func findings(ctx context.Context, q querier, d debt, v *card.Verdict) error {
	rows, err := q.Query(ctx, `
		select n, reason, ref, line, col, name, found, expected from file_check where file = $1 and verdict = $2 order by n`, d.file, d.no)
	if err != nil {
		return err
	}
	var n int
	var c card.Finding
	_, err = pgx.ForEachRow(rows, []any{&n, &c.Reason, &c.Ref, &c.Line, &c.Column, &c.Name, &c.Found, &c.Expected}, func() error {
		if n == 0 {
			v.Whole = c
			return nil
		}
		v.Rows = append(v.Rows, c)
		return nil
	})
	return err
}

// ReceiptSent records that a receipt was read back at the partner; the file that it answers is thereby acknowledged.
func (l *Ledger) ReceiptSent(ctx context.Context, receipt card.File, p card.Proof) error {
	return l.tx(ctx, "record a receipt", func(tx pgx.Tx) error {
		var file *int64
		var verdict *int
		err := tx.QueryRow(ctx, confirmSent+" returning answers, verdict", sentArgs(receipt, p)...).Scan(&file, &verdict)
		if isNoRows(err) {
			return card.E(card.NotFound, "find the receipt "+receipt.Name(), card.ReasonNoSuchFile, nil)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update file_verdict set receipt_at = coalesce(receipt_at, $3) where file = $1 and no = $2", file, verdict, p.ConfirmedAt); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update exchange_file set acknowledged_at = $2, acknowledged_by = 'receipt' where no = $1 and processed_at is not null and acknowledged_at is null`,
			file, p.ConfirmedAt)
		return err
	})
}
