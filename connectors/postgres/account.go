package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// AccountOrders returns the batch's account openings in the clear, by row. It is a release: the rows must be what was
// approved, and the reading ends with an error of kind Breach when they are not.
func (l *Ledger) AccountOrders(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountOrder, error] {
	return func(yield func(card.AccountOrder, error) bool) {
		err := l.readContent(ctx, b, card.AcctReq, func(r contentRow) error {
			if r.status != card.Batched && r.status != card.AccountRequested {
				return nil
			}
			return proceed(yield(card.AccountOrder{Ref: r.row, Number: r.number, Person: r.app.Person, Outlet: r.app.Outlet}, nil))
		})
		finish(err, yield)
	}
}

// ApplyAccounts takes the bank's answer: accounts opened are kept and their rows go on, the others fail with the bank's
// reason, rows it left out, or answered so that its answer was refused, are unknown. The answer to an enquiry is taken in the same way; a row that the bank never received
// has failed and may be handed in again.
func (l *Ledger) ApplyAccounts(ctx context.Context, b card.BatchID, f card.File, opened []card.AccountAnswer, refused []card.Finding) (card.Tally, error) {
	a := newAnswers(len(opened), refused)
	for i, o := range opened {
		if o.Result == card.ResultNeverReceived {
			opened[i].Reason = card.ReasonNeverReceived
		}
		a.add(o.Ref, o.Number, opened[i].Reason)
	}
	t, err := l.apply(ctx, b, f, a, card.AccountRequested, card.AccountOpened, card.AccountFailed, func(tx pgx.Tx, s scope, file int64) error {
		return l.keepAccounts(ctx, tx, s, file, opened)
	})
	if card.ReasonOf(err) == card.ReasonConstraintHeld {
		return t, errors.Join(l.usedAccount(ctx, opened), err) // the first says more, when it knows
	}
	return t, err
}

// UnansweredAccounts returns the account openings that the bank's answer left out.
func (l *Ledger) UnansweredAccounts(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountEnquiry, error] {
	return func(yield func(card.AccountEnquiry, error) bool) {
		err := l.readContent(ctx, b, "", func(r contentRow) error {
			if r.status != card.AccountRequested {
				return nil
			}
			return proceed(yield(card.AccountEnquiry{Ref: r.row, Number: r.number, SSN: r.app.Person.SSN}, nil))
		})
		finish(err, yield)
	}
}

// keepAccounts writes the accounts that the bank opened, not activated yet.
func (l *Ledger) keepAccounts(ctx context.Context, tx pgx.Tx, s scope, file int64, opened []card.AccountAnswer) error {
	at := l.now()
	var rows, events [][]any
	for _, o := range opened {
		if o.Reason != "" {
			continue
		}
		pan := l.seal.Index("pan", o.PAN)
		sealed := l.seal.Seal([]byte(o.PAN+"\x1f"+o.Account), []byte(o.Number))
		rows = append(rows, []any{s.city, string(o.Number), s.bank, pan[:], sealed, card.NotActivated, o.Result, file, at})
		events = append(events, []any{s.city, string(o.Number), at, "account_opened", "bank", file})
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"bank_account"},
		[]string{"city", "card_no", "bank", "pan", "sealed", "status", "code", "file", "at"}, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	return copyEvents(ctx, tx, events)
}

func copyEvents(ctx context.Context, tx pgx.Tx, events [][]any) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"card_event"}, []string{"city", "card_no", "at", "what", "source", "file"}, pgx.CopyFromRows(events))
	return err
}

// openAccount returns the PAN and the account number.
func (l *Ledger) openAccount(sealed []byte, number card.Number) (pan, account string, err error) {
	plain, err := l.seal.Open(sealed, []byte(number))
	if err != nil {
		return "", "", card.E(card.Breach, fmt.Sprintf("open the account of card %s", number), card.ReasonHashDiffers, err)
	}
	pan, account, _ = strings.Cut(string(plain), "\x1f")
	return pan, account, nil
}

// ActivationOrders returns the accounts of the cards that were activated in the round of hand-overs.
func (l *Ledger) ActivationOrders(ctx context.Context, b card.BatchID, round int) iter.Seq2[card.ActivationOrder, error] {
	return func(yield func(card.ActivationOrder, error) bool) {
		s, err := l.scope(ctx, l.pool, b)
		if err != nil {
			finish(err, yield)
			return
		}
		rows, err := l.pool.Query(ctx, `
			select i.row_no, i.card_no, a.sealed from issuance_item i join bank_account a on a.city = i.city and a.card_no = i.card_no
			where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.round = $4 order by i.row_no`, s.args(round)...)
		if err != nil {
			finish(fault("read the activations", err), yield)
			return
		}
		var row int
		var number string
		var sealed []byte
		_, err = pgx.ForEachRow(rows, []any{&row, &number, &sealed}, func() error {
			pan, _, err := l.openAccount(sealed, card.Number(number))
			if err != nil {
				return err
			}
			return proceed(yield(card.ActivationOrder{Ref: row, Number: card.Number(number), PAN: pan}, nil))
		})
		finish(fault("read the activations", err), yield)
	}
}

// ApplyActivations takes the bank's answer about a round: the bank's word is the only source of an account's status.
func (l *Ledger) ApplyActivations(ctx context.Context, b card.BatchID, f card.File, done []card.ActivationAnswer, refused []card.Finding) (card.Tally, error) {
	t := card.Tally{Unknown: len(refused)}
	a := newAnswers(len(done), refused)
	codes := make([]string, 0, len(done))
	for _, o := range done {
		a.add(o.Ref, o.Number, o.Reason)
		codes = append(codes, o.Result)
		if o.Reason == "" {
			t.Done++
		} else {
			t.Failed++
		}
	}
	err := l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		file, applied, err := l.takeFile(ctx, tx, &s, f, a.size())
		if err != nil || applied {
			return err
		}
		if err := knownRows(ctx, tx, s, a, card.Activated); err != nil {
			return err
		}
		if err := l.activateAccounts(ctx, tx, s, file, a, codes); err != nil {
			return err
		}
		return l.close(ctx, tx, s, f, file, a)
	})
	return t, err
}

func (l *Ledger) activateAccounts(ctx context.Context, tx pgx.Tx, s scope, file int64, a *answers, codes []string) error {
	_, err := tx.Exec(ctx, `
		with told as (
			update bank_account b set status = case when a.reason = '' then $5::smallint else b.status end, code = a.code, file = $6, at = $7
			from unnest($2::text[], $3::text[], $4::text[]) as a(card_no, reason, code)
			where b.city = $1 and b.card_no = a.card_no returning b.city, b.card_no, a.reason)
		insert into card_event (city, card_no, at, what, source, file)
		select city, card_no, $7, 'account_active', 'bank', $6 from told where reason = ''`,
		s.city, a.numbers, a.reasons, codes, card.Active, file, l.now())
	return err
}
