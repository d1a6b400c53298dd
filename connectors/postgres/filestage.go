package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// The states of a file that a step may rely on.
const (
	stateReserved    = "reserved"
	stateProcessed   = "processed"
	stateQuarantined = "quarantined"
)

// byNobody stands for who has taken a file of ours that lies nowhere any more.
const byNobody = "gone"

func isNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// lockSequence makes those wait who want the next number of the same partner, kind and date.
func lockSequence(ctx context.Context, tx pgx.Tx, f card.File) error {
	return inTurn(ctx, tx, f.Partner+"/"+string(f.Kind)+"/"+f.Date)
}

// confirmSent records a proof; its arguments are sentArgs.
const confirmSent = `
	update exchange_file set state = case state when 'reserved' then 'confirmed' else state end, layout = $5, rows = $6, size = $7,
		total_fen = $8, sm3 = $9, confirmed_at = $10, written_at = coalesce(written_at, $10), size_only = $11
	where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out'`

func sentArgs(f card.File, p card.Proof) []any {
	return []any{f.Partner, string(f.Kind), f.Date, f.Seq, p.Layout, p.Rows, p.Size, p.TotalFen, p.SM3, p.ConfirmedAt, p.SizeOnly}
}

// FileWritten records that a file of ours is in the archive as m says, before anything of it leaves. A file that is confirmed
// stays as it was proved. One that the ledger has not named may not leave: the error is then Internal.
func (l *Ledger) FileWritten(ctx context.Context, f card.File, m card.Manifest) error {
	return l.tx(ctx, "record a written file", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			update exchange_file set written_at = coalesce(written_at, $5), layout = case state when 'reserved' then $6 else layout end,
				rows = case state when 'reserved' then $7 else rows end, size = case state when 'reserved' then $8 else size end,
				total_fen = case state when 'reserved' then $9 else total_fen end, sm3 = case state when 'reserved' then $10 else sm3 end
			where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out'`,
			f.Partner, string(f.Kind), f.Date, f.Seq, l.now(), m.Layout, m.Rows, m.Size, m.TotalFen, m.SM3)
		if err == nil && done.RowsAffected() == 0 {
			err = card.E(card.Internal, "record that "+f.Name()+" is written", card.ReasonNoSuchFile, nil)
		}
		return err
	})
}

// UntakenFiles returns our files that are proved to be at a partner of which it is not known that the partner has taken them.
func (l *Ledger) UntakenFiles(ctx context.Context, partner string) ([]card.File, error) {
	rows, err := l.pool.Query(ctx, `
		select partner, kind, business_date, sequence from exchange_file
		where partner = $1 and direction = 'out' and confirmed_at is not null and acknowledged_at is null and withdrawn_at is null
		order by no`, partner)
	if err != nil {
		return nil, fault("find the files that were not taken", err)
	}
	files, err := pgx.CollectRows(rows, scanFile)
	return files, fault("find the files that were not taken", err)
}

func scanFile(r pgx.CollectableRow) (f card.File, err error) {
	err = r.Scan(&f.Partner, &f.Kind, &f.Date, &f.Seq)
	return f, err
}

// FileTaken records that the partner has taken a file of ours: it moved it to done/. One that is gone lies nowhere any more:
// the partner may have done anything with it.
func (l *Ledger) FileTaken(ctx context.Context, f card.File, gone bool) error {
	by, reason := "done", ""
	if gone {
		by, reason = byNobody, string(card.ReasonFileVanished)
	}
	_, err := l.pool.Exec(ctx, `
		update exchange_file set acknowledged_at = $5, acknowledged_by = $6, reason = $7
		where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out' and acknowledged_at is null`,
		f.Partner, string(f.Kind), f.Date, f.Seq, l.now(), by, reason)
	return fault("record that a file was taken", err)
}

// FileRefusedThere records that the partner refused a file of ours, for its reason. The batch goes on waiting: people send the
// file again when the cause is mended. A file that has been answered cannot be refused any more.
func (l *Ledger) FileRefusedThere(ctx context.Context, f card.File, reason card.Reason) error {
	return l.tx(ctx, "record a partner's refusal", func(tx pgx.Tx) error {
		var rollout, batch *int32
		err := tx.QueryRow(ctx, `
			update exchange_file set state = 'quarantined', reason = $5, quarantined_at = $6, acknowledged_at = coalesce(acknowledged_at, $6),
				acknowledged_by = case acknowledged_by when '' then 'notice' else acknowledged_by end
			where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'out' and processed_at is null
				and confirmed_at is not null and state <> 'quarantined' and acknowledged_by <> 'answer' returning rollout, batch`,
			f.Partner, string(f.Kind), f.Date, f.Seq, string(reason), l.now()).Scan(&rollout, &batch)
		if isNoRows(err) {
			return nil
		}
		if err != nil || rollout == nil || batch == nil {
			return err
		}
		return l.tell(ctx, tx, *rollout, event{Batch: batch, What: EventFileRefusedThere, Key: EventFileRefusedThere + "/" + f.Name(),
			Args: map[string]any{"file": f.Name(), "reason": string(reason), "partner": f.Partner}})
	})
}
