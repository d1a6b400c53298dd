package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// fileLock is a file that is being decided about, locked.
type fileLock struct {
	file           card.File
	no             int64
	direction      string
	state          string
	reason         card.Reason
	sm3            string
	acknowledgedBy string
	processed      bool
	confirmed      bool
	replaced       bool
	withdrawn      bool
	rollout, batch *int32
	round          int
}

func lockFile(ctx context.Context, tx pgx.Tx, f card.File) (fileLock, error) {
	r := fileLock{file: f}
	err := tx.QueryRow(ctx, `
		select no, direction, state, reason, sm3, acknowledged_by, processed_at is not null, confirmed_at is not null,
			replaced_by is not null, withdrawn_at is not null, rollout, batch, round
		from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 for update`,
		f.Partner, string(f.Kind), f.Date, f.Seq).Scan(&r.no, &r.direction, &r.state, &r.reason, &r.sm3, &r.acknowledgedBy,
		&r.processed, &r.confirmed, &r.replaced, &r.withdrawn, &r.rollout, &r.batch, &r.round)
	if isNoRows(err) {
		err = card.E(card.NotFound, "find "+f.Name(), card.ReasonNoSuchFile, nil)
	}
	return r, err
}

// decideFile records in the audit chain, and on the timeline of the rollout that the file belongs to, what somebody decided.
func (l *Ledger) decideFile(ctx context.Context, tx pgx.Tx, r fileLock, what string, d card.Decision, detail string) error {
	if err := l.audit(ctx, tx, d.By, "file."+what, r.file.Name(), detail); err != nil {
		return err
	}
	if err := r.findRequest(ctx, tx); err != nil || r.rollout == nil {
		return err
	}
	var times int
	if err := tx.QueryRow(ctx, "select count(*) from file_decision where file = $1", r.no).Scan(&times); err != nil {
		return err
	}
	return l.tell(ctx, tx, *r.rollout, event{Batch: r.batch, What: fileEvents[what], Who: d.By,
		Args: map[string]any{"file": r.file.Name(), "note": d.Note}, Key: eventKey(fileEvents[what], r.file.Name(), times)})
}

// findRequest finds the rollout of a file that bears none yet: the timeline is that of the request.
func (r *fileLock) findRequest(ctx context.Context, tx pgx.Tx) error {
	if r.rollout != nil {
		return nil
	}
	err := tx.QueryRow(ctx, `
		select rollout, batch from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out'`,
		r.file.Partner, string(r.file.Kind.Request()), r.file.Date, r.file.Seq).Scan(&r.rollout, &r.batch)
	if isNoRows(err) {
		return nil
	}
	return err
}

// HoldFile sets a partner's file aside, also one that is awaited and has not come: nothing of it is applied before two people
// release it. The error is Conflict with FILE_APPLIED when that is too late. Holding it again is harmless.
func (l *Ledger) HoldFile(ctx context.Context, f card.File, d card.Decision) error {
	return l.tx(ctx, "set a file aside", func(tx pgx.Tx) error {
		if err := l.expectFile(ctx, tx, f); err != nil {
			return err
		}
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := r.incoming("set aside"); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `
			insert into file_decision (file, what, sm3, reason, by_whom, at) values ($1, 'quarantine', $2, $3, $4, $5)
			on conflict (file, what) where closed_at is null do nothing`, r.no, r.sm3, d.Note, d.By, l.now())
		if err != nil || done.RowsAffected() == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, "update exchange_file set state = 'quarantined', reason = $2, quarantined_at = $3 where no = $1",
			r.no, string(card.ReasonFileHeld), l.now()); err != nil {
			return err
		}
		return l.decideFile(ctx, tx, r, "quarantine", d, d.Note)
	})
}

// expectFile makes a record of a file that has not come, if somebody waits for it: a request of ours that it answers is out,
// or its partner reports to us unasked.
func (l *Ledger) expectFile(ctx context.Context, tx pgx.Tx, f card.File) error {
	_, err := tx.Exec(ctx, `
		insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at)
		select $1, 'in', $2, $3, $4, 'reserved', $5 where exists (
			select from exchange_file q where q.partner = $1 and q.direction = 'out' and q.confirmed_at is not null and q.replaced_by is null and (
				q.kind = $6 and q.business_date = $3 and q.sequence = $4 or $2 = 'REPORT' and q.kind = 'DISPATCH'))
		on conflict (partner, kind, business_date, sequence) do nothing`,
		f.Partner, string(f.Kind), f.Date, f.Seq, l.now(), string(f.Kind.Request()))
	return err
}

// incoming makes sure that a decision about a partner's file is not too late, and not about one of ours.
func (r fileLock) incoming(what string) error {
	switch {
	case r.direction != "in":
		return card.E(card.Conflict, what+" "+r.file.Name()+", which is the hub's own", card.ReasonWrongState, nil)
	case r.processed:
		return card.E(card.Conflict, what+" "+r.file.Name(), card.ReasonFileApplied, nil)
	}
	return nil
}

// overrulable are the checks that people may overrule: the file itself is whole, and only how it stands among others, or how much it
// tells, is odd.
var overrulable = []card.Reason{
	card.ReasonFileSequenceGap, card.ReasonFileRepeatedContent, card.ReasonFileDate, card.ReasonFileLate, card.ReasonFileHeld,
	card.ReasonFileImplausible,
}

// Release is how far a release has come.
type Release struct {
	Done   bool        // a second person has confirmed it
	Reason card.Reason // what is overruled
	SM3    string      // of the bytes that are released
}

// ReleaseFile overrules the check that set a file aside: asked for by one person, confirmed by another. It is bound to the
// bytes that were set aside, and again after it is done changes nothing. The error is Conflict with FILE_STRUCTURAL for a
// fault of the file itself, which nobody can overrule, with FILE_CHANGED when other bytes were asked for, which ends that
// request, and Denied with SECOND_PERSON when the same person asks again.
func (l *Ledger) ReleaseFile(ctx context.Context, f card.File, d card.Decision) (Release, error) {
	var out Release
	var changed error // the request that is void by it is ended all the same
	err := l.tx(ctx, "release a file", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if out.Done, err = r.released(ctx, tx); err != nil || out.Done {
			out.SM3 = r.sm3
			return err
		}
		if err := r.releasable(); err != nil {
			return err
		}
		out.Reason, out.SM3 = r.reason, r.sm3
		if changed, err = l.voidChanged(ctx, tx, r, "release"); err != nil || changed != nil {
			return err
		}
		if out.Done, err = l.second(ctx, tx, r, "release", d); err != nil || !out.Done {
			return err
		}
		return l.letGo(ctx, tx, r, d)
	})
	return out, errors.Join(err, changed)
}

// released says whether the file was let go as it is, and has not been taken since.
func (r fileLock) released(ctx context.Context, tx pgx.Tx) (done bool, err error) {
	if r.state != stateReserved || r.direction != "in" {
		return false, nil
	}
	err = tx.QueryRow(ctx, `
		select exists (select from file_decision where file = $1 and what = 'release' and second is not null and sm3 = $2)`,
		r.no, r.sm3).Scan(&done)
	return done, err
}

// voidChanged ends what a first person asked for when the file has other bytes by now.
func (l *Ledger) voidChanged(ctx context.Context, tx pgx.Tx, r fileLock, what string) (changed, err error) {
	done, err := tx.Exec(ctx, "update file_decision set closed_at = $3 where file = $1 and what = $2 and closed_at is null and sm3 <> $4",
		r.no, what, l.now(), r.sm3)
	if err != nil || done.RowsAffected() == 0 {
		return nil, err
	}
	return card.E(card.Conflict, what+" "+r.file.Name(), card.ReasonFileChanged, nil), nil
}

func (r fileLock) releasable() error {
	if err := r.incoming("release"); err != nil {
		return err
	}
	switch {
	case r.state != stateQuarantined:
		return card.E(card.Conflict, "release "+r.file.Name()+", which is not set aside", card.ReasonWrongState, nil)
	case !slices.Contains(overrulable, r.reason):
		return card.E(card.Conflict, "release "+r.file.Name()+", set aside for "+string(r.reason), card.ReasonFileStructural, nil)
	}
	return nil
}

// second records what a first person asks for, or that a second one confirms it, and says which it was.
func (l *Ledger) second(ctx context.Context, tx pgx.Tx, r fileLock, what string, d card.Decision) (confirmed bool, err error) {
	var first string
	err = tx.QueryRow(ctx, "select by_whom from file_decision where file = $1 and what = $2 and closed_at is null", r.no, what).Scan(&first)
	if isNoRows(err) {
		if _, err := tx.Exec(ctx, "insert into file_decision (file, what, sm3, reason, by_whom, at) values ($1, $2, $3, $4, $5, $6)",
			r.no, what, r.sm3, d.Note, d.By, l.now()); err != nil {
			return false, err
		}
		return false, l.audit(ctx, tx, d.By, "file."+what+".ask", r.file.Name(), d.Note)
	}
	if err != nil {
		return false, err
	}
	if first == d.By {
		return false, card.E(card.Denied, what+" "+r.file.Name(), card.ReasonSecondPerson, nil)
	}
	_, err = tx.Exec(ctx, `
		update file_decision set second = $3, second_at = $4, second_reason = $5 where file = $1 and what = $2 and closed_at is null`,
		r.no, what, d.By, l.now(), d.Note)
	return true, err
}

// letGo ends the hold, if there is one, and lets the file be taken again.
func (l *Ledger) letGo(ctx context.Context, tx pgx.Tx, r fileLock, d card.Decision) error {
	if _, err := tx.Exec(ctx, "update file_decision set closed_at = $2 where file = $1 and what in ('quarantine', 'release') and closed_at is null", r.no, l.now()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update exchange_file set state = 'reserved', reason = '', quarantined_at = null where no = $1", r.no); err != nil {
		return err
	}
	return l.decideFile(ctx, tx, r, "release", d, string(r.reason)+" overruled, sm3 "+r.sm3+": "+d.Note)
}
