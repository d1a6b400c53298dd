package postgres

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"slices"

	"github.com/emmansun/gmsm/sm2"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Approver is somebody who may approve money in a role. An approval is theirs when their key has signed it.
type Approver struct {
	Name      string    `json:"name"`
	Role      card.Role `json:"role"`
	PublicKey []byte    `json:"-"` // SM2, uncompressed point
	AddedBy   string    `json:"added_by"`
}

// AddApprover lets somebody approve money in a role from now on; a new key replaces the one before. Nobody appoints himself.
func (l *Ledger) AddApprover(ctx context.Context, a Approver) error {
	if !slices.Contains(card.Roles(), a.Role) {
		return card.E(card.Invalid, "add an approver in the role "+string(a.Role), card.ReasonRoleMissing, nil)
	}
	if a.Name == a.AddedBy {
		return card.E(card.Denied, "add an approver", card.ReasonSamePerson, nil)
	}
	if _, err := sm2.NewPublicKey(a.PublicKey); err != nil {
		return card.E(card.Invalid, "add an approver", card.ReasonApprovalForged, err)
	}
	return l.tx(ctx, "add an approver", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			insert into approver (name, role, public_key, added_by, at) values ($1, $2, $3, $4, $5)
			on conflict (name, role) do update set public_key = excluded.public_key, added_by = excluded.added_by, at = excluded.at`,
			a.Name, string(a.Role), a.PublicKey, a.AddedBy, l.now()); err != nil {
			return err
		}
		return l.audit(ctx, tx, a.AddedBy, "approver.add", a.Name, fmt.Sprintf("%s key %x", a.Role, a.PublicKey))
	})
}

// Approvers returns who may approve money, by role and name.
func (l *Ledger) Approvers(ctx context.Context) ([]Approver, error) {
	rows, err := l.pool.Query(ctx, "select name, role, public_key, added_by from approver order by role, name")
	if err != nil {
		return nil, fault("list the approvers", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Approver])
	return all, fault("list the approvers", err)
}

// ApprovePayout records that by approves exactly the content of a subsidy rollout in a role, provided that the approver's key has
// signed so (card.ApprovalText), that the rollout needs the role, and that nobody acts in two roles. Once every role has
// approved, the rollout is approved; the status that it has then is returned. Approving again changes nothing.
func (l *Ledger) ApprovePayout(ctx context.Context, id card.RolloutID, d card.Decision) (status card.RolloutStatus, err error) {
	err = l.tx(ctx, "approve the payments", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		status = r.status
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
		if err := l.mayApprove(ctx, tx, r, d, hash); err != nil {
			return err
		}
		status, err = l.approvePayout(ctx, tx, r, d, hash)
		return err
	})
	return status, err
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
	done, err := tx.Exec(ctx, `
		insert into approval (rollout, by_whom, hash, at, role, signature) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
		r.no, d.By, hash, l.now(), string(d.Role), d.Signature)
	if err != nil {
		return r.status, err
	}
	if done.RowsAffected() > 0 {
		detail := fmt.Sprintf("content sm3 %x as %s", hash, d.Role)
		if err := l.decided(ctx, tx, r.no, EventApproved, r.id, d.By, detail, map[string]any{"role": string(d.Role)}); err != nil {
			return r.status, err
		}
	}
	missing, err := missingRoles(ctx, tx, r.no, r.id)
	if err != nil || len(missing) > 0 {
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
// the submitter, signed by the approver's own key, and told to the audit chain.
func missingRoles(ctx context.Context, q querier, no int32, id card.RolloutID) ([]card.Role, error) {
	missing, err := neededRoles(ctx, q, no)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `
		select a.by_whom, a.role, a.hash, a.signature from approval a join rollout r on r.no = a.rollout
		where a.rollout = $1 and a.hash = r.content_hash and a.by_whom not in (r.made_by, r.submitted_by) and exists (
			select from audit l where l.action = 'rollout.approved' and l.subject = r.id and l.who = a.by_whom
			and l.detail = 'content sm3 ' || encode(a.hash, 'hex') || ' as ' || a.role)`, no)
	if err != nil {
		return nil, err
	}
	type approval struct {
		By        string
		Role      card.Role
		Hash      []byte
		Signature []byte
	}
	approvals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval])
	if err != nil {
		return nil, err
	}
	for _, a := range approvals {
		if signed(ctx, q, a.By, a.Role, id, a.Hash, a.Signature) == nil {
			missing = slices.DeleteFunc(missing, func(r card.Role) bool { return r == a.Role })
		}
	}
	return missing, nil
}

// signed makes sure that the key of the approver in that role has signed the approval of the content with the hash.
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
	var key *ecdsa.PublicKey
	if key, err = sm2.NewPublicKey(point); err != nil {
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
	var id card.RolloutID
	var submitted []byte
	if err := q.QueryRow(ctx, "select id, content_hash from rollout where no = $1", no).Scan(&id, &submitted); err != nil {
		return err
	}
	if err := expectSame(now, submitted); err != nil {
		return err
	}
	missing, err := missingRoles(ctx, q, no, id)
	if err == nil && len(missing) > 0 {
		err = card.E(card.Breach, fmt.Sprintf("release money without approval by %v", missing), card.ReasonNotApproved, nil)
	}
	return err
}
