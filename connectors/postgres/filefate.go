package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// FileVerdict is what the hub said about one edition of a partner's file, and the receipt that told it.
type FileVerdict struct {
	At        time.Time      `json:"at"`
	SM3       string         `json:"sm3,omitempty"`
	Outcome   card.Outcome   `json:"outcome"`
	Whole     card.Finding   `json:"whole"`
	Rows      []card.Finding `json:"rows,omitempty"` // that were refused
	Receipt   string         `json:"receipt,omitempty"`
	ReceiptAt *time.Time     `json:"receipt_at,omitempty"` // nil: it is owed
}

// FileVerdicts returns the verdicts about a file, oldest first.
func (l *Ledger) FileVerdicts(ctx context.Context, f card.File) ([]FileVerdict, error) {
	rows, err := l.pool.Query(ctx, `
		select v.file, v.no, v.at, v.sm3, v.outcome, v.receipt_at, coalesce(`+nameOf("r")+`, '')
		from exchange_file f join file_verdict v on v.file = f.no left join exchange_file r on r.answers = v.file and r.verdict = v.no
		where f.partner = $1 and f.kind = $2 and f.business_date = $3 and f.sequence = $4 order by v.no`, f.Partner, string(f.Kind), f.Date, f.Seq)
	if err != nil {
		return nil, fault("read the verdicts", err)
	}
	var debts []debt
	verdicts, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (FileVerdict, error) {
		var d debt
		var v FileVerdict
		err := r.Scan(&d.file, &d.no, &v.At, &v.SM3, &v.Outcome, &v.ReceiptAt, &v.Receipt)
		debts = append(debts, d)
		return v, err
	})
	if err != nil {
		return nil, fault("read the verdicts", err)
	}
	for i := range verdicts {
		var found card.Verdict
		if err := findings(ctx, l.pool, debts[i], &found); err != nil {
			return nil, fault("read the checks", err)
		}
		verdicts[i].Whole, verdicts[i].Rows = found.Whole, found.Rows
	}
	return verdicts, nil
}

// RowEvents is how many rows a file moved in one way.
type RowEvents struct {
	What string `json:"what"`
	Rows int    `json:"rows"`
}

// FileRowEvents counts what a file did to cards.
func (l *Ledger) FileRowEvents(ctx context.Context, f card.File) ([]RowEvents, error) {
	rows, err := l.pool.Query(ctx, `
		select e.what, count(*) from card_event e where e.file = (
			select no from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4)
		group by e.what order by e.what`, f.Partner, string(f.Kind), f.Date, f.Seq)
	if err != nil {
		return nil, fault("count the row events", err)
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByPos[RowEvents])
	return events, fault("count the row events", err)
}

// FileDecision is what somebody decided about a file.
type FileDecision struct {
	What     string     `json:"what"` // quarantine, release, reissue, rejoin
	SM3      string     `json:"sm3,omitempty"`
	Reason   string     `json:"reason"`
	By       string     `json:"by"`
	At       time.Time  `json:"at"`
	Second   string     `json:"second,omitempty"` // who confirmed it
	SecondAt *time.Time `json:"second_at,omitempty"`
	Agreed   string     `json:"second_reason,omitempty"` // why
	Closed   *time.Time `json:"closed_at,omitempty"`
}

// FileDecisions returns what people decided about a file, oldest first.
func (l *Ledger) FileDecisions(ctx context.Context, f card.File) ([]FileDecision, error) {
	rows, err := l.pool.Query(ctx, `
		select d.what, d.sm3, d.reason, d.by_whom, d.at, coalesce(d.second, ''), d.second_at, d.second_reason, d.closed_at
		from exchange_file f join file_decision d on d.file = f.no
		where f.partner = $1 and f.kind = $2 and f.business_date = $3 and f.sequence = $4 order by d.no`, f.Partner, string(f.Kind), f.Date, f.Seq)
	if err != nil {
		return nil, fault("read the decisions", err)
	}
	decisions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FileDecision])
	return decisions, fault("read the decisions", err)
}
