package postgres

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// intakePage is how many rows are copied at once: it bounds the memory of an intake.
const intakePage = 20_000

// Row is one row of a roster as it was read and checked.
type Row struct {
	Number      int // the row's number in the workbook or file
	Application card.Application
	Cells       []string      // of a refused row: what stood in the roster's columns; nil where Application tells it
	Reasons     []card.Reason // empty: accepted so far
}

// NewRollout is what a rollout starts from.
type NewRollout struct {
	Name            string
	Roster          string   // the file's name
	RosterSM3       [32]byte // of its bytes; read after the last row
	MadeBy          string
	BatchRows       int // at most so many rows a batch
	CanaryRows      int // rows of the canary batch, in a subsidy of each bank's; 0: no canary
	CanaryThreshold int // failures per ten thousand rows above which the rollout stops
}

// CreateRollout takes a roster in: the rows that passed become content, the rest refusals with their reasons; a person
// named twice, with a card or with one on its way is refused; what remains is planned into batches. All of it happens in one
// transaction: an intake that was cut off has never been. digest is called after the last row.
func (l *Ledger) CreateRollout(ctx context.Context, n NewRollout, rows iter.Seq2[Row, error], digest func() [32]byte) (card.RolloutID, error) {
	var id card.RolloutID
	err := l.tx(ctx, "take the roster in", func(tx pgx.Tx) error {
		no, err := l.insertRollout(ctx, tx, KindIssuance, n, &id)
		if err != nil {
			return err
		}
		if err := l.copyRoster(ctx, tx, no, rows); err != nil {
			return err
		}
		if err := refuseRepeated(ctx, tx, no); err != nil {
			return err
		}
		if err := refuseHolders(ctx, tx, no); err != nil {
			return err
		}
		if err := planBatches(ctx, tx, no, n, issuancePlan); err != nil {
			return err
		}
		sum := digest()
		if err := countIntake(ctx, tx, no, sum[:]); err != nil {
			return err
		}
		if err := l.tell(ctx, tx, no, event{What: EventCreated, Who: n.MadeBy, Args: map[string]any{"name": n.Name}, Key: EventCreated}); err != nil {
			return err
		}
		return l.audit(ctx, tx, n.MadeBy, "rollout.create", string(id), fmt.Sprintf("roster sm3 %x", sum))
	})
	return id, err
}

func (l *Ledger) insertRollout(ctx context.Context, tx pgx.Tx, kind string, n NewRollout, id *card.RolloutID) (int32, error) {
	at := l.now()
	var no int32
	err := tx.QueryRow(ctx, `
		insert into rollout (id, kind, name, status, roster, roster_sm3, canary_threshold, made_by, made_at)
		values ('', $7, $1, $2, $3, '', $4, $5, $6) returning no`,
		n.Name, card.RolloutDraft, n.Roster, n.CanaryThreshold, n.MadeBy, at, kind).Scan(&no)
	if err != nil {
		return 0, err
	}
	*id = card.NewRolloutID(at.In(Shanghai).Format("20060102"), int(no))
	_, err = tx.Exec(ctx, "update rollout set id = $2 where no = $1", no, string(*id))
	return no, err
}

// copyRoster streams the rows into the two tables, a page at a time.
func (l *Ledger) copyRoster(ctx context.Context, tx pgx.Tx, no int32, rows iter.Seq2[Row, error]) error {
	return copyPages(ctx, tx, rows, func() *page { return &page{} }, func(p *page, row Row) { p.add(l, no, row) })
}

// rosterPage is a part of a roster that is copied at once.
type rosterPage interface {
	copyTo(ctx context.Context, tx pgx.Tx) error
}

// copyPages copies rows a page at a time. While one is copied the next is sealed, and the one after it is read and checked.
func copyPages[R any, P rosterPage](ctx context.Context, tx pgx.Tx, rows iter.Seq2[R, error], blank func() P, add func(P, R)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	read, readErr := stage(func(parts chan<- []R) error { return readParts(ctx, rows, parts) })
	pages, sealErr := stage(func(pages chan<- P) error { return sealParts(ctx, read, blank, add, pages) })
	var err error
	for p := range pages {
		if err == nil {
			if err = p.copyTo(ctx, tx); err != nil {
				cancel() // the pages on their way are drained, so that the stages end before we do
			}
		}
	}
	return cmp.Or(err, *readErr, *sealErr)
}

// stage runs work beside others; its error may be read once the channel is closed.
func stage[T any](work func(out chan<- T) error) (<-chan T, *error) {
	out, err := make(chan T, 1), new(error)
	go func() {
		defer close(out)
		*err = work(out)
	}()
	return out, err
}

func readParts[R any](ctx context.Context, rows iter.Seq2[R, error], parts chan<- []R) error {
	part := make([]R, 0, intakePage)
	for row, err := range rows {
		if err != nil {
			return err
		}
		if part = append(part, row); len(part) == intakePage {
			if err := handOn(ctx, parts, part); err != nil {
				return err
			}
			part = make([]R, 0, intakePage)
		}
	}
	return handOn(ctx, parts, part)
}

func sealParts[R any, P rosterPage](ctx context.Context, parts <-chan []R, blank func() P, add func(P, R), pages chan<- P) (err error) {
	for part := range parts {
		p := blank()
		for _, row := range part {
			add(p, row)
		}
		err = cmp.Or(err, handOn(ctx, pages, p))
	}
	return err
}

func handOn[T any](ctx context.Context, to chan<- T, what T) error {
	select {
	case to <- what:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// page is a part of a roster, sealed and ready to be copied.
type page struct {
	good, refused [][]any
}

func (p *page) add(l *Ledger, no int32, row Row) {
	a := row.Application
	var person []byte
	if a.Person.SSN != "" {
		person = l.personIndex(a.Person.SSN)
	}
	city, bank := int32(atoi(a.City)), int16(atoi(a.Bank)) //nolint:gosec // six and three digits
	if len(row.Reasons) > 0 {
		aad := refusalAAD(person, no, row.Number)
		p.refused = append(p.refused, []any{no, int32(row.Number), city, bank, person, codesOf(row.Reasons), l.seal.Seal(packCells(row.Cells), aad)}) //nolint:gosec // a row number
		return
	}
	p.good = append(p.good, []any{city, no, int32(row.Number), bank, a.Outlet, string(a.Mode), person, l.seal.Seal(a.Pack(), person), l.namedIndex(a.Person.SSN, a.Person.Name)}) //nolint:gosec // a row number
}

func codesOf(reasons []card.Reason) []string {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = string(r)
	}
	return codes
}

func (p *page) copyTo(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"roster_row"},
		[]string{"city", "rollout", "row_no", "bank", "outlet", "mode", "person", "sealed", "named"}, pgx.CopyFromRows(p.good))
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"roster_refusal"},
		[]string{"rollout", "row_no", "city", "bank", "person", "reasons", "sealed"}, pgx.CopyFromRows(p.refused))
	return err
}

// refuseRepeated refuses all rows of a person but one: the first that passed the checks, else the first.
func refuseRepeated(ctx context.Context, tx pgx.Tx, no int32) error {
	_, err := tx.Exec(ctx, `
		create temp table repeated on commit drop as
		with every as (
			select person, row_no, true as good from roster_row where rollout = $1
			union all
			select person, row_no, false from roster_refusal where rollout = $1 and person is not null)
		select person, coalesce(min(row_no) filter (where good), min(row_no)) as keeper
		from every group by person having count(*) > 1`, no)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update roster_refusal r set reasons = r.reasons || $2::text
		from repeated d where r.rollout = $1 and r.person = d.person and r.row_no <> d.keeper`, no, string(card.ReasonDuplicateInFile)); err != nil {
		return err
	}
	return moveToRefusals(ctx, tx, no, card.ReasonDuplicateInFile, `
		select r.city, r.row_no from roster_row r join repeated d on d.person = r.person and r.row_no <> d.keeper
		where r.rollout = $1`)
}

// refuseHolders refuses who has a card or has one on its way: one card per person. It is asked here so that the preview
// shows it; the claim that decides is made when the numbers are allocated.
func refuseHolders(ctx context.Context, tx pgx.Tx, no int32) error {
	if err := moveToRefusals(ctx, tx, no, card.ReasonHasCard, `
		select r.city, r.row_no from roster_row r join person p on p.person = r.person
		join card c on c.city = p.city and c.card_no = p.card_no where r.rollout = $1`); err != nil {
		return err
	}
	return moveToRefusals(ctx, tx, no, card.ReasonCardInProgress, `
		select r.city, r.row_no from roster_row r join person p on p.person = r.person
		where r.rollout = $1 and p.card_no is not null`)
}

// moveToRefusals moves the rows that query names out of the content. Their sealed text stays bound to the person.
func moveToRefusals(ctx context.Context, tx pgx.Tx, no int32, reason card.Reason, query string) error {
	_, err := tx.Exec(ctx, `
		with gone as (`+query+`), moved as (
			delete from roster_row r using gone g where r.city = g.city and r.rollout = $1 and r.row_no = g.row_no
			returning r.row_no, r.city, r.bank, r.outlet, r.mode, r.person, r.sealed)
		insert into roster_refusal (rollout, row_no, city, bank, outlet, mode, person, reasons, sealed)
		select $1, row_no, city, bank, outlet, mode, person, array[$2::text], sealed from moved`, no, string(reason))
	return err
}

func countIntake(ctx context.Context, tx pgx.Tx, no int32, digest []byte) error {
	_, err := tx.Exec(ctx, `
		update rollout set roster_sm3 = $2,
			refused = (select count(*) from roster_refusal where rollout = $1),
			rows = (select count(*) from roster_refusal where rollout = $1) + (select coalesce(sum(rows), 0) from batch where rollout = $1)
		where no = $1`, no, digest)
	return err
}

// refusalAAD binds the sealed text of a refused row to its person, or to its place where it bears no usable number.
func refusalAAD(person []byte, rollout int32, row int) []byte {
	if person != nil {
		return person
	}
	return fmt.Appendf(nil, "refusal/%d/%d", rollout, row)
}

// cellsTag marks sealed text as cells; card.Application packs itself under other tags.
const cellsTag = 0x7f

func packCells(cells []string) []byte {
	return append([]byte{cellsTag}, strings.Join(cells, "\x1f")...)
}

func unpackCells(plain []byte) (cells []string, ok bool) {
	if len(plain) == 0 || plain[0] != cellsTag {
		return nil, false
	}
	return strings.Split(string(plain[1:]), "\x1f"), true
}

func (l *Ledger) personIndex(ssn string) []byte {
	index := l.seal.Index("person", ssn)
	return index[:]
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
