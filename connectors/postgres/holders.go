package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onecard/card"
)

// holdersPage is how many people are loaded in one transaction, and holdersWriters how many transactions run at once.
const (
	holdersPage    = 10_000
	holdersWriters = 2
)

// LoadHolders makes people of one city holders of active cards with active accounts, as issuance would have left them, for
// benches and demonstrations: card numbers come from the city's ranges, and everything personal is sealed. The people are
// copied page by page; told is called after each. A page with somebody who is known already is a Conflict and ends the
// loading; the pages before it stay.
func (l *Ledger) LoadHolders(ctx context.Context, city, by string, people iter.Seq[card.Application], told func(people int)) error {
	group, loading := errgroup.WithContext(ctx)
	pages := make(chan []card.Application)
	group.Go(func() error {
		defer close(pages)
		return sendPages(loading, people, pages)
	})
	for range holdersWriters {
		group.Go(func() error {
			for page := range pages {
				if err := l.loadPage(loading, int32(atoi(city)), page); err != nil { //nolint:gosec // six digits
					return err
				}
				told(len(page))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return fault("load the holders", err)
	}
	return l.tx(ctx, "load the holders", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "analyze person, card, bank_account"); err != nil {
			return err
		}
		return l.audit(ctx, tx, by, "sample.holders", city, "invented people with active cards")
	})
}

func sendPages(ctx context.Context, people iter.Seq[card.Application], pages chan<- []card.Application) error {
	page := make([]card.Application, 0, holdersPage)
	send := func() error {
		select {
		case pages <- page:
			page = make([]card.Application, 0, holdersPage)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for p := range people {
		if page = append(page, p); len(page) == holdersPage {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(page) == 0 {
		return nil
	}
	return send()
}

// loadPage gives each of the people a card. The numbers are taken in a transaction of their own, so that the pages do not
// wait for each other; no rollout has them.
func (l *Ledger) loadPage(ctx context.Context, city int32, people []card.Application) error {
	var taken []serials
	if err := l.tx(ctx, "take card numbers", func(tx pgx.Tx) (err error) {
		taken, err = takeSerials(ctx, tx, scope{city: city}, len(people))
		return err
	}); err != nil {
		return err
	}
	rows, err := l.holderRows(city, people, taken)
	if err != nil {
		return err
	}
	return l.tx(ctx, "load a page of holders", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local synchronous_commit = off"); err != nil { // a loading that was cut off is begun anew
			return err
		}
		return rows.copyTo(ctx, tx)
	})
}

// holderRows are the rows of a page of holders in the three tables.
type holderRows struct{ people, cards, accounts [][]any }

func (r *holderRows) copyTo(ctx context.Context, tx pgx.Tx) error {
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"person", []string{"person", "city", "sealed", "named", "card_no"}, r.people},
		{"card", []string{"city", "card_no", "person", "bank", "rollout", "row_no", "app_status", "ident", "atr", "position", "issued_on", "valid_until"}, r.cards},
		{"bank_account", []string{"city", "card_no", "bank", "pan", "sealed", "status", "code", "file", "at"}, r.accounts},
	} {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) holderRows(city int32, people []card.Application, taken []serials) (*holderRows, error) {
	r := &holderRows{}
	at := l.now()
	for _, t := range taken {
		for serial := t.first; serial < t.first+t.n; serial++ {
			number, err := t.number(serial)
			if err != nil {
				return nil, err
			}
			r.add(l, city, people[0], string(number), t.id, serial, at)
			people = people[1:]
		}
	}
	return r, nil
}

// add makes the rows of one holder. The account's number lies in a part of the range of invented PANs that no simulated bank uses.
func (r *holderRows) add(l *Ledger, city int32, a card.Application, number string, rangeID int32, serial int64, at time.Time) {
	const ours, perRange = 900_000_000_000, 100_000_000
	person, bank := l.personIndex(a.Person.SSN), int16(atoi(a.Bank)) //nolint:gosec // three digits
	pan := card.SynthesizePAN("629999", ours+int64(rangeID)%1000*perRange+serial)
	index := l.seal.Index("pan", pan)
	ident := string(card.MakeIdentCode(fmt.Sprintf("%06d", city), uint32(serial), uint32(rangeID))) //nolint:gosec // an invented chip
	day := at.In(Shanghai)
	r.people = append(r.people, []any{person, city, l.seal.Seal(a.Pack(), person), l.namedIndex(a.Person.SSN, a.Person.Name), number})
	r.cards = append(r.cards, []any{city, number, person, bank, int32(0), int32(0), int16(card.Normal), ident,
		fmt.Sprintf("0081544B31869B44%010d", serial), fmt.Sprintf("%02d-%04d-%03d", serial/100_000%100, serial/100%1000, serial%100), day, validUntil(day)})
	r.accounts = append(r.accounts, []any{city, number, bank, index[:], l.seal.Seal([]byte(pan+"\x1f"+pan[6:]), []byte(number)), int16(card.Active),
		card.ResultDone, int64(0), at})
}

// Holders returns people who can be paid: their cards and accounts are active. Of n people each call returns the same ones, in
// the same order, while nobody's card changes; an empty city means all.
func (l *Ledger) Holders(ctx context.Context, city string, n int) iter.Seq2[card.Person, error] {
	return func(yield func(card.Person, error) bool) {
		finish(fault("read the holders", l.holders(ctx, city, n, yield)), yield)
	}
}

func (l *Ledger) holders(ctx context.Context, city string, n int, yield func(card.Person, error) bool) error {
	rows, err := l.pool.Query(ctx, `
		select p.person, p.sealed from person p join card c on c.city = p.city and c.card_no = p.card_no
		join bank_account a on a.city = p.city and a.card_no = p.card_no
		where c.app_status = $1 and a.status = $2 and not p.died and ($3 = 0 or p.city = $3) order by p.person limit $4`,
		card.Normal, card.Active, atoi(city), n)
	if err != nil {
		return err
	}
	var person, sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&person, &sealed}, func() error {
		plain, err := l.seal.Open(sealed, person)
		if err != nil {
			return card.E(card.Breach, "open a person", card.ReasonHashDiffers, err)
		}
		a, err := card.UnpackApplication(plain)
		if err != nil {
			return err
		}
		return proceed(yield(a.Person, nil))
	})
	return err
}
