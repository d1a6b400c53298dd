package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Shanghai is the programme's time zone.
var Shanghai = card.Shanghai

// ReserveFile gives the file of a batch's step its name, once for each batch, kind and round. sent says that its
// publication is proved already, so that nothing is left to do.
func (l *Ledger) ReserveFile(ctx context.Context, b card.BatchID, partner string, kind card.FileKind, round int) (f card.File, sent bool, err error) {
	err = l.tx(ctx, "reserve a file", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		f, sent, err = findSent(ctx, tx, s, kind, round)
		if err != nil || f.Seq != 0 {
			return err
		}
		f = card.File{Partner: partner, Kind: kind, Date: l.now().In(Shanghai).Format("20060102")}
		if err := mayBegin(ctx, tx, s, kind); err != nil {
			return err
		}
		if err := lockSequence(ctx, tx, f); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			insert into exchange_file (partner, direction, kind, business_date, sequence, rollout, batch, round, state, reserved_at)
			select $1, 'out', $2, $3, coalesce(max(sequence), 0) + 1, $4, $5, $6, 'reserved', $7
			from exchange_file where partner = $1 and kind = $2 and business_date = $3 returning sequence`,
			partner, string(kind), f.Date, s.rollout, s.batch, round, l.now()).Scan(&f.Seq)
	})
	return f, sent, err
}

// mayBegin holds money back whose rollout is held in the ledger, whatever the workflow knows: after a reset that may be less. A file
// that has a name by now may be at the bank, and is not asked about.
func mayBegin(ctx context.Context, tx pgx.Tx, s scope, kind card.FileKind) error {
	if kind != card.PayReq {
		return nil
	}
	var status card.RolloutStatus
	err := tx.QueryRow(ctx, "select status from rollout where no = $1", s.rollout).Scan(&status)
	if err == nil && (status == card.RolloutPaused || status == card.RolloutStopped || status == card.RolloutCancelled) {
		err = card.E(card.Later, "release money of a rollout that is "+string(status), card.ReasonWrongState, nil)
	}
	return err
}

// SentFile returns the file that a batch's step has sent.
func (l *Ledger) SentFile(ctx context.Context, b card.BatchID, kind card.FileKind, round int) (card.File, error) {
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return card.File{}, err
	}
	f, sent, err := findSent(ctx, l.pool, s, kind, round)
	if err == nil && !sent {
		err = card.E(card.Conflict, fmt.Sprintf("find the %s file of %s", kind, b), card.ReasonWrongState, nil)
	}
	return f, fault("find a sent file", err)
}

func findSent(ctx context.Context, q querier, s scope, kind card.FileKind, round int) (f card.File, sent bool, err error) {
	f.Kind = kind
	err = q.QueryRow(ctx, `
		select partner, business_date, sequence, state <> 'reserved' from exchange_file
		where rollout = $1 and batch = $2 and kind = $3 and round = $4 and direction = 'out' and replaced_by is null`,
		s.rollout, s.batch, string(kind), round).Scan(&f.Partner, &f.Date, &f.Seq, &sent)
	if errors.Is(err, pgx.ErrNoRows) {
		return card.File{}, false, nil
	}
	return f, sent, err
}

// confirmFile records that the partner's server showed our bytes under the final name.
func (l *Ledger) confirmFile(ctx context.Context, tx pgx.Tx, s scope, f card.File, p card.Proof, until time.Time) error {
	if _, err := tx.Exec(ctx, confirmSent, sentArgs(f, p)...); err != nil {
		return err
	}
	if err := l.judgeOurs(ctx, tx, s, f, p); err != nil {
		return err
	}
	if answer := f.Kind.Answer(); answer != "" {
		if err := await(ctx, tx, s, f.Partner, f.Answer(answer).Name(), until); err != nil {
			return err
		}
	}
	return l.tellBatch(ctx, tx, s, EventFileSent, f.Name(), map[string]any{"file": f.Name(), "rows": p.Rows, "until": until, "answer": string(f.Kind.Answer())})
}

// takeFile begins to apply a file that a partner sent: it returns the ledger's number of the file, and whether it has been
// applied already.
func (l *Ledger) takeFile(ctx context.Context, tx pgx.Tx, s *scope, f card.File, rows int) (no int64, done bool, err error) {
	var rollout, batch *int32
	if s != nil {
		rollout, batch = &s.rollout, &s.batch
	}
	var state string
	var held bool
	err = tx.QueryRow(ctx, `
		insert into exchange_file (partner, direction, kind, business_date, sequence, rollout, batch, state, rows, reserved_at, confirmed_at)
		values ($1, 'in', $2, $3, $4, $5, $6, 'confirmed', $7, $8, $8)
		on conflict (partner, kind, business_date, sequence) do update set
			rollout = coalesce(exchange_file.rollout, excluded.rollout), batch = coalesce(exchange_file.batch, excluded.batch),
			rows = case when exchange_file.state = 'processed' or excluded.rows = 0 then exchange_file.rows else excluded.rows end
			where exchange_file.direction = 'in'
		returning no, state, state <> 'processed' and reason = $9 and exists (
			select from file_decision d where d.file = exchange_file.no and d.what = 'quarantine' and d.closed_at is null)`,
		f.Partner, string(f.Kind), f.Date, f.Seq, rollout, batch, rows, l.now(), string(card.ReasonFileHeld)).Scan(&no, &state, &held)
	if isNoRows(err) {
		return 0, false, card.Refuse("take a file in", card.Finding{Reason: card.ReasonFileName, Found: "a name of the hub's own files"})
	}
	if held {
		err = card.E(card.Later, "apply "+f.Name(), card.ReasonFileHeld, nil)
	}
	return no, state == stateProcessed, err
}

// NewFiles keeps of the files those that have not been applied. One that was refused is among them: a better one may lie
// under its name by now.
func (l *Ledger) NewFiles(ctx context.Context, files []card.File) ([]card.File, error) {
	fresh := files[:0:0]
	for _, f := range files {
		state, err := l.fileState(ctx, f)
		if err != nil {
			return nil, err
		}
		if state != stateProcessed {
			fresh = append(fresh, f)
		}
	}
	return fresh, nil
}

// Processed says whether a partner's file has been applied.
func (l *Ledger) Processed(ctx context.Context, f card.File) (bool, error) {
	state, err := l.fileState(ctx, f)
	return state == stateProcessed, err
}

func (l *Ledger) fileState(ctx context.Context, f card.File) (string, error) {
	var state string
	err := l.pool.QueryRow(ctx, `
		select state from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4`,
		f.Partner, string(f.Kind), f.Date, f.Seq).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return state, fault("look a file up", err)
}
