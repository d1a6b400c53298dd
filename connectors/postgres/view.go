package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// View is a rollout as its people see it: what `rollout show -o json` prints.
type View struct {
	ID          card.RolloutID     `json:"id"`
	Kind        string             `json:"kind"`
	Name        string             `json:"name"`
	Status      card.RolloutStatus `json:"status"`
	Note        string             `json:"note,omitempty"` // why it stands there, as a reason code
	AsOf        time.Time          `json:"as_of"`
	Roster      string             `json:"roster"`
	MadeBy      string             `json:"made_by"`
	SubmittedBy string             `json:"submitted_by,omitempty"`
	ApprovedBy  []string           `json:"approved_by,omitempty"`
	ContentHash string             `json:"content_hash,omitempty"` // SM3, hex
	StartedAt   *time.Time         `json:"started_at,omitempty"`
	FinishedAt  *time.Time         `json:"finished_at,omitempty"`
	Counts      Counts             `json:"counts"`
	Fen         *Fen               `json:"fen,omitempty"`    // of a subsidy rollout
	Payout      *Payout            `json:"payout,omitempty"` // of a subsidy rollout
	Batches     []BatchView        `json:"batches"`
	Waiting     []Waiting          `json:"waiting"`
	Invariants  []Invariant        `json:"invariants"`
}

// BatchView is one batch of a rollout.
type BatchView struct {
	ID         string           `json:"id"`
	City       string           `json:"city"`
	Bank       string           `json:"bank"`
	Kind       card.BatchKind   `json:"kind"`
	Status     card.BatchStatus `json:"status"`
	Step       string           `json:"step"`
	Counts     Counts           `json:"counts"`
	Fen        *Fen             `json:"fen,omitempty"` // of payments
	WorkflowID string           `json:"workflow_id"`   // left to whoever knows the workflows
	StartedAt  *time.Time       `json:"started_at,omitempty"`
	FinishedAt *time.Time       `json:"finished_at,omitempty"`
}

// What is waited for when it is no partner's file.
const (
	WaitPublic = "public" // whom: everybody who may object
	WaitNotice = "NOTICE" // what: the end of the public notice
)

// Waiting tells who is being waited for, for what and until when. Without a batch it is the whole rollout that waits.
type Waiting struct {
	Batch   string    `json:"batch,omitempty"`
	For     string    `json:"for"`
	What    string    `json:"what"`
	Until   time.Time `json:"until"`
	Overdue bool      `json:"overdue"`
}

// Show returns the rollout from the counts that its batches keep. Invariants are told only when check is set: of cards counted from
// every row, of payments from the rows of the batches that have moved on since they were last counted. Invariants counts all anew.
func (l *Ledger) Show(ctx context.Context, id card.RolloutID, check bool) (View, error) {
	v := View{ID: id, AsOf: l.now().UTC().Truncate(time.Millisecond), Batches: []BatchView{}, Waiting: []Waiting{}, Invariants: []Invariant{}}
	var no int32
	var refused int
	err := l.pool.QueryRow(ctx, `
		select no, kind, name, status, note, roster, made_by, coalesce(submitted_by, ''), coalesce(encode(content_hash, 'hex'), ''), started_at, finished_at, refused,
			array(select by_whom from approval a where a.rollout = no order by at)
		from rollout where id = $1`, string(id)).Scan(&no, &v.Kind, &v.Name, &v.Status, &v.Note, &v.Roster, &v.MadeBy, &v.SubmittedBy,
		&v.ContentHash, &v.StartedAt, &v.FinishedAt, &refused, &v.ApprovedBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, card.E(card.NotFound, "show rollout "+string(id), card.ReasonNoSuchRollout, nil)
	}
	if err != nil {
		return v, fault("show the rollout", err)
	}
	v.Counts = Counts{Rows: refused, Refused: refused}
	if err := l.showBatches(ctx, no, &v); err != nil {
		return v, fault("show the rollout", err)
	}
	if v.Kind == KindSubsidy {
		if err := l.showPayout(ctx, no, &v); err != nil {
			return v, fault("show the payments", err)
		}
	}
	if check {
		v.Invariants, err = l.invariants(ctx, id, l.countMovedPayments)
	}
	return v, err
}

func (l *Ledger) showBatches(ctx context.Context, no int32, v *View) error {
	rows, err := l.pool.Query(ctx, `
		select number, city, bank, kind, status, step, rows, case when fen is null then counts else '{}' end, coalesce(waiting_for, ''), coalesce(waiting_what, ''), coalesce(waiting_until, now()),
			started_at, finished_at
		from batch where rollout = $1 order by number`, no)
	if err != nil {
		return err
	}
	var (
		number, city, bank, planned int
		b                           BatchView
		w                           Waiting
	)
	_, err = pgx.ForEachRow(rows, []any{&number, &city, &bank, &b.Kind, &b.Status, &b.Step, &planned, &b.Counts, &w.For, &w.What, &w.Until, &b.StartedAt, &b.FinishedAt}, func() error {
		id := batchID(v.ID, city, bank, number)
		b.ID, b.City, b.Bank = id.String(), id.City, id.Bank
		if b.Counts == (Counts{}) { // not begun
			b.Counts = Counts{Rows: planned, Accepted: planned, Pending: planned}
		}
		v.Counts.Add(b.Counts)
		v.Batches = append(v.Batches, b)
		if w.For != "" {
			w.Batch, w.Overdue = b.ID, w.What != string(card.ReasonCutOff) && w.Until.Before(v.AsOf)
			v.Waiting = append(v.Waiting, w)
		}
		b.Counts = Counts{}
		return nil
	})
	return err
}

// List returns the rollouts, the newest first, without batches.
func (l *Ledger) List(ctx context.Context) ([]View, error) {
	rows, err := l.pool.Query(ctx, "select id, kind, name, status, made_by from rollout where kind <> $1 order by no desc limit 200", KindMatch)
	if err != nil {
		return nil, fault("list the rollouts", err)
	}
	views, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (View, error) {
		var v View
		err := r.Scan(&v.ID, &v.Kind, &v.Name, &v.Status, &v.MadeBy)
		return v, err
	})
	return views, fault("list the rollouts", err)
}
