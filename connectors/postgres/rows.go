package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// contentRow is one row of a batch in the clear, while a file is made of it.
type contentRow struct {
	row      int
	status   card.ItemStatus
	number   card.Number
	app      card.Application
	account  []byte // sealed PAN and account number, nil before the account is open
	tracking string
}

// errEnough ends a reading whose reader wants no more rows.
var errEnough = errors.New("enough rows")

func proceed(more bool) error {
	if more {
		return nil
	}
	return errEnough
}

// finish hands the error of a reading to its reader.
func finish[T any](err error, yield func(T, error) bool) {
	if err != nil && !errors.Is(err, errEnough) {
		var none T
		yield(none, err)
	}
}

// readContent reads the batch's rows in order and in the clear. For a release it proves on the way that they are what was
// approved: the approval is bound to the hash that the batches' hashes make, and the rows just read make this batch's hash.
func (l *Ledger) readContent(ctx context.Context, b card.BatchID, release card.FileKind, visit func(contentRow) error) error {
	return fault("read the batch's rows", pgx.BeginTxFunc(ctx, l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		approved, err := l.approvedHash(ctx, tx, s, release)
		if err != nil {
			return err
		}
		sum, err := l.visitRows(ctx, tx, s, visit)
		if err != nil || approved == nil {
			return err
		}
		return expectSame(sum, approved)
	}))
}

// approvedHash returns the hash that the batch's rows must make, or nil where nothing is released or where the rows have
// been checked with their home batches.
func (l *Ledger) approvedHash(ctx context.Context, tx pgx.Tx, s scope, release card.FileKind) ([]byte, error) {
	if release == "" {
		return nil, nil
	}
	if err := released(ctx, tx, s.rollout); err != nil {
		return nil, err
	}
	var hash []byte
	if err := tx.QueryRow(ctx, "select hash from batch where rollout = $1 and number = $2", s.rollout, s.batch).Scan(&hash); err != nil {
		return nil, err
	}
	if hash == nil || release == card.Dispatch { // rows may have moved to a remake, or from one
		return nil, checkHome(ctx, tx, s)
	}
	return hash, nil
}

// visitRows visits each row and returns the hash of all.
func (l *Ledger) visitRows(ctx context.Context, tx pgx.Tx, s scope, visit func(contentRow) error) ([]byte, error) {
	rows, err := tx.Query(ctx, `
		select r.row_no, r.bank, r.outlet, r.mode, r.person, r.sealed, i.status, coalesce(i.card_no, ''), a.sealed, coalesce(`+trackingNumber+`, '')
		from issuance_item i join roster_row r using (city, rollout, row_no)
		left join bank_account a on a.city = i.city and a.card_no = i.card_no
		where i.city = $1 and i.rollout = $2 and i.batch = $3 order by i.row_no`, s.args()...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := newContent()
	for rows.Next() {
		var (
			row                            int32
			bank                           int16
			outlet, mode, number, tracking string
			person, sealed, account        []byte
			status                         card.ItemStatus
		)
		if err := rows.Scan(&row, &bank, &outlet, &mode, (*pgtype.DriverBytes)(&person), (*pgtype.DriverBytes)(&sealed), &status, &number, (*pgtype.DriverBytes)(&account), &tracking); err != nil {
			return nil, err
		}
		c.add(row, bank, outlet, mode, person, sealed)
		r := contentRow{row: int(row), status: status, number: card.Number(number), account: account, tracking: tracking}
		if r.app, err = l.openApplication(sealed, person, s, outlet, mode, bank, row); err != nil {
			return nil, err
		}
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	return c.sum(), rows.Err()
}

func (l *Ledger) openApplication(sealed, person []byte, s scope, outlet, mode string, bank int16, row int32) (card.Application, error) {
	plain, err := l.seal.Open(sealed, person)
	if err != nil {
		return card.Application{}, card.E(card.Breach, fmt.Sprintf("open row %d", row), card.ReasonHashDiffers, err)
	}
	a, err := card.UnpackApplication(plain)
	if err != nil {
		return card.Application{}, err
	}
	a.Row, a.City, a.Bank = int(row), fmt.Sprintf("%06d", s.city), fmt.Sprintf("%03d", bank)
	a.Outlet, a.Mode = outlet, card.DistributionMode(mode)
	return a, nil
}

// checkHome proves the rows of a remake through the batches under whose hashes they were approved.
func checkHome(ctx context.Context, tx pgx.Tx, s scope) error {
	rows, err := tx.Query(ctx, `
		select distinct home from issuance_item where city = $1 and rollout = $2 and batch = $3`, s.args()...)
	if err != nil {
		return err
	}
	homes, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return err
	}
	for _, home := range homes {
		var approved []byte
		if err := tx.QueryRow(ctx, "select hash from batch where rollout = $1 and number = $2", s.rollout, home).Scan(&approved); err != nil {
			return err
		}
		sum, err := hashBatch(ctx, tx, s.rollout, s.city, home)
		if err != nil {
			return err
		}
		if err := expectSame(sum, approved); err != nil {
			return err
		}
	}
	return nil
}
