package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// strangeRows are rows of an answer that are not what was asked about. An answer that has any speaks of another request, or
// was mixed up on its way: nothing of it can be trusted, so it is refused as a whole.
type strangeRows struct{ n, first int }

func (s *strangeRows) note(row int32) {
	if s.n == 0 || int(row) < s.first {
		s.first = int(row)
	}
	s.n++
}

// refusal refuses the file if there are such rows, and names the first.
func (s *strangeRows) refusal(reason card.Reason, column, what, expected string) error {
	if s.n == 0 {
		return nil
	}
	return card.Refuse("match the file with what was asked", card.Finding{
		Reason: reason, Ref: s.first, Name: column, Found: fmt.Sprintf("%d %s, this is the first", s.n, what), Expected: expected,
	})
}

// samePeople refuses an answer that echoes another person's number than the one that was sent in the row.
func (l *Ledger) samePeople(ctx context.Context, tx pgx.Tx, s scope, told []card.MatchAnswer) error {
	people, err := peopleOf(ctx, tx, s)
	if err != nil {
		return err
	}
	var other strangeRows
	for _, m := range told {
		if m.SSN != "" && l.seal.Index("person", m.SSN) != people[int32(m.Ref)] { //nolint:gosec // a row number
			other.note(int32(m.Ref)) //nolint:gosec // a row number
		}
	}
	return other.refusal(card.ReasonFileOtherPerson, "number", "rows that bear another person's number", "the number of the request")
}

// peopleOf returns the blind index of the person of each row about which may have been asked: a payment may have been held or stopped
// since.
func peopleOf(ctx context.Context, tx pgx.Tx, s scope) (map[int32][16]byte, error) {
	if s.kind == KindMatch {
		return peopleOfPage(ctx, tx, s)
	}
	content, asked := "issuance_item i join roster_row r using (city, rollout, row_no)", []int16{int16(card.Applied)}
	if s.kind == KindSubsidy {
		content, asked = "payout_item i join payout_row r using (city, rollout, batch, row_no)", []int16{int16(card.PayPlanned), int16(card.PayHeld), int16(card.PayRefused)}
	}
	rows, err := tx.Query(ctx, "select row_no, r.person from "+content+`
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = any($4)`, s.args(asked)...)
	if err != nil {
		return nil, err
	}
	people := map[int32][16]byte{}
	var row int32
	var person pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&row, &person}, func() error {
		people[row] = [16]byte(person)
		return nil
	})
	return people, err
}

// usedAccount tells the row whose PAN made the ledger refuse the file: it belongs to another card, or stands in two rows.
func (l *Ledger) usedAccount(ctx context.Context, opened []card.AccountAnswer) error {
	indexes := make([][]byte, 0, len(opened))
	refs := make(map[[16]byte][]card.AccountAnswer, len(opened))
	for _, o := range opened {
		if o.PAN != "" {
			pan := l.seal.Index("pan", o.PAN)
			indexes = append(indexes, pan[:])
			refs[pan] = append(refs[pan], o)
		}
	}
	rows, err := l.pool.Query(ctx, "select pan, card_no from bank_account where pan = any($1)", indexes)
	if err != nil {
		return fault("find the owner of an account", err)
	}
	var used strangeRows
	var pan pgtype.DriverBytes
	var number card.Number
	if _, err := pgx.ForEachRow(rows, []any{&pan, &number}, func() error {
		used.noteOthers(refs[[16]byte(pan)], number)
		return nil
	}); err != nil {
		return fault("find the owner of an account", err)
	}
	for _, same := range refs {
		used.noteOthers(same[1:], same[0].Number)
	}
	return used.refusal(card.ReasonFileUsedAccount, "pan", "rows whose PAN belongs to another card", "a PAN of its own")
}

func (s *strangeRows) noteOthers(rows []card.AccountAnswer, owner card.Number) {
	for _, r := range rows {
		if r.Number != owner {
			s.note(int32(r.Ref)) //nolint:gosec // a row number
		}
	}
}
