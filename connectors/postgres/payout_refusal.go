package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// RefusedPayment is a payment that was not made. Cells are those of the roster for a row that was refused at intake; of others
// Application tells the person.
type RefusedPayment struct {
	Row
	Fen int64
}

// RefusedPayments returns the rows of a subsidy rollout that were refused or came back, in the clear, by row: those refused at
// intake with all their reasons, the others with theirs. What is unknown or held is not among them: it is never paid by
// another row.
func (l *Ledger) RefusedPayments(ctx context.Context, id card.RolloutID) iter.Seq2[RefusedPayment, error] {
	return func(yield func(RefusedPayment, error) bool) {
		finish(fault("read the payments that were refused", l.refusedPayments(ctx, id, yield)), yield)
	}
}

func (l *Ledger) refusedPayments(ctx context.Context, id card.RolloutID, yield func(RefusedPayment, error) bool) error {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return err
	}
	rows, err := l.pool.Query(ctx, `
		select row_no, person, sealed, reasons, fen from roster_refusal where rollout = $1
		union all
		select r.row_no, r.person, p.sealed, array[coalesce(i.reason, '')], i.fen
		from `+rowsOfRollout+` join person p on p.person = r.person where i.status in ($2, $3)
		order by row_no`, no, card.PayRefused, card.PayReturned)
	if err != nil {
		return err
	}
	var (
		row            int
		fen            int64
		person, sealed pgtype.DriverBytes
		reasons        []string
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &person, &sealed, &reasons, &fen}, func() error {
		r, err := l.openRefusal(no, row, person, sealed, reasons)
		if err != nil {
			return err
		}
		return proceed(yield(RefusedPayment{r, fen}, nil))
	})
	return err
}
