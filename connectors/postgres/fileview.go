package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// stageOf is the SQL of a file's stage, read off the times of exchange_file f. A file that we send passes reserved, written,
// confirmed, acknowledged and processed, one that comes passes seen, confirmed, processed and acknowledged; either may end
// quarantined, and ours withdrawn.
const stageOf = `case
	when f.withdrawn_at is not null or f.replaced_by is not null then 'withdrawn'
	when f.state = 'quarantined' then 'quarantined'
	when f.direction = 'in' and f.acknowledged_at is not null then 'acknowledged'
	when f.processed_at is not null then 'processed'
	when f.acknowledged_at is not null then 'acknowledged'
	when f.confirmed_at is not null and f.state <> 'reserved' then 'confirmed'
	when f.written_at is not null then 'written'
	when f.direction = 'in' then 'seen'
	else 'reserved' end`

// FileStages are the stages of files, in no order.
func FileStages() []string {
	return []string{"reserved", "written", "seen", "confirmed", "acknowledged", "processed", "quarantined", "withdrawn"}
}

// FileRecord is all that the ledger knows of a file. Times that have not come are nil.
type FileRecord struct {
	Name      string         `json:"name"`
	Called    string         `json:"called,omitempty"` // the shape of a name that is none of the exchange
	Partner   string         `json:"partner"`
	Kind      card.FileKind  `json:"kind"`
	Date      string         `json:"date"`
	Sequence  int            `json:"sequence"`
	Direction string         `json:"direction"` // out, in
	Stage     string         `json:"stage"`
	Reason    card.Reason    `json:"reason,omitempty"` // why it is quarantined
	Rollout   card.RolloutID `json:"rollout,omitempty"`
	Batch     string         `json:"batch,omitempty"`
	Round     int            `json:"round,omitempty"`
	Layout    string         `json:"layout,omitempty"`
	Rows      int            `json:"rows"`
	Size      int64          `json:"size"`
	TotalFen  int64          `json:"total_fen"`
	SM3       string         `json:"sm3,omitempty"`
	SizeOnly  bool           `json:"size_only,omitempty"` // out: proved by name and size, for nobody may read there what we wrote

	Reserved       time.Time  `json:"reserved_at"` // out: named; in: seen for the first time
	Written        *time.Time `json:"written_at,omitempty"`
	Confirmed      *time.Time `json:"confirmed_at,omitempty"`
	Acknowledged   *time.Time `json:"acknowledged_at,omitempty"`
	AcknowledgedBy string     `json:"acknowledged_by,omitempty"` // done, answer, notice, receipt
	Processed      *time.Time `json:"processed_at,omitempty"`
	Quarantined    *time.Time `json:"quarantined_at,omitempty"`
	Due            *time.Time `json:"due_at,omitempty"`
	Joined         *time.Time `json:"joined_at,omitempty"`
	Withdrawn      *time.Time `json:"withdrawn_at,omitempty"`

	Answers    string `json:"answers,omitempty"`     // the file that it answers
	AnsweredBy string `json:"answered_by,omitempty"` // the file that answers it, if it has come
	ReplacedBy string `json:"replaced_by,omitempty"`
	Replaces   string `json:"replaces,omitempty"`
	TakenAs    string `json:"taken_as,omitempty"` // of a stray: the right name, under which somebody put it in
}

// File returns the file's identity.
func (r FileRecord) File() card.File {
	return card.File{Partner: r.Partner, Kind: r.Kind, Date: r.Date, Seq: r.Sequence}
}

// nameOf is the SQL of a file's name.
func nameOf(alias string) string {
	return fmt.Sprintf("%[1]s.partner || '_' || %[1]s.kind || '_' || %[1]s.business_date || '_' || to_char(%[1]s.sequence, 'FM000000') || '.txt'", alias)
}

// selectFiles is the query of file records; the request and the answer of a file have its partner, date and sequence.
func selectFiles() string {
	return `select ` + nameOf("f") + `, f.called, f.partner, f.kind, f.business_date, f.sequence, f.direction, ` + stageOf + `, f.reason,
		coalesce(r.id, ''), coalesce(b.city, 0), coalesce(b.bank, 0), coalesce(f.batch, 0), f.round, f.layout, f.rows, f.size, f.total_fen, f.sm3, f.size_only,
		f.reserved_at, f.written_at, f.confirmed_at, f.acknowledged_at, f.acknowledged_by, f.processed_at, f.quarantined_at, f.due_at, f.joined_at,
		f.withdrawn_at, coalesce(` + nameOf("a") + `, ''), coalesce(` + nameOf("n") + `, ''), coalesce(` + nameOf("p") + `, ''), coalesce((select min(` + nameOf("t") + `)
			from exchange_file t join file_decision d on d.file = t.no and d.what = 'rejoin' and d.sm3 = f.sm3
			where f.kind = '` + string(KindStray) + `' and f.sm3 <> '' and t.partner = f.partner and t.direction = 'in' and t.no <> f.no), '')
	from exchange_file f left join rollout r on r.no = f.rollout left join batch b on b.rollout = f.rollout and b.number = f.batch
	left join exchange_file a on a.no = f.answers left join exchange_file n on n.no = f.replaced_by left join exchange_file p on p.replaced_by = f.no `
}

func scanRecord(row pgx.CollectableRow) (FileRecord, error) {
	var f FileRecord
	var city, bank, batch int
	err := row.Scan(&f.Name, &f.Called, &f.Partner, &f.Kind, &f.Date, &f.Sequence, &f.Direction, &f.Stage, &f.Reason,
		&f.Rollout, &city, &bank, &batch, &f.Round, &f.Layout, &f.Rows, &f.Size, &f.TotalFen, &f.SM3, &f.SizeOnly,
		&f.Reserved, &f.Written, &f.Confirmed, &f.Acknowledged, &f.AcknowledgedBy, &f.Processed, &f.Quarantined, &f.Due, &f.Joined,
		&f.Withdrawn, &f.Answers, &f.ReplacedBy, &f.Replaces, &f.TakenAs)
	if batch > 0 {
		f.Batch = batchID(f.Rollout, city, bank, batch).String()
	}
	if request := f.Kind.Request(); request != "" && f.Answers == "" {
		f.Answers = f.File().Answer(request).Name()
	}
	return f, err
}

// FileFilter picks files; empty fields pick all.
type FileFilter struct {
	Partner   string
	Direction string // in, out
	Kind      string
	Date      string // YYYYMMDD
	Stage     string // one of FileStages
	Rollout   card.RolloutID
	Since     time.Time // named or seen then or later
	Limit     int       // at most so many; 0: 200
}

// FindFiles returns the files that a filter picks, the newest first.
func (l *Ledger) FindFiles(ctx context.Context, by FileFilter) ([]FileRecord, error) {
	if by.Limit <= 0 {
		by.Limit = 200
	}
	rows, err := l.pool.Query(ctx, selectFiles()+`
		where ($1 = '' or f.partner = $1) and ($2 = '' or f.kind = $2) and ($3 = '' or f.business_date = $3) and ($4 = '' or `+stageOf+` = $4)
		and ($6 = '' or f.direction = $6) and ($7 = '' or r.id = $7) and f.reserved_at >= $8
		order by f.no desc limit $5`, by.Partner, by.Kind, by.Date, by.Stage, by.Limit, by.Direction, string(by.Rollout), by.Since)
	if err != nil {
		return nil, fault("list the files", err)
	}
	files, err := pgx.CollectRows(rows, scanRecord)
	return files, fault("list the files", err)
}

// FindFile returns what is known of a file; the error is NotFound with NO_SUCH_FILE when nothing is.
func (l *Ledger) FindFile(ctx context.Context, f card.File) (FileRecord, error) {
	rows, err := l.pool.Query(ctx, selectFiles()+"where f.partner = $1 and f.kind = $2 and f.business_date = $3 and f.sequence = $4",
		f.Partner, string(f.Kind), f.Date, f.Seq)
	if err != nil {
		return FileRecord{}, fault("find a file", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRecord)
	if isNoRows(err) {
		return r, card.E(card.NotFound, "find "+f.Name(), card.ReasonNoSuchFile, nil)
	}
	if err != nil {
		return r, fault("find a file", err)
	}
	return r, l.findAnswer(ctx, &r)
}

func (l *Ledger) findAnswer(ctx context.Context, r *FileRecord) error {
	answer := r.Kind.Answer()
	if answer == "" {
		return nil
	}
	var came bool
	err := l.pool.QueryRow(ctx, `
		select exists (select from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4 and direction = 'in')`,
		r.Partner, string(answer), r.Date, r.Sequence).Scan(&came)
	if came {
		r.AnsweredBy = r.File().Answer(answer).Name()
	}
	return fault("find the answer to a file", err)
}
