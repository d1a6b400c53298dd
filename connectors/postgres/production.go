package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// validYears is how long a card is valid: likely practice, LD/T 32 leaves it to the issuer.
const validYears = 10

// faceVersion is the approved version of the card face (a controlled object, 人社厅发〔2014〕20号).
const faceVersion = "F3-2026.1"

// CardOrders returns the cards that the bureau is to make of the batch, in the clear, by row. It is a release like
// AccountOrders.
func (l *Ledger) CardOrders(ctx context.Context, b card.BatchID, f card.File) iter.Seq2[card.Order, error] {
	return func(yield func(card.Order, error) bool) {
		issued, err := issueDate(f)
		if err != nil {
			finish(err, yield)
			return
		}
		until := validUntil(issued).Format(dateForm)
		err = l.readContent(ctx, b, card.CardReq, func(r contentRow) error {
			if r.status != card.AccountOpened && r.status != card.SentToVendor {
				return nil
			}
			pan, _, err := l.openAccount(r.account, r.number)
			if err != nil {
				return err
			}
			return proceed(yield(card.Order{Ref: r.row, Number: r.number, Person: r.app.Person, PAN: pan, City: b.City,
				Outlet: r.app.Outlet, Face: faceVersion, Issued: f.Date, ValidUntil: until}, nil))
		})
		finish(err, yield)
	}
}

const dateForm = "20060102"

// issueDate is the business date of the file that orders the cards.
func issueDate(f card.File) (time.Time, error) {
	issued, err := time.Parse(dateForm, f.Date)
	if err != nil {
		return issued, fmt.Errorf("read the date of %s: %w", f.Name(), err)
	}
	return issued, nil
}

// validUntil is the same day of a later year; for the 29th of February it is the 28th, because that year may lack it.
func validUntil(issued time.Time) time.Time {
	until := issued.AddDate(validYears, 0, 0)
	if until.Day() != issued.Day() {
		return until.AddDate(0, 0, -until.Day())
	}
	return until
}

// ApplyCards takes the bureau's answer: cards made are kept, sealed, and their rows go on; the others fail with the
// bureau's reason; rows it left out, or answered so that its answer was refused, are unknown.
func (l *Ledger) ApplyCards(ctx context.Context, b card.BatchID, request, f card.File, made []card.OrderAnswer, refused []card.Finding) (card.Tally, error) {
	a := newAnswers(len(made), refused)
	for _, m := range made {
		a.add(m.Ref, m.Number, m.Reason)
	}
	return l.apply(ctx, b, f, a, card.SentToVendor, card.Made, card.MakeFailed, func(tx pgx.Tx, s scope, file int64) error {
		if err := l.keepCards(ctx, tx, s, request, made); err != nil {
			return err
		}
		at := l.now()
		var events [][]any
		for _, m := range made {
			if m.Reason == "" {
				events = append(events, []any{s.city, string(m.Number), at, "sealed", "bureau", file})
			}
		}
		return copyEvents(ctx, tx, events)
	})
}

func (l *Ledger) keepCards(ctx context.Context, tx pgx.Tx, s scope, request card.File, made []card.OrderAnswer) error {
	var rows []int32
	var numbers, idents, atrs, positions []string
	for _, m := range made {
		if m.Reason != "" {
			continue
		}
		rows = append(rows, int32(m.Ref)) //nolint:gosec // a row number
		numbers = append(numbers, string(m.Number))
		idents = append(idents, string(m.Ident))
		atrs = append(atrs, string(m.ATR))
		positions = append(positions, m.Position)
	}
	issued, err := issueDate(request)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into card (city, card_no, person, bank, rollout, row_no, app_status, ident, atr, position, issued_on, valid_until)
		select $1, m.card_no, r.person, r.bank, $2, m.row_no, $3, m.ident, m.atr, m.position, $4, $5
		from unnest($6::integer[], $7::text[], $8::text[], $9::text[], $10::text[]) as m(row_no, card_no, ident, atr, position)
		join roster_row r on r.city = $1 and r.rollout = $2 and r.row_no = m.row_no`,
		s.city, s.rollout, card.Sealed, issued, validUntil(issued), rows, numbers, idents, atrs, positions)
	return err
}

// PlanRemake moves the cards that the bureau failed to make into a batch of their own, once for each batch; cards whose data
// it refused (M03), or could not be told, would fail again and are left to be corrected. It returns the remake's ID, or false
// when nothing failed or when the cards have been tried tries times.
func (l *Ledger) PlanRemake(ctx context.Context, b card.BatchID, tries int) (remake card.BatchID, planned bool, err error) {
	err = l.tx(ctx, "plan a remake", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "select from rollout where no = $1 for update", s.rollout); err != nil {
			return err
		}
		number, err := l.remakeOf(ctx, tx, s, tries)
		if err != nil || number == 0 {
			return err
		}
		planned = true
		remake = card.BatchID{Rollout: b.Rollout, City: b.City, Bank: b.Bank, Number: number}
		return nil
	})
	return remake, planned, err
}

// remakable are the failures that another try may mend.
var remakable = []string{string(card.ReasonMakeFailedM01), string(card.ReasonMakeFailedM02), string(card.ReasonMakeFailedM09)}

func (l *Ledger) remakeOf(ctx context.Context, tx pgx.Tx, s scope, tries int) (int, error) {
	var number, failed, depth int
	err := tx.QueryRow(ctx, `
		with recursive up(number, parent) as (
			select number, parent from batch where rollout = $2 and number = $3 union all
			select b.number, b.parent from batch b join up u on b.number = u.parent where b.rollout = $2)
		select coalesce((select number from batch where rollout = $2 and parent = $3), 0),
			(select count(*) from issuance_item where city = $1 and rollout = $2 and batch = $3 and status = $4 and reason = any($5)),
			(select count(*) - 1 from up)`, s.args(card.MakeFailed, remakable)...).Scan(&number, &failed, &depth)
	if err != nil || number > 0 || failed == 0 || depth >= tries {
		return number, err
	}
	if err := tx.QueryRow(ctx, `
		insert into batch (rollout, number, city, bank, kind, parent, rows)
		select $1, max(number) + 1, $2, $3, 'remake', $4, $5 from batch where rollout = $1 returning number`,
		s.rollout, s.city, s.bank, s.batch, failed).Scan(&number); err != nil {
		return 0, err
	}
	if err := moveToRemake(ctx, tx, s, number); err != nil {
		return 0, err
	}
	return number, l.tellBatch(ctx, tx, s, EventRemake, "", map[string]any{"number": number, "rows": failed})
}

func moveToRemake(ctx context.Context, tx pgx.Tx, s scope, number int) error {
	if _, err := tx.Exec(ctx, `
		update issuance_item set batch = $5, status = $6, reason = null, prior = null
		where city = $1 and rollout = $2 and batch = $3 and status = $4 and reason = any($7)`,
		s.args(card.MakeFailed, number, card.AccountOpened, remakable)...); err != nil {
		return err
	}
	remake := scope{rollout: s.rollout, batch: int32(number), city: s.city, bank: s.bank} //nolint:gosec // a batch number
	if _, _, err := countBatch(ctx, tx, remake); err != nil {
		return err
	}
	_, _, err := countBatch(ctx, tx, s)
	return err
}
