package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// The dates that an unsolicited file may bear: a report that is older speaks of cards that have long been seen to.
const (
	oldestReport = 31 * 24 * time.Hour
	dateFormat   = "20060102"
)

// FileArrived is told of a partner's file that lies in the archive as its manifest m says, and holds the checks that need
// the ledger: its name and content are new, it comes in its turn, the request that it answers waits, nobody has set it aside.
//
// The error is Invalid with a Finding for a file that must be refused, and Later while nothing can be said: a file before it
// in the sequence is missing (for patience, counted from the first look), or an operator holds it. A late file is taken.
func (l *Ledger) FileArrived(ctx context.Context, f card.File, m card.Manifest, patience time.Duration) error {
	var verdict error // what was seen is kept also when the file is refused
	err := l.tx(ctx, "take a file in", func(tx pgx.Tx) error {
		a, err := l.sight(ctx, tx, f, m)
		if err != nil {
			return err
		}
		a.patience = patience
		if a.held && a.state != stateProcessed {
			verdict = card.E(card.Later, "take "+f.Name(), card.ReasonFileHeld, nil)
			return l.hold(ctx, tx, a)
		}
		if verdict, err = a.check(ctx, tx); err != nil || verdict != nil || a.state == stateProcessed || a.stands() {
			return err
		}
		return l.confirmArrival(ctx, tx, a)
	})
	if err != nil {
		return err
	}
	return verdict
}

// arrival is a partner's file as the ledger finds it.
type arrival struct {
	file     card.File
	manifest card.Manifest
	no       int64
	state    string
	reason   card.Reason
	sm3      string
	seen     time.Time // for the first time
	now      time.Time
	held     bool
	released bool // two people have overruled what may be overruled about these very bytes
	patience time.Duration
}

// sight notes that a file was seen, and locks it.
func (l *Ledger) sight(ctx context.Context, tx pgx.Tx, f card.File, m card.Manifest) (*arrival, error) {
	a := &arrival{file: f, manifest: m, now: l.now()}
	if _, err := tx.Exec(ctx, `
		insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at)
		values ($1, 'in', $2, $3, $4, 'reserved', $5) on conflict (partner, kind, business_date, sequence) do nothing`,
		f.Partner, string(f.Kind), f.Date, f.Seq, a.now); err != nil {
		return nil, err
	}
	var direction string
	err := tx.QueryRow(ctx, `
		select no, direction, state, reason, sm3, reserved_at,
			exists (select from file_decision d where d.file = f.no and d.what = 'quarantine' and d.closed_at is null),
			exists (select from file_decision d where d.file = f.no and d.what = 'release' and d.second is not null and d.sm3 = $5)
		from exchange_file f where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 for update`,
		f.Partner, string(f.Kind), f.Date, f.Seq, m.SM3).Scan(&a.no, &direction, &a.state, &a.reason, &a.sm3, &a.seen, &a.held, &a.released)
	if err == nil && direction != "in" {
		err = card.Refuse("take a file in", card.Finding{Reason: card.ReasonFileName, Found: "a name of the hub's own files"})
	}
	return a, err
}

// stands says whether these very bytes were refused for what is in them: they stay in quarantine until another look at them
// comes to another end.
func (a *arrival) stands() bool {
	content := a.reason == card.ReasonFileImplausible || !slices.Contains(overrulable, a.reason)
	return a.state == stateQuarantined && a.sm3 == a.manifest.SM3 && content
}

// check says whether the file may be taken; its second error is the ledger's own.
func (a *arrival) check(ctx context.Context, tx pgx.Tx) (verdict, err error) {
	if a.state == stateProcessed {
		return a.repeated(), nil
	}
	checks := []func(context.Context, pgx.Tx) (verdict, err error){a.checkWithdrawn}
	if !a.released {
		checks = append(checks, a.checkDate, a.checkContent, a.checkSequence)
	}
	for _, check := range checks {
		if verdict, err := check(ctx, tx); err != nil || verdict != nil {
			return verdict, err
		}
	}
	return nil, nil
}

// repeated refuses other content under the name of a file that was applied. A file from before digests were kept passes.
func (a *arrival) repeated() error {
	if a.sm3 == "" || a.sm3 == a.manifest.SM3 {
		return nil
	}
	return a.refuse(card.ReasonFileSequenceRepeated, "other content than that which was applied", "the next sequence number for new content")
}

// hold keeps a file that has come out of reach, as an operator has said; the partner learns of it.
func (l *Ledger) hold(ctx context.Context, tx pgx.Tx, a *arrival) error {
	m := a.manifest
	if _, err := tx.Exec(ctx, `
		update exchange_file set state = 'quarantined', reason = $2, layout = $3, rows = $4, size = $5, total_fen = $6, sm3 = $7,
			quarantined_at = coalesce(quarantined_at, $8) where no = $1`,
		a.no, string(card.ReasonFileHeld), m.Layout, m.Rows, m.Size, m.TotalFen, m.SM3, a.now); err != nil {
		return err
	}
	_, err := l.judge(ctx, tx, a.no, card.Verdict{
		File: a.file, SM3: m.SM3, Outcome: card.RefusedWhole, Whole: card.Finding{Reason: card.ReasonFileHeld},
	})
	return err
}

// checkWithdrawn refuses the answer to a request that was taken back and sent again: what the partner did is not clear.
func (a *arrival) checkWithdrawn(ctx context.Context, tx pgx.Tx) (verdict, err error) {
	request := a.file.Kind.Request()
	if request == "" {
		return nil, nil
	}
	var replaced bool
	err = tx.QueryRow(ctx, `
		select exists (select from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4
			and direction = 'out' and replaced_by is not null)`,
		a.file.Partner, string(request), a.file.Date, a.file.Seq).Scan(&replaced)
	if replaced {
		verdict = a.refuse(card.ReasonFileWithdrawn, "an answer to "+a.file.Answer(request).Name(), "no answer: that request was withdrawn")
	}
	return verdict, err
}

// checkDate bounds the dates of unsolicited files. An answer has the date of its request, however long it takes.
func (a *arrival) checkDate(context.Context, pgx.Tx) (verdict, err error) {
	if a.file.Kind.Request() != "" {
		return nil, nil
	}
	oldest, newest := a.now.Add(-oldestReport).In(Shanghai).Format(dateFormat), a.now.In(Shanghai).Format(dateFormat)
	if a.file.Date >= oldest && a.file.Date <= newest {
		return nil, nil
	}
	return a.refuse(card.ReasonFileDate, a.file.Date, fmt.Sprintf("%s to %s", oldest, newest)), nil
}

// checkContent refuses the bytes of a file that was applied under another name.
func (a *arrival) checkContent(ctx context.Context, tx pgx.Tx) (verdict, err error) {
	var other card.File
	err = tx.QueryRow(ctx, `
		select partner, kind, business_date, sequence from exchange_file
		where partner = $1 and sm3 = $2 and direction = 'in' and state = 'processed' and no <> $3 order by no limit 1`,
		a.file.Partner, a.manifest.SM3, a.no).Scan(&other.Partner, &other.Kind, &other.Date, &other.Seq)
	if isNoRows(err) {
		return nil, nil
	}
	return a.refuse(card.ReasonFileRepeatedContent, "the bytes of "+other.Name(), "content of its own"), err
}

// checkSequence waits for the files that come before an unsolicited one, and then sets it aside until they have come. A file
// that was refused has come: its partner knows, and sends the corrected one under the same name or the next number.
func (a *arrival) checkSequence(ctx context.Context, tx pgx.Tx) (verdict, err error) {
	if a.file.Kind.Request() != "" || a.file.Seq == 1 {
		return nil, nil
	}
	var missing *int
	err = tx.QueryRow(ctx, missingBefore, a.file.Partner, string(a.file.Kind), a.file.Date, a.file.Seq, string(card.ReasonFileSequenceGap)).Scan(&missing)
	if err != nil || missing == nil {
		return nil, err
	}
	before := a.file
	before.Seq = *missing
	if a.now.Before(a.seen.Add(a.patience)) { // people see what it waits for
		_, err := tx.Exec(ctx, "update exchange_file set reason = $2 where no = $1 and state = 'reserved' and reason <> $2",
			a.no, string(card.ReasonFileSequenceGap))
		return card.E(card.Later, "wait for "+before.Name(), card.ReasonFileSequenceGap, nil), err
	}
	return a.refuse(card.ReasonFileSequenceGap, fmt.Sprintf("sequence %d", a.file.Seq), before.Name()+" before it"), nil
}

// missingBefore finds the first sequence number ($1 partner, $2 kind, $3 date, before $4) under which nothing has come, or
// only a file that itself waits for one before it.
const missingBefore = `
	select min(s) from generate_series(1, $4::integer - 1) s where not exists (
		select from exchange_file e where e.partner = $1 and e.kind = $2 and e.business_date = $3 and e.sequence = s
		and e.state in ('confirmed', 'processed', 'quarantined') and e.reason <> $5)`

func (a *arrival) refuse(reason card.Reason, found, expected string) error {
	return card.Refuse("take "+a.file.Name(), card.Finding{Reason: reason, Found: found, Expected: expected})
}

// confirmArrival records that the file is in the archive and checked, and that the request which it answers was taken.
func (l *Ledger) confirmArrival(ctx context.Context, tx pgx.Tx, a *arrival) error {
	m := a.manifest
	if _, err := tx.Exec(ctx, `
		update exchange_file set state = 'confirmed', reason = '', layout = $2, rows = $3, size = $4, total_fen = $5, sm3 = $6,
			confirmed_at = case when sm3 = $6 then coalesce(confirmed_at, $7) else $7 end, quarantined_at = null,
			due_at = coalesce(due_at, (select b.waiting_until from batch b where b.waiting_for = partner and b.waiting_what = $8 limit 1),
				(`+promisedBy+`))
		where no = $1`, a.no, m.Layout, m.Rows, m.Size, m.TotalFen, m.SM3, a.now, a.file.Name()); err != nil {
		return err
	}
	return acknowledgeRequest(ctx, tx, a.file, a.now)
}

// promisedBy finds when a file was due that its partner had promised for the day. The first that comes keeps the promise; the
// others of the day are bound to no time.
const promisedBy = `
	select p.deadline from promise p where p.partner = exchange_file.partner and p.kind = exchange_file.kind
		and p.business_date = exchange_file.business_date and not exists (
			select from exchange_file o where o.partner = p.partner and o.kind = p.kind and o.business_date = p.business_date
				and o.direction = 'in' and o.no <> exchange_file.no and o.confirmed_at is not null and o.state <> 'quarantined')`

// acknowledgeRequest records that a partner which answers has taken the request.
func acknowledgeRequest(ctx context.Context, tx pgx.Tx, answer card.File, at time.Time) error {
	_, err := tx.Exec(ctx, `
		update exchange_file set acknowledged_at = $5, acknowledged_by = 'answer'
		where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out' and acknowledged_at is null`,
		answer.Partner, string(answer.Kind.Request()), answer.Date, answer.Seq, at)
	return err
}
