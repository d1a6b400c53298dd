package postgres_test

import (
	"encoding/hex"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// approvedPayout is a subsidy of two people that stands ready to be paid.
func (p *programme) approvedPayout(signers ...signer) (card.RolloutID, postgres.View) {
	p.Helper()
	id, err := p.payout("2026-05", payRows(p.holders(2), 1000))
	require.NoError(p, err)
	p.ready(id, signers...)
	v, err := p.Show(p.Context(), id, false)
	require.NoError(p, err)
	return id, v
}

func (p *programme) requireReleased(b string, want card.Reason) {
	p.Helper()
	_, err := all(p.PayOrders(p.Context(), mustBatch(p.tester, b)))
	require.Equal(p, want, card.ReasonOf(err), "%v", err)
}

// requireHolds asserts whether the invariants say that everybody had approved.
func (p *programme) requireHolds(id card.RolloutID, want bool) {
	p.Helper()
	v, err := p.Show(p.Context(), id, true)
	require.NoError(p, err)
	for _, i := range v.Invariants {
		if i.Name == "approved_by_every_role_before_money_left" {
			require.Equal(p, want, i.Holds, i.Figure)
		}
	}
}

// TestReplacedKey counts an approval by the key that its approver had then: a new key takes nothing back, and with the old one nobody
// approves any more, whatever is written into the tables.
func TestReplacedKey(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	checker, releaser := p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser)
	id, v := p.approvedPayout(checker, releaser)
	p.approver("checker1", card.RoleChecker)
	p.requireReleased(v.Batches[0].ID, "")
	p.pay(t, v.Batches[0].ID, answers{})
	p.requireHolds(id, true)

	next, err := p.payout("2026-06", payRows(p.holders(1), 1000))
	require.NoError(t, err)
	require.NoError(t, p.FinishChecks(t.Context(), next))
	hash, err := p.Submit(t.Context(), next, "maker1")
	require.NoError(t, err)
	forged := checker.sign(t, next, hash)
	_, err = p.ApprovePayout(t.Context(), next, forged)
	require.Equal(t, card.ReasonApprovalForged, card.ReasonOf(err))
	_, err = p.ApprovePayout(t.Context(), next, releaser.sign(t, next, hash))
	require.NoError(t, err)
	p.exec(`insert into approval (rollout, by_whom, hash, at, role, signature)
		select no, 'checker1', content_hash, now() - interval '1 year', 'checker', $2 from rollout where id = $1`, string(next), forged.Signature)
	p.exec(`insert into audit (no, at, who, action, subject, detail, hash)
		select max(a.no) + 1, now() - interval '1 year', 'checker1', 'rollout.approved', $1, 'content sm3 ' || encode($2, 'hex') || ' as checker', '' from audit a`,
		string(next), hash)
	v, err = p.Show(t.Context(), next, false)
	require.NoError(t, err)
	require.Equal(t, []card.Role{card.RoleChecker}, v.Payout.Missing)
	p.requireReleased(v.Batches[0].ID, card.ReasonNotApproved)
}

// TestRevokedKey releases no more money on the word of a key that was lost or stolen, until somebody has approved in its place.
func TestRevokedKey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, instead string
	}{{"another approver", "checker2"}, {"the same with a new key", "checker1"}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := newProgramme(t)
			checker, releaser := p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser)
			id, v := p.approvedPayout(checker, releaser)
			open, err := p.RevokeApprover(t.Context(), "checker1", card.RoleChecker, "security", "stolen")
			require.NoError(t, err)
			require.Equal(t, []card.RolloutID{id}, open)
			p.requireReleased(v.Batches[0].ID, card.ReasonNotApproved)
			_, err = p.RevokeApprover(t.Context(), "checker1", card.RoleChecker, "security", "again")
			require.Equal(t, card.ReasonRoleMissing, card.ReasonOf(err))
			point, err := sm2.PublicKeyToECDH(&checker.key.PublicKey)
			require.NoError(t, err)
			err = p.AddApprover(t.Context(), postgres.Approver{Name: "checker3", Role: card.RoleChecker, PublicKey: point.Bytes(), AddedBy: "security"})
			require.Equal(t, card.ReasonKeyRevoked, card.ReasonOf(err), "in nobody's name")

			require.NoError(t, p.SetStatus(t.Context(), id, card.RolloutStopped, "", card.ReasonNotApproved))
			v, err = p.Show(t.Context(), id, false)
			require.NoError(t, err)
			require.Equal(t, []card.Role{card.RoleChecker}, v.Payout.Missing)
			hash := contentHash(t, v)
			_, err = p.ApprovePayout(t.Context(), id, checker.sign(t, id, hash))
			require.Equal(t, card.ReasonRoleMissing, card.ReasonOf(err))
			status, err := p.ApprovePayout(t.Context(), id, p.approver(tc.instead, card.RoleChecker).sign(t, id, hash))
			require.NoError(t, err)
			require.Equal(t, card.RolloutStopped, status, "a person resumes it")
			require.NoError(t, p.SetStatus(t.Context(), id, card.RolloutRunning, "maker1", ""))
			p.pay(t, v.Batches[0].ID, answers{})
			p.requireHolds(id, true)

			_, err = p.RevokeApprover(t.Context(), "releaser1", card.RoleReleaser, "security", "lost after everything was paid")
			require.NoError(t, err)
			p.requireHolds(id, true)
		})
	}
}

// TestRevokedBeforeTheStart has an approved rollout approved again before it is started; that changes nothing while nothing is missing.
func TestRevokedBeforeTheStart(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	checker, releaser := p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser)
	id, err := p.payout("2026-07", payRows(p.holders(1), 1000))
	require.NoError(t, err)
	require.NoError(t, p.FinishChecks(t.Context(), id))
	hash, err := p.Submit(t.Context(), id, "maker1")
	require.NoError(t, err)
	other := p.approver("checker2", card.RoleChecker)
	for _, s := range []signer{checker, releaser, other} {
		_, err := p.ApprovePayout(t.Context(), id, s.sign(t, id, hash))
		require.NoError(t, err)
	}
	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Equal(t, []string{"checker1", "releaser1"}, v.ApprovedBy, "nobody else was needed")
	_, err = p.RevokeApprover(t.Context(), "checker1", card.RoleChecker, "security", "stolen")
	require.NoError(t, err)
	status, err := p.ApprovePayout(t.Context(), id, other.sign(t, id, hash))
	require.NoError(t, err)
	require.Equal(t, card.RolloutApproved, status)
	v, err = p.Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Empty(t, v.Payout.Missing)
	p.requireReleased(v.Batches[0].ID, "")
}

func contentHash(t *testing.T, v postgres.View) []byte {
	t.Helper()
	hash, err := hex.DecodeString(v.ContentHash)
	require.NoError(t, err)
	return hash
}
