package postgres

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// wanted is the name that a person should have: the person as it stands and as it would be then.
type wanted struct {
	before, named []byte // sealed, and the blind index of number and name
	after         card.Application
}

// wantName looks at a name that is to replace a person's: it must be one, and another than it was.
func (l *Ledger) wantName(ctx context.Context, tx pgx.Tx, r reviewLock, name string) (w wanted, err error) {
	op := fmt.Sprintf("correct the name of review %d", r.no)
	if err := tx.QueryRow(ctx, "select sealed, named from person where person = $1 for update", r.person).Scan(&w.before, &w.named); err != nil {
		return w, err
	}
	if w.after, err = l.openApplication(w.before, r.person, scope{}, "", "", 0, 0); err != nil {
		return w, err
	}
	p := &w.after.Person
	if p.Name == name {
		return w, card.E(card.Conflict, op, card.ReasonNameUnchanged, nil)
	}
	if reasons := card.CheckPayee(p.DocType, p.SSN, name); len(reasons) > 0 {
		return w, card.E(card.Invalid, op, reasons[0], nil)
	}
	p.Name = name
	return w, nil
}

// askName keeps the name that a first person gives. Whoever was mistaken may ask again.
func (l *Ledger) askName(ctx context.Context, tx pgx.Tx, r reviewLock, d ReviewDecision) error {
	if _, err := l.wantName(ctx, tx, r, d.Name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "update review set asked_name = $2 where no = $1", r.no, l.seal.Seal([]byte(d.Name), r.person))
	return err
}

// sameName says whether a name is the one that was asked for.
func (l *Ledger) sameName(r reviewLock, name string) (bool, error) {
	asked, err := l.seal.Open(r.askedName, r.person)
	if err != nil {
		return false, card.E(card.Breach, "open the name asked for", card.ReasonHashDiffers, err)
	}
	return subtle.ConstantTimeCompare(asked, []byte(name)) == 1, nil
}

// rename gives the person of a review another name, and keeps the one before. While a payment to the person is on its way to the bank
// it is a Conflict: were its file written once more, it would be another one.
func (l *Ledger) rename(ctx context.Context, tx pgx.Tx, r reviewLock, name string) error {
	w, err := l.wantName(ctx, tx, r, name)
	if err != nil {
		return err
	}
	if err := notBeingPaid(ctx, tx, r); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into person_name (person, sealed, named, review, until) values ($1, $2, $3, $4, $5)",
		r.person, w.before, w.named, r.no, l.now()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "update person set sealed = $2, named = $3 where person = $1",
		r.person, l.seal.Seal(w.after.Pack(), r.person), l.namedIndex(w.after.Person.SSN, name))
	return err
}

func notBeingPaid(ctx context.Context, tx pgx.Tx, r reviewLock) error {
	var leaving bool
	err := tx.QueryRow(ctx, `
		select exists (select from rollout o join payout p on p.rollout = o.no`+paymentsOf("$1::bytea")+`
			join exchange_file f on f.rollout = i.rollout and f.batch = i.batch and f.kind = $3 and f.withdrawn_at is null
			where i.status = $2)`, r.person, card.PayPlanned, string(card.PayReq)).Scan(&leaving)
	if err != nil || !leaving {
		return err
	}
	return card.E(card.Conflict, fmt.Sprintf("correct the name of review %d", r.no), card.ReasonNamePaying, nil)
}
