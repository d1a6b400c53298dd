package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// FileJoined records that a file which came by hand was put into the archive and checked, by whom and why. fresh is false
// when that was recorded of these bytes before; then nothing is changed.
func (l *Ledger) FileJoined(ctx context.Context, f card.File, d card.Decision) (fresh bool, err error) {
	err = l.tx(ctx, "record a file that came by hand", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if fresh, err = l.rejoined(ctx, tx, r, d); err != nil || !fresh {
			return err
		}
		if _, err := tx.Exec(ctx, "update exchange_file set joined_at = $2 where no = $1", r.no, l.now()); err != nil {
			return err
		}
		return l.decideFile(ctx, tx, r, "rejoin", d, d.Note+", sm3 "+r.sm3)
	})
	return fresh, err
}

// rejoined keeps the decision, once for the same bytes.
func (l *Ledger) rejoined(ctx context.Context, tx pgx.Tx, r fileLock, d card.Decision) (fresh bool, err error) {
	done, err := tx.Exec(ctx, `
		insert into file_decision (file, what, sm3, reason, by_whom, at, closed_at)
		select $1, 'rejoin', $2, $3, $4, $5, $5 where not exists (select from file_decision where file = $1 and what = 'rejoin' and sm3 = $2)`,
		r.no, r.sm3, d.Note, d.By, l.now())
	return done.RowsAffected() == 1, err
}

// JoinedFiles returns the partner's files of a kind that are not applied and need not lie at the partner, oldest first: they
// came by hand, or were released. One that only waits for another before it is among them.
func (l *Ledger) JoinedFiles(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error) {
	rows, err := l.pool.Query(ctx, `
		select partner, kind, business_date, sequence from exchange_file f
		where partner = $1 and kind = $2 and direction = 'in' and processed_at is null and (state <> 'quarantined' or reason = $3)
		and (joined_at is not null or exists (select from file_decision d
			where d.file = f.no and d.what = 'release' and d.second is not null and d.sm3 = f.sm3 and d.sm3 <> ''))
		order by business_date, sequence`, partner, string(kind), string(card.ReasonFileSequenceGap))
	if err != nil {
		return nil, fault("find the files that came by hand", err)
	}
	files, err := pgx.CollectRows(rows, scanFile)
	return files, fault("find the files that came by hand", err)
}

// FileDelivered records that a file of ours was brought to its partner by hand, by whom and how: the batch goes on as if the
// exchange had proved it, and waits for the answer until then. carried are the rows that stand in the file; those of the batch
// that do not end as if the exchange had told that the file cannot carry them. fresh is false when the partner is known to have it already;
// then nothing is changed. The error is Conflict when the file was withdrawn or its batch has ended.
func (l *Ledger) FileDelivered(ctx context.Context, f card.File, carried []int64, until time.Time, d card.Decision) (fresh bool, err error) {
	r, err := l.FindFile(ctx, f)
	if err != nil {
		return false, err
	}
	if err := r.deliverable(); err != nil || r.known() {
		return false, err
	}
	if r.Confirmed == nil {
		if err := l.confirmDelivered(ctx, r, carried, until); err != nil {
			return false, err
		}
	}
	err = l.tx(ctx, "record a delivery by hand", func(tx pgx.Tx) error {
		r, err := lockFile(ctx, tx, f)
		if err != nil {
			return err
		}
		if fresh, err = l.rejoined(ctx, tx, r, d); err != nil || !fresh {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update exchange_file set joined_at = $2, acknowledged_at = $2, acknowledged_by = 'hand', reason = '' where no = $1 and processed_at is null`,
			r.no, l.now()); err != nil {
			return err
		}
		return l.decideFile(ctx, tx, r, "deliver", d, d.Note+", sm3 "+r.sm3)
	})
	return fresh, err
}

func (r FileRecord) deliverable() error {
	switch {
	case r.Direction != "out":
		return card.E(card.Conflict, "record that "+r.Name+" was brought to its partner: it is the partner's own", card.ReasonWrongState, nil)
	case r.Withdrawn != nil || r.ReplacedBy != "":
		return card.E(card.Conflict, "record that "+r.Name+" was brought to its partner: it was withdrawn", card.ReasonWrongState, nil)
	case r.Quarantined != nil && r.Processed == nil:
		return card.E(card.Conflict, "record that "+r.Name+" was brought to its partner, which refused it", card.ReasonFileRefusedThere, nil)
	case r.Written == nil:
		return card.E(card.Conflict, "record that "+r.Name+" was brought to its partner: it is not written yet", card.ReasonWrongState, nil)
	}
	return nil
}

// known says whether the partner is known to have the file.
func (r FileRecord) known() bool {
	return r.Processed != nil || r.AcknowledgedBy != "" && r.AcknowledgedBy != byNobody
}

// confirmDelivered is the proof of a file that nobody can read back: its bytes are those in the archive.
func (l *Ledger) confirmDelivered(ctx context.Context, r FileRecord, carried []int64, until time.Time) error {
	proof := card.Proof{RemoteSize: r.Size, ConfirmedAt: l.now(), SizeOnly: true, Manifest: card.Manifest{
		Name: r.Name, Layout: r.Layout, Date: r.Date, Sequence: r.Sequence, Size: r.Size, Rows: r.Rows, TotalFen: r.TotalFen, SM3: r.SM3}}
	if r.Kind == card.Receipt {
		return l.ReceiptSent(ctx, r.File(), proof)
	}
	b, err := card.ParseBatchID(r.Batch)
	if err != nil {
		return card.E(card.Conflict, "record that "+r.Name+" was brought to its partner: no batch sends it", card.ReasonWrongState, err)
	}
	s, err := l.scope(ctx, l.pool, b)
	if err != nil {
		return err
	}
	if err := mayGo(ctx, l.pool, r.File(), s); err != nil {
		return fault("look at the batch", err)
	}
	if proof.Refused, err = l.notCarried(ctx, s, r.Kind, carried); err != nil {
		return err
	}
	return l.ConfirmFile(ctx, b, r.File(), proof, until)
}

// notCarried are the rows of a batch that a file of this kind should carry and does not.
func (l *Ledger) notCarried(ctx context.Context, s scope, kind card.FileKind, carried []int64) ([]card.Finding, error) {
	end, ok := leftOut[kind]
	if !ok {
		return nil, nil
	}
	rows, err := l.pool.Query(ctx, `
		select row_no from issuance_item where city = $1 and rollout = $2 and batch = $3 and status = $4 and reason is null and row_no <> all($5)
		order by row_no`, s.args(end.from, carried)...)
	if err != nil {
		return nil, fault("find the rows that a file does not carry", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (card.Finding, error) {
		f := card.Finding{Reason: card.ReasonFieldCharacters} // what a layout cannot carry is a character, most of all
		return f, row.Scan(&f.Ref)
	})
	return out, fault("find the rows that a file does not carry", err)
}

// mayGo says whether files of a batch may leave now: its rollout runs, and nothing has ended or frozen it.
func mayGo(ctx context.Context, q querier, f card.File, s scope) error {
	var goes bool
	err := q.QueryRow(ctx, `
		select r.status = $3 and b.status not in ($4, $5, $6) from batch b join rollout r on r.no = b.rollout where b.rollout = $1 and b.number = $2`,
		s.rollout, s.batch, card.RolloutRunning, card.BatchFrozen, card.BatchDone, card.BatchCancelled).Scan(&goes)
	if err == nil && !goes {
		err = card.E(card.Conflict, "send "+f.Name()+" of a batch that is not running", card.ReasonWrongState, nil)
	}
	return err
}
