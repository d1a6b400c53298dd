package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// rolloutNo returns the number under which the tables keep the rollout.
func rolloutNo(ctx context.Context, q querier, id card.RolloutID) (int32, error) {
	var no int32
	err := q.QueryRow(ctx, "select no from rollout where id = $1", string(id)).Scan(&no)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, card.E(card.NotFound, "find rollout "+string(id), card.ReasonNoSuchRollout, nil)
	}
	return no, err
}

// querier is what a pool and a transaction have in common.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Submit closes a draft: it takes the hash of the content, to which approvals will be bound. Submitting again answers with
// the same hash.
func (l *Ledger) Submit(ctx context.Context, id card.RolloutID, by string) (hash []byte, err error) {
	err = l.tx(ctx, "submit the rollout", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.status != card.RolloutDraft {
			hash = r.hash
			return expect(r.status == card.RolloutSubmitted, card.ReasonWrongState)
		}
		if err := l.openNotice(ctx, tx, r); err != nil {
			return err
		}
		if hash, err = l.hashContent(ctx, tx, r); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update rollout set status = $2, submitted_by = $3, submitted_at = $4, content_hash = $5 where no = $1`,
			r.no, card.RolloutSubmitted, by, l.now(), hash); err != nil {
			return err
		}
		return l.decided(ctx, tx, r.no, EventSubmitted, id, by, fmt.Sprintf("content sm3 %x", hash), nil)
	})
	return hash, err
}

// Approve records that by approves exactly the content with the hash taken on submission. The content is hashed anew: what
// has changed since cannot be approved. Neither who made nor who submitted the rollout may approve it, and a subsidy is approved by
// ApprovePayout alone.
func (l *Ledger) Approve(ctx context.Context, id card.RolloutID, by string) error {
	return l.tx(ctx, "approve the rollout", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.kind == KindSubsidy { // whatever workflow asks for it: money is approved by signatures only
			return card.E(card.Denied, "approve the rollout", card.ReasonApprovalForged, nil)
		}
		if by == r.madeBy || by == r.submittedBy {
			return card.E(card.Denied, "approve the rollout", card.ReasonSamePerson, nil)
		}
		if r.status == card.RolloutApproved {
			return nil
		}
		if err := expect(r.status == card.RolloutSubmitted, card.ReasonNotSubmitted); err != nil {
			return err
		}
		hash, err := l.hashContent(ctx, tx, r)
		if err != nil {
			return err
		}
		if err := expectSame(hash, r.hash); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "insert into approval (rollout, by_whom, hash, at) values ($1, $2, $3, $4)", r.no, by, hash, l.now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update rollout set status = $2 where no = $1", r.no, card.RolloutApproved); err != nil {
			return err
		}
		return l.decided(ctx, tx, r.no, EventApproved, id, by, fmt.Sprintf("content sm3 %x", hash), nil)
	})
}

// SetStatus records that the rollout now stands at status, who said so and why. It may be said again.
func (l *Ledger) SetStatus(ctx context.Context, id card.RolloutID, status card.RolloutStatus, by string, note card.Reason) error {
	return l.tx(ctx, "set the rollout's status", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil || r.status == status {
			return err
		}
		if err := l.mayStart(ctx, tx, r, status); err != nil {
			return err
		}
		at := l.now()
		var finished *time.Time
		if status == card.RolloutDone || status == card.RolloutCancelled {
			finished = &at
		}
		if _, err := tx.Exec(ctx, `
			update rollout set status = $2, note = $3, started_at = case when $2 = 'running' then coalesce(started_at, $4) else started_at end,
				finished_at = $5 where no = $1`, r.no, status, string(note), at, finished); err != nil {
			return err
		}
		what := statusEvents[status]
		if status == card.RolloutRunning && r.started {
			what = EventResumed
		}
		return l.decided(ctx, tx, r.no, what, id, by, string(note), map[string]any{"note": string(note)})
	})
}

// Status returns where the rollout stands.
func (l *Ledger) Status(ctx context.Context, id card.RolloutID) (status card.RolloutStatus, err error) {
	err = l.pool.QueryRow(ctx, "select status from rollout where id = $1", string(id)).Scan(&status)
	if isNoRows(err) {
		err = card.E(card.NotFound, "find rollout "+string(id), card.ReasonNoSuchRollout, nil)
	}
	return status, fault("look where the rollout stands", err)
}

// rollout is what a decision needs to know, locked.
type rollout struct {
	no                  int32
	id                  card.RolloutID
	kind                string
	status              card.RolloutStatus
	madeBy, submittedBy string
	hash                []byte
	started             bool
}

func lockRollout(ctx context.Context, tx pgx.Tx, id card.RolloutID) (rollout, error) {
	r := rollout{id: id}
	err := tx.QueryRow(ctx, `
		select no, kind, status, made_by, coalesce(submitted_by, ''), content_hash, started_at is not null from rollout where id = $1 for update`,
		string(id)).Scan(&r.no, &r.kind, &r.status, &r.madeBy, &r.submittedBy, &r.hash, &r.started)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, card.E(card.NotFound, "find rollout "+string(id), card.ReasonNoSuchRollout, nil)
	}
	return r, err
}

// decided writes a decision of a person into the timeline and the audit chain.
func (l *Ledger) decided(ctx context.Context, tx pgx.Tx, no int32, what string, id card.RolloutID, by, detail string, args map[string]any) error {
	at := l.now()
	e := event{What: what, Who: by, Args: args, Key: what + "/" + at.Format(time.RFC3339Nano)}
	if err := l.tell(ctx, tx, no, e); err != nil {
		return err
	}
	return l.audit(ctx, tx, by, "rollout."+what, string(id), detail)
}

func expect(holds bool, reason card.Reason) error {
	if holds {
		return nil
	}
	return card.E(card.Conflict, "decide about the rollout", reason, nil)
}
