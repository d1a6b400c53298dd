package postgres

import (
	"context"
	"encoding/hex"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// Evidence reads all that proves a subsidy rollout, as it stood at one instant. It is for use by one goroutine, one reading after
// the other. People appear in it by their blind indexes only.
type Evidence struct {
	l  *Ledger
	tx pgx.Tx
	no int32
	id card.RolloutID
}

// ReadEvidence hands read the evidence of a subsidy rollout; everything that read reads of it is of the same instant.
func (l *Ledger) ReadEvidence(ctx context.Context, id card.RolloutID, read func(*Evidence) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return fault("read the evidence", pgx.BeginTxFunc(ctx, l.pool, options, func(tx pgx.Tx) error {
		e := &Evidence{l: l, tx: tx, id: id}
		var kind string
		err := tx.QueryRow(ctx, "select no, kind from rollout where id = $1", string(id)).Scan(&e.no, &kind)
		if isNoRows(err) || err == nil && kind != KindSubsidy {
			return card.E(card.NotFound, "find the subsidy rollout "+string(id), card.ReasonNoSuchRollout, nil)
		}
		if err != nil {
			return err
		}
		return read(e)
	}))
}

// EvidenceRollout is what a rollout was and who decided about it. Hashes are in hex.
type EvidenceRollout struct {
	ID           card.RolloutID  `json:"id"`
	Name         string          `json:"name"`
	Status       string          `json:"status"`
	Programme    string          `json:"programme"`
	Period       string          `json:"period"`
	Roster       string          `json:"roster"`
	RosterSM3    string          `json:"roster_sm3"`
	DeclaredRows int             `json:"declared_rows"`
	DeclaredFen  int64           `json:"declared_fen"`
	Rows         int             `json:"rows"`
	Fen          int64           `json:"fen"`
	RefusedRows  int             `json:"refused_rows"` // at intake
	RefusedFen   int64           `json:"refused_fen"`
	ContentHash  string          `json:"content_hash"`
	MadeBy       string          `json:"made_by"`
	MadeAt       time.Time       `json:"made_at"`
	SubmittedBy  string          `json:"submitted_by"`
	SubmittedAt  *time.Time      `json:"submitted_at"`
	NoticeUntil  *time.Time      `json:"notice_until"`
	StartedAt    *time.Time      `json:"started_at"`
	FinishedAt   *time.Time      `json:"finished_at"`
	Batches      []EvidenceBatch `json:"batches"`
	Head         EvidenceHead    `json:"audit_head"`
	Rules        string          `json:"-"` // the text that is hashed with the batches
}

// EvidenceHead is where the audit chain ends. Hash is in hex.
type EvidenceHead struct {
	No   int64  `json:"no"`
	Hash string `json:"hash"`
}

// EvidenceBatch is a batch of it.
type EvidenceBatch struct {
	Number int    `json:"number"`
	City   string `json:"city"`
	Bank   string `json:"bank"`
	Kind   string `json:"kind"`
	Status string `json:"status"`
	Rows   int    `json:"rows"`
	Fen    int64  `json:"fen"`
	Hash   string `json:"hash"`
}

// Rollout reads the rollout and its batches.
func (e *Evidence) Rollout(ctx context.Context) (r EvidenceRollout, err error) {
	err = e.tx.QueryRow(ctx, `
		select r.id, r.name, r.status, p.programme, p.period, r.roster, encode(r.roster_sm3, 'hex'), p.declared_rows, p.declared_fen, r.rows, p.fen, r.refused,
			p.refused_fen, coalesce(encode(r.content_hash, 'hex'), ''), r.made_by, r.made_at, coalesce(r.submitted_by, ''), r.submitted_at, p.notice_until,
			r.started_at, r.finished_at, p.programme || ' ' || p.period || ' ' || p.rules::text,
			(select no from audit order by no desc limit 1), (select encode(hash, 'hex') from audit order by no desc limit 1)
		from rollout r join payout p on p.rollout = r.no where r.no = $1`, e.no).Scan(
		&r.ID, &r.Name, &r.Status, &r.Programme, &r.Period, &r.Roster, &r.RosterSM3, &r.DeclaredRows, &r.DeclaredFen, &r.Rows, &r.Fen, &r.RefusedRows,
		&r.RefusedFen, &r.ContentHash, &r.MadeBy, &r.MadeAt, &r.SubmittedBy, &r.SubmittedAt, &r.NoticeUntil, &r.StartedAt, &r.FinishedAt, &r.Rules, &r.Head.No, &r.Head.Hash)
	if err != nil {
		return r, err
	}
	r.Batches, err = collect[EvidenceBatch](ctx, e.tx, `
		select number, to_char(city, 'FM000000'), to_char(bank, 'FM000'), kind, status, rows, coalesce(fen, 0), coalesce(encode(hash, 'hex'), '')
		from batch where rollout = $1 order by number`, e.no)
	return r, err
}

// EvidenceApproval is a signed approval and the approver's key as it stands now. Hash, signature (SM2, ASN.1) and key
// (uncompressed point) are in hex.
type EvidenceApproval struct {
	By        string    `json:"by"`
	Role      card.Role `json:"role"`
	Hash      string    `json:"hash"`
	At        time.Time `json:"at"`
	Signature string    `json:"signature"`
	PublicKey string    `json:"public_key"`
}

// Approvals reads the approvals, oldest first.
func (e *Evidence) Approvals(ctx context.Context) ([]EvidenceApproval, error) {
	return collect[EvidenceApproval](ctx, e.tx, `
		select a.by_whom, a.role, encode(a.hash, 'hex'), a.at, encode(a.signature, 'hex'), coalesce(encode(k.public_key, 'hex'), '')
		from approval a left join approver k on k.name = a.by_whom and k.role = a.role where a.rollout = $1 order by a.at`, e.no)
}

// EvidenceRow is one payment and where it stands. Person is a blind index in hex.
type EvidenceRow struct {
	Batch   int         `json:"batch"`
	Row     int         `json:"row"`
	Version int         `json:"version"` // from 1; a payment that follows another is its next version
	Bank    string      `json:"bank"`
	Card    string      `json:"card"`
	Person  string      `json:"person"`
	Fen     int64       `json:"fen"`
	Status  string      `json:"status"` // code of card.PayStatus
	Reason  card.Reason `json:"reason,omitempty"`
	Order   string      `json:"instruction,omitempty"` // of a payment that was sent
	Out     string      `json:"out,omitempty"`         // the file that carried it to the bank
	In      string      `json:"in,omitempty"`          // the file that told what became of it
}

// Rows reads the payments by batch and row.
func (e *Evidence) Rows(ctx context.Context) iter.Seq2[EvidenceRow, error] {
	return func(yield func(EvidenceRow, error) bool) { finish(e.rows(ctx, yield), yield) }
}

func (e *Evidence) rows(ctx context.Context, yield func(EvidenceRow, error) bool) error {
	rows, err := e.tx.Query(ctx, `
		select i.batch, r.row_no, r.version, to_char(r.bank, 'FM000'), r.card_no, r.person, r.fen, i.status, coalesce(i.reason, ''),
			case when i.status between $2 and $3 then coalesce(`+nameOf("o")+`, '') else '' end, coalesce(`+nameOf("f")+`, '')
		from `+rowsOfRollout+`
		left join exchange_file o on o.rollout = i.rollout and o.batch = i.batch and o.kind = 'PAYREQ' and o.direction = 'out' and o.replaced_by is null
		left join exchange_file f on f.no = i.file
		order by i.batch, i.row_no`, e.no, card.PayReleased, card.PayReturned)
	if err != nil {
		return err
	}
	var r EvidenceRow
	var person pgtype.DriverBytes
	var status card.PayStatus
	_, err = pgx.ForEachRow(rows, []any{&r.Batch, &r.Row, &r.Version, &r.Bank, &r.Card, &person, &r.Fen, &status, &r.Reason, &r.Out, &r.In}, func() error {
		r.Person, r.Status, r.Order = hex.EncodeToString(person), status.Name().Code, ""
		if r.Out != "" {
			r.Order = card.NewInstruction(e.id, r.Row, r.Version)
		}
		return proceed(yield(r, nil))
	})
	return err
}

// EvidenceRefusal is a row that was refused when the roster was taken in.
type EvidenceRefusal struct {
	Row     int      `json:"row"`
	Bank    string   `json:"bank,omitempty"`
	Fen     int64    `json:"fen"`
	Person  string   `json:"person,omitempty"`
	Reasons []string `json:"reasons"`
}

// Refusals reads the rows that were refused at intake.
func (e *Evidence) Refusals(ctx context.Context) iter.Seq2[EvidenceRefusal, error] {
	return scanAll[EvidenceRefusal](ctx, e.tx, `
		select row_no, case when bank = 0 then '' else to_char(bank, 'FM000') end, fen, coalesce(encode(person, 'hex'), ''), reasons
		from roster_refusal where rollout = $1 order by row_no`, e.no)
}

// scanAll streams the rows of a query, whose columns are the fields of T.
func scanAll[T any](ctx context.Context, q querier, sql string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		rows, err := q.Query(ctx, sql, args...)
		if err != nil {
			finish(err, yield)
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := pgx.RowToStructByPos[T](rows)
			if err != nil || !yield(row, nil) {
				finish(err, yield)
				return
			}
		}
		finish(rows.Err(), yield)
	}
}

// Files reads the files of the rollout, out and in, and those of other days that told of its payments, in their order.
func (e *Evidence) Files(ctx context.Context) ([]FileRecord, error) {
	rows, err := e.tx.Query(ctx, selectFiles()+`
		where f.rollout = $1 or f.no in (select distinct i.file from `+itemsOfRollout+` where i.file is not null) order by f.no`, e.no)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRecord)
}

// EvidenceLine is a line of the audit chain; Hash is in hex.
type EvidenceLine struct {
	No      int64     `json:"no"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail"`
	Hash    string    `json:"hash"`
}

// Audit reads the hub's audit chain from its first line: a chain can be followed only whole.
func (e *Evidence) Audit(ctx context.Context) iter.Seq2[EvidenceLine, error] {
	return scanAll[EvidenceLine](ctx, e.tx, "select no, at, who, action, subject, detail, encode(hash, 'hex') from audit order by no")
}

// Traces reads what events of cards and accounts did to payments.
func (e *Evidence) Traces(ctx context.Context) iter.Seq2[PayTrace, error] {
	return scanAll[PayTrace](ctx, e.tx, selectTraces+"where rollout = $1 order by row_no, id", e.no)
}

// Follows reads which payments make good for others, and which others make good for these.
func (e *Evidence) Follows(ctx context.Context) iter.Seq2[PayFollow, error] {
	return scanAll[PayFollow](ctx, e.tx, selectFollows+"where f.rollout = $1 or f.of_rollout = $1 order by 2, 4", e.no)
}
