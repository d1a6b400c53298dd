package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Reissue is how far a new sending of one of our files has come.
type Reissue struct {
	File      card.File // the one that is sent again
	Batch     card.BatchID
	Round     int
	Rows      int
	Withdraw  bool      // it lies in the partner's inbox and must be taken back first
	Same      bool      // it lies nowhere any more: the same file goes again, under its own name
	Confirmed bool      // a second person has confirmed it
	Asked     time.Time // when the first person asked
	Successor card.File // the file that takes its place; empty before it is named
}

// AskReissue records that somebody wants a file of ours sent again, or that a second person confirms it. It goes under a new
// number only while the partner has provably done nothing with it: it refused the file, or has not taken it, so that it can
// be taken back. One that lies nowhere any more goes again as it was: under one name a partner acts once. The error is
// otherwise Conflict with FILE_OUTCOME_UNKNOWN: the partner must be asked first.
func (l *Ledger) AskReissue(ctx context.Context, f card.File, d card.Decision) (Reissue, error) {
	out := Reissue{File: f}
	err := l.tx(ctx, "ask for a new sending", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := r.provablyNothing(); err != nil {
			return err
		}
		if err := mayGo(ctx, tx, f, scope{rollout: *r.rollout, batch: *r.batch}); err != nil {
			return err
		}
		out.Same = r.state != stateQuarantined && !r.withdrawn && r.acknowledgedBy == byNobody
		out.Withdraw = r.state != stateQuarantined && !r.withdrawn && !out.Same
		if out.Confirmed, err = l.second(ctx, tx, r, "reissue", d); err != nil {
			return err
		}
		return describeReissue(ctx, tx, r, &out)
	})
	return out, err
}

// provablyNothing says whether the partner can have done nothing with the file.
func (r fileLock) provablyNothing() error {
	refuse := func(reason card.Reason, why string) error {
		return card.E(card.Conflict, "send "+r.file.Name()+" again: "+why, reason, nil)
	}
	switch {
	case r.direction != "out" || r.rollout == nil || r.batch == nil:
		return refuse(card.ReasonWrongState, "it is no request of ours")
	case r.replaced:
		return refuse(card.ReasonWrongState, "that was done already")
	case !r.confirmed:
		return refuse(card.ReasonWrongState, "it has not left yet; its step sends it by itself")
	case r.processed:
		return refuse(card.ReasonFileApplied, "it was answered")
	case r.state == stateQuarantined, r.withdrawn, r.acknowledgedBy == byNobody:
		return nil
	case r.acknowledgedBy != "":
		return refuse(card.ReasonFileOutcomeUnknown, "the partner has taken it ("+r.acknowledgedBy+")")
	}
	return nil
}

func describeReissue(ctx context.Context, tx pgx.Tx, r fileLock, out *Reissue) error {
	var id card.RolloutID
	var city, bank int
	err := tx.QueryRow(ctx, `
		select r.id, b.city, b.bank, f.rows, f.round, d.at, coalesce(s.partner, ''), coalesce(s.kind, ''), coalesce(s.business_date, ''), coalesce(s.sequence, 0)
		from exchange_file f join rollout r on r.no = f.rollout join batch b on b.rollout = f.rollout and b.number = f.batch
		join file_decision d on d.file = f.no and d.what = 'reissue' and d.closed_at is null left join exchange_file s on s.no = d.successor
		where f.no = $1`, r.no).Scan(&id, &city, &bank, &out.Rows, &out.Round, &out.Asked,
		&out.Successor.Partner, &out.Successor.Kind, &out.Successor.Date, &out.Successor.Seq)
	out.Batch = batchID(id, city, bank, int(*r.batch))
	return err
}

// FileWithdrawn records that a file of ours was taken back from the partner's inbox before the partner took it.
func (l *Ledger) FileWithdrawn(ctx context.Context, f card.File, d card.Decision) error {
	return l.tx(ctx, "record a withdrawal", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil || r.withdrawn {
			return err
		}
		if _, err := tx.Exec(ctx, "update exchange_file set withdrawn_at = $2 where no = $1", r.no, l.now()); err != nil {
			return err
		}
		return l.decideFile(ctx, tx, r, "withdraw", d, d.Note)
	})
}

// FileResent records that a file of ours that lay nowhere any more is at its partner again, as it was.
func (l *Ledger) FileResent(ctx context.Context, f card.File, p card.Proof, d card.Decision) error {
	return l.tx(ctx, "record that a file was sent again", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update exchange_file set acknowledged_at = null, acknowledged_by = '', reason = '', confirmed_at = $2
			where no = $1 and acknowledged_by = $3 and processed_at is null`, r.no, p.ConfirmedAt, byNobody); err != nil {
			return err
		}
		closed, err := tx.Exec(ctx, "update file_decision set closed_at = $2 where file = $1 and what = 'reissue' and closed_at is null", r.no, l.now())
		if err != nil || closed.RowsAffected() == 0 {
			return err
		}
		return l.decideFile(ctx, tx, r, "reissue", d, "the same file: "+d.Note)
	})
}

// NameSuccessor gives the file that takes the place of f its name, once: the next number of the same business date. It is
// not the batch's before SucceedFile.
func (l *Ledger) NameSuccessor(ctx context.Context, f card.File) (card.File, error) {
	next := card.File{Partner: f.Partner, Kind: f.Kind, Date: f.Date}
	err := l.tx(ctx, "name a new sending", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		var decision int64
		var named *int64
		if err := tx.QueryRow(ctx, `
			select no, successor from file_decision where file = $1 and what = 'reissue' and second is not null and closed_at is null`,
			r.no).Scan(&decision, &named); err != nil {
			return err
		}
		if named != nil {
			return tx.QueryRow(ctx, "select business_date, sequence from exchange_file where no = $1", *named).Scan(&next.Date, &next.Seq)
		}
		if err := lockSequence(ctx, tx, next); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			with named as (
				insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at)
				select $1, 'out', $2, $3, coalesce(max(sequence), 0) + 1, 'reserved', $4
				from exchange_file where partner = $1 and kind = $2 and business_date = $3 returning no, sequence),
			kept as (update file_decision set successor = named.no from named where file_decision.no = $5)
			select sequence from named`, next.Partner, string(next.Kind), next.Date, l.now(), decision).Scan(&next.Seq)
	})
	return next, err
}

// SucceedFile records the proof of the file that takes the place of f. From now on the batch waits for its answer, and an
// answer to f is refused.
func (l *Ledger) SucceedFile(ctx context.Context, f, next card.File, p card.Proof, until time.Time, d card.Decision) error {
	return l.tx(ctx, "record a new sending", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil || r.replaced {
			return err
		}
		if err := r.provablyNothing(); err != nil {
			return err
		}
		s := scope{rollout: *r.rollout, batch: *r.batch}
		if _, err := tx.Exec(ctx, `
			update exchange_file set replaced_by = n.no from (
				select no from exchange_file where partner = $2 and kind = $3 and business_date = $4 and sequence = $5) n
			where exchange_file.no = $1`, r.no, next.Partner, string(next.Kind), next.Date, next.Seq); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update exchange_file set rollout = $5, batch = $6, round = $7 where partner = $1 and kind = $2 and business_date = $3 and sequence = $4`,
			next.Partner, string(next.Kind), next.Date, next.Seq, s.rollout, s.batch, r.round); err != nil {
			return err
		}
		if err := l.confirmFile(ctx, tx, s, next, p, until); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update file_decision set closed_at = $2 where file = $1 and what = 'reissue' and closed_at is null", r.no, l.now()); err != nil {
			return err
		}
		return l.decideFile(ctx, tx, r, "reissue", d, "now "+next.Name()+": "+d.Note)
	})
}
