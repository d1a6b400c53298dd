package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// AnswerFault is what the hub found wrong with the files of a partner, of one kind.
type AnswerFault struct {
	Partner string        `json:"partner"`
	Kind    card.FileKind `json:"kind"`
	Reason  card.Reason   `json:"reason"`
	Whole   bool          `json:"whole"` // about whole files; else about rows of them
	Count   int           `json:"count"` // of files or rows
}

// AnswerFaults counts what was wrong with all files that came.
func (l *Ledger) AnswerFaults(ctx context.Context) ([]AnswerFault, error) {
	rows, err := l.pool.Query(ctx, `
		select f.partner, f.kind, c.reason, c.n = 0, count(*) from exchange_file f join file_check c on c.file = f.no
		where f.direction = 'in' and c.reason <> '' group by 1, 2, 3, 4 order by 1, 2, 3, 4`)
	if err != nil {
		return nil, fault("count what was wrong with the files", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AnswerFault])
	return all, fault("count what was wrong with the files", err)
}

// Pace is a number that changes whenever anything happens to the rollout: a file, a row, a decision.
func (l *Ledger) Pace(ctx context.Context, id card.RolloutID) (n int64, err error) {
	err = l.pool.QueryRow(ctx, `
		select (select coalesce(max(e.id), 0) from rollout_event e where e.rollout = r.no)
			+ (select count(*) + count(confirmed_at) + count(processed_at) + count(quarantined_at) + count(written_at) from exchange_file)
			+ (select count(*) + count(*) filter (where b.step <> '') + count(finished_at) from batch b where b.rollout = r.no)
		from rollout r where r.id = $1`, string(id)).Scan(&n)
	return n, fault("look how far the rollout is", err)
}
