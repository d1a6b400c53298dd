package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ApprovePayout records that by approves exactly the content of a subsidy rollout in a role, provided that the approver's key has
// signed so (card.ApprovalText), that the rollout needs the role, and that nobody acts in two roles. Once every role has
// approved, the rollout is approved; the status that it has then is returned. Approving again changes nothing, but in place of an
// approval that a key gave which was revoked since. A rollout that has stopped is approved again after that, and stays stopped.
func (l *Ledger) ApprovePayout(ctx context.Context, id card.RolloutID, d card.Decision) (status card.RolloutStatus, err error) {
	err = l.tx(ctx, "approve the payments", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		status = r.status
		if done, err := fullyApproved(ctx, tx, r); done || err != nil {
			return err
		}
		hash, err := l.hashContent(ctx, tx, r)
		if err != nil {
			return err
		}
		if err := expectSame(hash, r.hash); err != nil {
			return err
		}
		if err := l.mayApprove(ctx, tx, r, d, hash); err != nil {
			return err
		}
		status, err = l.approvePayout(ctx, tx, r, d, hash)
		return err
	})
	return status, err
}

// fullyApproved says whether nobody's approval is missing any more, and refuses where none is asked for.
func fullyApproved(ctx context.Context, tx pgx.Tx, r rollout) (bool, error) {
	switch r.status {
	case card.RolloutSubmitted, card.RolloutStopped:
		return false, nil
	case card.RolloutApproved:
		missing, err := missingRoles(ctx, tx, r.no, nil)
		return len(missing) == 0, err
	case card.RolloutDraft, card.RolloutRunning, card.RolloutPaused, card.RolloutCancelled, card.RolloutDone:
	}
	return false, expect(false, card.ReasonNotSubmitted)
}

func (l *Ledger) mayApprove(ctx context.Context, tx pgx.Tx, r rollout, d card.Decision, hash []byte) error {
	if d.By == r.madeBy || d.By == r.submittedBy {
		return card.E(card.Denied, "approve the payments", card.ReasonSamePerson, nil)
	}
	needed, err := neededRoles(ctx, tx, r.no)
	if err != nil {
		return err
	}
	if !slices.Contains(needed, d.Role) {
		return card.E(card.Denied, fmt.Sprintf("approve as %q, the roles needed are %v", d.Role, needed), card.ReasonRoleMissing, nil)
	}
	if err := signed(ctx, tx, d.By, d.Role, r.id, hash, d.Signature); err != nil {
		return err
	}
	var other bool
	if err := tx.QueryRow(ctx, "select exists (select from approval where rollout = $1 and by_whom = $2 and role <> $3)", r.no, d.By, string(d.Role)).Scan(&other); err != nil {
		return err
	}
	if other {
		return card.E(card.Denied, "approve the payments in a second role", card.ReasonSamePerson, nil)
	}
	return nil
}

func (l *Ledger) approvePayout(ctx context.Context, tx pgx.Tx, r rollout, d card.Decision, hash []byte) (card.RolloutStatus, error) {
	counts, err := approvedBy(ctx, tx, r.no, d.By)
	if err != nil {
		return r.status, err
	}
	done, err := tx.Exec(ctx, `
		insert into approval (rollout, by_whom, hash, at, role, signature) values ($1, $2, $3, $4, $5, $6)
		on conflict (rollout, by_whom) do update set hash = excluded.hash, at = excluded.at, signature = excluded.signature
			where approval.role = excluded.role and $7`,
		r.no, d.By, hash, l.now(), string(d.Role), d.Signature, !counts)
	if err != nil {
		return r.status, err
	}
	if done.RowsAffected() > 0 {
		detail := fmt.Sprintf("content sm3 %x as %s", hash, d.Role)
		if err := l.decided(ctx, tx, r.no, EventApproved, r.id, d.By, detail, map[string]any{"role": string(d.Role)}); err != nil {
			return r.status, err
		}
	}
	missing, err := missingRoles(ctx, tx, r.no, nil)
	if err != nil || len(missing) > 0 || r.status == card.RolloutStopped {
		return r.status, err
	}
	_, err = tx.Exec(ctx, "update rollout set status = $2 where no = $1", r.no, card.RolloutApproved)
	return card.RolloutApproved, err
}

// neededRoles returns the roles that must approve the rollout, by its people and its money as they were taken in.
func neededRoles(ctx context.Context, q querier, no int32) ([]card.Role, error) {
	var p card.Programme
	var rows int
	var fen int64
	err := q.QueryRow(ctx, `
		select p.rules, (select coalesce(sum(b.rows), 0) from batch b where b.rollout = p.rollout), p.fen - p.refused_fen
		from payout p where p.rollout = $1`, no).Scan(&p, &rows, &fen)
	return p.Approvers(rows, fen), err
}

// missingRoles returns the roles in which nobody has approved the content as it stands: by somebody other than the maker and
// the submitter, told to the audit chain, and signed by the key that the approver had when that was told. A key that was revoked by
// the time asOf, nil for now, has approved nothing, whenever it signed.
func missingRoles(ctx context.Context, q querier, no int32, asOf *time.Time) ([]card.Role, error) {
	missing, err := neededRoles(ctx, q, no)
	if err != nil {
		return nil, err
	}
	approvals, err := payApprovals(ctx, q, no, asOf)
	for _, a := range approvals {
		if a.Valid {
			missing = slices.DeleteFunc(missing, func(r card.Role) bool { return r == a.Role })
		}
	}
	return missing, err
}

// signed makes sure that the present key of the approver in that role has signed the approval of the content with the hash.
func signed(ctx context.Context, q querier, by string, role card.Role, id card.RolloutID, hash, signature []byte) error {
	var point []byte
	err := q.QueryRow(ctx, `
		select a.public_key from approver a where a.name = $1 and a.role = $2 and exists (
			select from audit l where l.action = 'approver.add' and l.subject = a.name and l.detail = a.role || ' key ' || encode(a.public_key, 'hex'))`,
		by, string(role)).Scan(&point)
	if isNoRows(err) {
		return card.E(card.Denied, fmt.Sprintf("approve as %s", role), card.ReasonRoleMissing, nil)
	}
	if err != nil {
		return err
	}
	return signedBy(point, id, role, hash, signature)
}

// signedBy makes sure that the key, a point, has signed the approval.
func signedBy(point []byte, id card.RolloutID, role card.Role, hash, signature []byte) error {
	key, err := sm2.NewPublicKey(point)
	if err != nil {
		return card.E(card.Breach, "read an approver's key", card.ReasonApprovalForged, err)
	}
	if !sm2.VerifyASN1WithSM2(key, nil, card.ApprovalText(id, role, hash), signature) {
		return card.E(card.Denied, "check the signature of an approval", card.ReasonApprovalForged, nil)
	}
	return nil
}

// releasedMoney makes sure that money may leave: everybody who must has approved the hash that the batches' hashes still
// make, and the rules under which the rollout was made are part of it.
func releasedMoney(ctx context.Context, q querier, no int32) error {
	now, err := hashOfHashes(ctx, q, no, KindSubsidy)
	if err != nil {
		return err
	}
	var submitted []byte
	if err := q.QueryRow(ctx, "select content_hash from rollout where no = $1", no).Scan(&submitted); err != nil {
		return err
	}
	if err := expectSame(now, submitted); err != nil {
		return err
	}
	missing, err := missingRoles(ctx, q, no, nil)
	if err == nil && len(missing) > 0 {
		err = card.E(card.Breach, fmt.Sprintf("release money without approval by %v", missing), card.ReasonNotApproved, nil)
	}
	return err
}
