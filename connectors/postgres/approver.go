package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

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
		var revoked bool
		if err := tx.QueryRow(ctx, "select exists (select from audit where action = 'approver.revoke' and detail like '% key ' || $1 || ' %')",
			hex.EncodeToString(a.PublicKey)).Scan(&revoked); err != nil {
			return err
		}
		if revoked {
			return card.E(card.Denied, "add an approver", card.ReasonKeyRevoked, nil)
		}
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

// RevokeApprover takes a key that was lost or stolen out of use: from now on nobody approves with it, and what it has approved releases
// no more money, whenever it signed; what has left already was approved. It returns the rollouts under way that it has approved.
// A new key is given by AddApprover; the revoked one is never taken again.
func (l *Ledger) RevokeApprover(ctx context.Context, name string, role card.Role, by, why string) (open []card.RolloutID, err error) {
	err = l.tx(ctx, "revoke an approver's key", func(tx pgx.Tx) error {
		var point []byte
		err := tx.QueryRow(ctx, "delete from approver where name = $1 and role = $2 returning public_key", name, string(role)).Scan(&point)
		if isNoRows(err) {
			return card.E(card.NotFound, fmt.Sprintf("revoke the key of %s as %s", name, role), card.ReasonRoleMissing, nil)
		}
		if err != nil {
			return err
		}
		if err := l.audit(ctx, tx, by, "approver.revoke", name, fmt.Sprintf("%s key %x because: %s", role, point, why)); err != nil {
			return err
		}
		open, err = approvedUnderWay(ctx, tx, name, role)
		return err
	})
	return open, err
}

// approvedUnderWay returns the rollouts under way that somebody has approved in a role.
func approvedUnderWay(ctx context.Context, tx pgx.Tx, name string, role card.Role) ([]card.RolloutID, error) {
	rows, err := tx.Query(ctx, `
		select r.id from approval a join rollout r on r.no = a.rollout
		where a.by_whom = $1 and a.role = $2 and r.status not in ($3, $4) order by r.no`, name, string(role), card.RolloutDone, card.RolloutCancelled)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[card.RolloutID])
}

// PayApproval is an approval of money. It is valid when it is of the content as it stands, by somebody other than the maker and the
// submitter, and signed by the key that the approver had then, which was not revoked.
type PayApproval struct {
	By    string    `json:"by"`
	Role  card.Role `json:"role"`
	At    time.Time `json:"at"`
	Valid bool      `json:"valid"`
}

// payApprovals returns the approvals of a rollout in their order. asOf is by when a revocation counts; nil for any.
func payApprovals(ctx context.Context, q querier, no int32, asOf *time.Time) ([]PayApproval, error) {
	rows, err := q.Query(ctx, `
		select a.by_whom, a.role, a.at, r.id, a.hash, a.signature,
			coalesce(a.hash = r.content_hash and a.by_whom not in (r.made_by, r.submitted_by), false), coalesce(k.key, '')
		from approval a join rollout r on r.no = a.rollout
		left join lateral (
			select max(l.no) as line from audit l where l.action = 'rollout.approved' and l.subject = r.id and l.who = a.by_whom
			and l.detail = 'content sm3 ' || encode(a.hash, 'hex') || ' as ' || a.role) told on true
		left join lateral (
			select split_part(l.detail, ' key ', 2) as key from audit l where l.action = 'approver.add' and l.subject = a.by_whom
			and l.detail like a.role || ' key %' and l.no < told.line order by l.no desc limit 1) k on not exists (
				select from audit l where l.action = 'approver.revoke' and l.subject = a.by_whom
				and l.detail like a.role || ' key ' || k.key || ' %' and ($2::timestamptz is null or l.at <= $2))
		where a.rollout = $1 order by a.at, a.by_whom`, no, asOf)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (a PayApproval, err error) {
		var id card.RolloutID
		var hash, signature []byte
		var key string
		if err := r.Scan(&a.By, &a.Role, &a.At, &id, &hash, &signature, &a.Valid, &key); err != nil {
			return a, err
		}
		point, err := hex.DecodeString(key)
		a.Valid = a.Valid && err == nil && signedBy(point, id, a.Role, hash, signature) == nil
		return a, nil
	})
}

// approvedBy says whether the approval that somebody has given counts.
func approvedBy(ctx context.Context, q querier, no int32, by string) (bool, error) {
	approvals, err := payApprovals(ctx, q, no, nil)
	return slices.ContainsFunc(approvals, func(a PayApproval) bool { return a.By == by && a.Valid }), err
}
