package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// matchPage returns the people of a page of the population match, as the card programme knows them, by row.
func (l *Ledger) matchPage(ctx context.Context, s scope, yield func(card.MatchRow, error) bool) error {
	rows, err := l.pool.Query(ctx, `
		select u.ref, u.person, p.sealed from match_page m, unnest(m.people) with ordinality as u(person, ref) join person p on p.person = u.person
		where m.rollout = $1 and m.batch = $2 order by u.ref`, s.rollout, s.batch)
	if err != nil {
		return fault("read a page of the match", err)
	}
	var ref int
	var person, sealed pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&ref, &person, &sealed}, func() error {
		a, err := l.openApplication(sealed, person, s, "", "", 0, int32(ref)) //nolint:gosec // a row of a file
		if err != nil {
			return err
		}
		p := a.Person
		return proceed(yield(card.MatchRow{Ref: ref, DocType: p.DocType, SSN: p.SSN, Name: p.Name, Birth: p.Birth}, nil))
	})
	return fault("read a page of the match", err)
}

// peopleOfPage returns the blind indexes of the people of a page, by row.
func peopleOfPage(ctx context.Context, tx pgx.Tx, s scope) (map[int32][16]byte, error) {
	var people [][]byte
	if err := tx.QueryRow(ctx, "select people from match_page where rollout = $1 and batch = $2", s.rollout, s.batch).Scan(&people); err != nil {
		return nil, err
	}
	all := make(map[int32][16]byte, len(people))
	for i, person := range people {
		all[int32(i+1)] = [16]byte(person)
	}
	return all, nil
}

// applyPage takes civil affairs' answer to a page. Whoever is left out, or answered so that the answer was refused, is unknown: nothing
// follows from that, and they are asked about again next month.
func (l *Ledger) applyPage(ctx context.Context, b card.BatchID, f card.File, a *answers, told []card.MatchAnswer) (t card.Tally, err error) {
	err = l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		file, applied, err := l.takeFile(ctx, tx, &s, f, a.size())
		if err != nil {
			return err
		}
		if !applied {
			people, err := peopleOfPage(ctx, tx, s)
			if err != nil {
				return err
			}
			if err := askedAbout(people, a); err != nil {
				return err
			}
			if err := l.samePeople(ctx, tx, s, told); err != nil {
				return err
			}
			findings := found(people, told)
			if err := findings.plausible(ctx, tx, len(people), file); err != nil {
				return err
			}
			if err := l.applyFindings(ctx, tx, s, f.Partner, file, findings); err != nil {
				return err
			}
			if err := l.close(ctx, tx, s, f, file, a); err != nil {
				return err
			}
		}
		t, err = tallyPage(ctx, tx, s)
		return err
	})
	return t, err
}

func askedAbout(people map[int32][16]byte, a *answers) error {
	asked := make(map[int32]string, len(people))
	for row := range people {
		asked[row] = ""
	}
	return a.within(asked)
}

// pageFindings are what civil affairs answered about a page.
type pageFindings struct {
	alive   [][]byte
	people  [][]byte // of these something was found
	rows    []int32
	causes  []string
	died    []string
	ofCause map[card.ReviewCause]int
}

func found(people map[int32][16]byte, told []card.MatchAnswer) pageFindings {
	f := pageFindings{ofCause: map[card.ReviewCause]int{}}
	for _, m := range told {
		row := int32(m.Ref) //nolint:gosec // a row of a file
		person := people[row]
		cause := card.CauseOf(m.Reason)
		if cause == "" {
			f.alive = append(f.alive, person[:])
			continue
		}
		f.ofCause[cause]++
		f.people, f.rows = append(f.people, person[:]), append(f.rows, row)
		f.causes, f.died = append(f.causes, string(cause)), append(f.died, m.Died)
	}
	return f
}

// An answer with more findings than a few, and than this part of the people, is not believed: a register that fails or is mixed up
// would stop the payments of thousands.
const (
	fewFindings   = 50
	oneFindingPer = 20 // people
)

// plausible refuses an answer that is not believed, unless two people have released its very bytes.
func (f pageFindings) plausible(ctx context.Context, tx pgx.Tx, asked int, file int64) error {
	n := len(f.people)
	if n <= fewFindings || n*oneFindingPer <= asked {
		return nil
	}
	var released bool
	err := tx.QueryRow(ctx, `
		select exists (select from file_decision d join exchange_file f on f.no = d.file and f.sm3 = d.sm3
			where d.file = $1 and d.what = 'release' and d.second is not null)`, file).Scan(&released)
	if err != nil || released {
		return err
	}
	return card.Refuse("believe the answer", card.Finding{Reason: card.ReasonFileImplausible,
		Found: fmt.Sprintf("%d of %d people dead, renamed or unknown", n, asked), Expected: fmt.Sprintf("at most one in %d", oneFindingPer)})
}

// applyFindings puts those up for review about whom something was found, stops payments that wait, and counts the page.
func (l *Ledger) applyFindings(ctx context.Context, tx pgx.Tx, s scope, partner string, file int64, f pageFindings) error {
	if _, err := tx.Exec(ctx, `
		update match_page set answered_at = $3, alive = $4, deceased = $5, renamed = $6, unregistered = $7 where rollout = $1 and batch = $2`,
		s.rollout, s.batch, l.now(), len(f.alive), f.ofCause[card.ReviewDeceased], f.ofCause[card.ReviewRenamed], f.ofCause[card.ReviewUnregistered]); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update review set alive = (select month from match_run where rollout = $1) where closed_at is null and person = any($2)`, s.rollout, f.alive); err != nil {
		return err
	}
	events, err := l.openReviews(ctx, tx, s, file, f)
	if err != nil || len(events) == 0 {
		return err
	}
	traces, err := l.tellPayments(ctx, tx, events, "")
	if err != nil {
		return err
	}
	return l.audit(ctx, tx, partner, "match.found", fmt.Sprintf("file %d", file), tellFindings(events, traces))
}

func tellFindings(events []payeeEvent, traces []PayTrace) string {
	var reviews []string
	for _, e := range events {
		reviews = append(reviews, strings.TrimPrefix(e.source, reviewSource))
	}
	held := 0
	for _, t := range traces {
		if t.Done {
			held++
		}
	}
	return fmt.Sprintf("%d payments held, reviews %s", held, strings.Join(reviews, " "))
}

// reviewSource is what the source of a payment's trace begins with; the review's number follows.
const reviewSource = "review/"

// openReviews puts people up for review, each once a month and cause, and not while they are: the dead and the renamed, and of those
// who are not registered whoever has been paid or is about to be. It returns what that is to their payments.
func (l *Ledger) openReviews(ctx context.Context, tx pgx.Tx, s scope, file int64, f pageFindings) (events []payeeEvent, err error) {
	sealed := make([][]byte, 0, len(f.people))
	for i, person := range f.people {
		sealed = append(sealed, l.seal.Seal([]byte(f.died[i]), person))
	}
	rows, err := tx.Query(ctx, `
		insert into review (person, city, month, cause, sealed, rollout, batch, row_no, file, died_before, opened_at)
		select f.person, $1, m.month, f.cause, f.sealed, $2, $3, f.row_no, $8, p.died, $9
		from unnest($4::bytea[], $5::integer[], $6::text[], $7::bytea[]) as f(person, row_no, cause, sealed)
		join person p on p.person = f.person join match_run m on m.rollout = $2
		where f.cause <> 'unregistered' or exists (
			select from rollout o join payout p on p.rollout = o.no`+paymentsOf("f.person")+`
			where (i.status = any($10) or i.status = $11 and o.made_at >= m.since))
		order by f.row_no on conflict do nothing returning no, person, cause`,
		s.args(f.people, f.rows, f.causes, sealed, file, l.now(), openStates(), card.PayPaid)...)
	if err != nil {
		return nil, err
	}
	var no int
	var person []byte
	var cause card.ReviewCause
	var dead [][]byte
	if _, err := pgx.ForEachRow(rows, []any{&no, &person, &cause}, func() error {
		events = append(events, payeeEvent{person, cause.Event(), fmt.Sprintf("%s%d", reviewSource, no)})
		if cause == card.ReviewDeceased {
			dead = append(dead, person)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, "update person set died = true where person = any($1)", dead)
	return events, err
}

// tallyPage counts what civil affairs answered about a page.
func tallyPage(ctx context.Context, q querier, s scope) (t card.Tally, err error) {
	err = q.QueryRow(ctx, `
		select alive, deceased + renamed + unregistered, cardinality(people) - alive - deceased - renamed - unregistered
		from match_page where rollout = $1 and batch = $2`, s.rollout, s.batch).Scan(&t.Done, &t.Failed, &t.Unknown)
	return t, err
}
