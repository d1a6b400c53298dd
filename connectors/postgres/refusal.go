package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// Refusals returns the rows of a rollout that ended without a card or whose outcome is unknown, in the clear, by row: those
// refused at intake with all their reasons, those that failed later with theirs.
func (l *Ledger) Refusals(ctx context.Context, id card.RolloutID) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		no, err := rolloutNo(ctx, l.pool, id)
		if err != nil {
			finish(fault("read the refusals", err), yield)
			return
		}
		rows, err := l.pool.Query(ctx, `
			select row_no, city, bank, outlet, mode, person, sealed, reasons from roster_refusal where rollout = $1
			union all
			select r.row_no, r.city, r.bank, r.outlet, r.mode, r.person, r.sealed, array[i.reason]
			from issuance_item i join roster_row r using (city, rollout, row_no) where i.rollout = $1 and i.reason is not null
			order by row_no`, no)
		if err != nil {
			finish(fault("read the refusals", err), yield)
			return
		}
		finish(fault("read the refusals", l.eachRefusal(rows, no, yield)), yield)
	}
}

func (l *Ledger) eachRefusal(rows pgx.Rows, no int32, yield func(Row, error) bool) error {
	var (
		row, city, bank int
		outlet, mode    string
		person, sealed  pgtype.DriverBytes
		reasons         []string
	)
	_, err := pgx.ForEachRow(rows, []any{&row, &city, &bank, &outlet, &mode, &person, &sealed, &reasons}, func() error {
		r, err := l.openRefusal(no, row, person, sealed, reasons)
		if err != nil {
			return err
		}
		a := &r.Application
		a.Outlet, a.Mode = outlet, card.DistributionMode(mode)
		if city > 0 {
			a.City = fmt.Sprintf("%06d", city)
		}
		if bank > 0 {
			a.Bank = fmt.Sprintf("%03d", bank)
		}
		return proceed(yield(r, nil))
	})
	return err
}

// openRefusal opens the sealed text of a row that was refused: what stood in its cells, or an application.
func (l *Ledger) openRefusal(no int32, row int, person, sealed []byte, reasons []string) (Row, error) {
	r := Row{Number: row}
	plain, err := l.seal.Open(sealed, refusalAAD(person, no, row))
	if err != nil {
		return r, card.E(card.Breach, fmt.Sprintf("open row %d", row), card.ReasonHashDiffers, err)
	}
	var raw bool
	if r.Cells, raw = unpackCells(plain); !raw {
		if r.Application, err = card.UnpackApplication(plain); err != nil {
			return r, err
		}
	}
	r.Application.Row = row
	for _, code := range reasons {
		r.Reasons = append(r.Reasons, card.Reason(code))
	}
	return r, nil
}
