package postgres

import (
	"context"
	"encoding/binary"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// paymentRow is one payment of a batch in the clear, while a file is made of it.
type paymentRow struct {
	row     int
	status  card.PayStatus
	version int
	fen     int64
	number  card.Number
	person  card.Person
	account []byte // sealed PAN and account number, unless it is read for the people alone
}

// payReading is what payments are read for.
type payReading int

const (
	forPeople   payReading = iota // the accounts stay closed
	forAccounts                   // to ask about them
	forRelease                    // to pay
)

// readPayments reads the batch's payments in order and in the clear. For a release it proves on the way that they are what was
// approved, by everybody who must.
func (l *Ledger) readPayments(ctx context.Context, b card.BatchID, why payReading, visit func(paymentRow) error) error {
	return fault("read the batch's payments", pgx.BeginTxFunc(ctx, l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if why == forRelease {
			if err := releasedMoney(ctx, tx, s.rollout); err != nil {
				return err
			}
		}
		sum, err := l.visitPayments(ctx, tx, s, why, visit)
		if err != nil || why != forRelease {
			return err
		}
		var approved []byte
		if err := tx.QueryRow(ctx, "select hash from batch where rollout = $1 and number = $2", s.rollout, s.batch).Scan(&approved); err != nil {
			return err
		}
		return expectSame(sum, approved)
	}))
}

// visitPayments visits each payment and returns the hash of all.
func (l *Ledger) visitPayments(ctx context.Context, tx pgx.Tx, s scope, why payReading, visit func(paymentRow) error) ([]byte, error) {
	sealedAccount, accounts := "''::bytea", ""
	if why != forPeople {
		sealedAccount, accounts = "coalesce(a.sealed, '')", "left join bank_account a on a.city = i.city and a.card_no = r.card_no"
	}
	rows, err := tx.Query(ctx, `
		select r.row_no, r.version, r.bank, r.card_no, r.person, r.fen, i.status, coalesce(p.city, 0), coalesce(p.sealed, ''), `+sealedAccount+`
		from payout_item i join payout_row r using (city, rollout, batch, row_no)
		left join person p on p.person = r.person `+accounts+`
		where i.city = $1 and i.rollout = $2 and i.batch = $3 order by i.row_no`, s.args()...)
	if err != nil {
		return nil, err
	}
	c := newPayContent()
	var (
		row, city               int32
		version, bank           int16
		number                  string
		fen                     int64
		status                  card.PayStatus
		person, sealed, account pgtype.DriverBytes
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &version, &bank, &number, &person, &fen, &status, &city, &sealed, &account}, func() error {
		c.add(row, version, bank, number, person, fen)
		a, err := l.openApplication(sealed, person, s, "", "", bank, row)
		if err != nil {
			return err
		}
		return visit(paymentRow{row: int(row), version: int(version), status: status, fen: fen, number: card.Number(number), person: a.Person, account: account})
	})
	return c.sum(), err
}

// payContent takes the SM3 hash of a batch's payments: who is paid how much on which card of which bank, and for the how-many-th time
// that is tried: a payment under another instruction number is another payment.
type payContent struct{ content }

func newPayContent() *payContent { return &payContent{content{h: sm3.New()}} }

func (c *payContent) add(row int32, version, bank int16, number string, person []byte, fen int64) {
	b := binary.BigEndian.AppendUint32(c.buf[:0], uint32(row)|uint32(version-1)<<24) //nolint:gosec // rows take three bytes, see card.MaxInstructionRow
	b = binary.BigEndian.AppendUint16(b, uint16(bank))                               //nolint:gosec // bits, not a number
	b = binary.BigEndian.AppendUint64(b, uint64(fen))                                //nolint:gosec // bits, not a number
	b = append(append(b, byte(len(number))), number...)                              //nolint:gosec // nine characters
	b = append(append(b, byte(len(person))), person...)                              //nolint:gosec // sixteen bytes
	c.buf = b
	c.h.Write(b)
}

// hashPayments hashes the payments that were planned into the batch.
func hashPayments(ctx context.Context, q querier, no, city, batch int32) ([]byte, error) {
	rows, err := q.Query(ctx, `
		select r.row_no, r.version, r.bank, r.card_no, r.person, r.fen from payout_item i join payout_row r using (city, rollout, batch, row_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 order by r.row_no`, city, no, batch)
	if err != nil {
		return nil, err
	}
	c := newPayContent()
	var (
		row           int32
		version, bank int16
		number        string
		person        pgtype.DriverBytes
		fen           int64
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &version, &bank, &number, &person, &fen}, func() error {
		c.add(row, version, bank, number, person, fen)
		return nil
	})
	return c.sum(), err
}
