package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// rehearse makes a rehearsal of a rollout and returns its ledger.
func (p *programme) rehearse(t *testing.T, id card.RolloutID) (*programme, postgres.Rehearsal) {
	t.Helper()
	r := postgres.Rehearsal{Schema: postgres.RehearsalSchema(id, time.Now()), Rollout: id, Namespace: "n", Folder: "it's", By: "checker9"}
	require.NoError(t, p.MarkRehearsal(t.Context(), r))
	url, err := postgres.InSchema(p.conn.Config().ConnString(), r.Schema)
	require.NoError(t, err)
	l, err := postgres.Open(t.Context(), url, p.seal)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	require.NoError(t, l.Migrate(t.Context()))
	require.NoError(t, p.FillRehearsal(t.Context(), r))
	return &programme{Ledger: l, tester: t, seal: p.seal, conn: p.conn}, r
}

// checkedPayout is a payout of six people that was checked: one row is held, three were refused.
func (p *programme) checkedPayout(t *testing.T) card.RolloutID {
	t.Helper()
	people := p.holders(6)
	rows := append(payRows(people, 10_000), postgres.PayRow{Number: 7, SSN: people[0].SSN, Name: people[0].Name, Fen: 1, Cells: []string{"x"}})
	id, err := p.payout("2026-01", rows)
	require.NoError(t, err)
	require.Equal(t, card.ReasonChecksRunning, card.ReasonOf(p.Rehearsable(t.Context(), id)))
	require.NoError(t, p.FinishChecks(t.Context(), id))
	require.NoError(t, p.HoldPayment(t.Context(), id, 3, card.ReasonObjection, "clerk1", ""))
	require.NoError(t, p.Rehearsable(t.Context(), id))
	return id
}

func TestRehearsalPaysTheSameAndLeavesTheRealOneAlone(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id := p.checkedPayout(t)
	hash, err := p.Submit(t.Context(), id, "maker1")
	require.NoError(t, err)
	before, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)

	own, r := p.rehearse(t, id)
	v, err := own.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, card.RolloutDraft, v.Status)
	require.Equal(t, before.Fen.Intended, v.Fen.Intended)
	own.ready(id, own.approver("rehearsal-checker", card.RoleChecker), own.approver("rehearsal-releaser", card.RoleReleaser))
	own.pay(t, v.Batches[0].ID, answers{1: "ACCT_CLOSED", 2: ""})
	own.pay(t, v.Batches[1].ID, nil)
	v, err = own.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Fen{Intended: 60_016, Refused: 1, Held: 10_002, Released: 50_013, Paid: 30_012, Returned: 10_000, Unknown: 10_001, Pending: 20_003}, *v.Fen)
	for _, i := range v.Invariants {
		require.True(t, i.Holds, "%s: %s", i.Name, i.Figure)
	}

	after, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	after.AsOf = before.AsOf
	require.Equal(t, before, after)
	p.requireNotApproved(t, r, hash)
	require.NoError(t, p.DropRehearsal(t.Context(), r))
	require.Zero(t, ask[int](p, "select count(*) from pg_namespace where nspname = $1", r.Schema))
}

// requireNotApproved brings the approvals of a rehearsal, and the keys that signed them, into the real ledger past it: the money
// does not leave.
func (p *programme) requireNotApproved(t *testing.T, r postgres.Rehearsal, hash []byte) {
	t.Helper()
	require.Equal(t, hash, ask[[]byte](p, "select hash from "+r.Schema+".approval limit 1"), "the rehearsal is of the same content")
	p.exec("insert into approver select * from " + r.Schema + ".approver")
	p.exec("insert into approval select * from " + r.Schema + ".approval")
	p.exec("update rollout set status = 'running', started_at = now()")
	v, err := p.Show(t.Context(), r.Rollout, true)
	require.NoError(t, err)
	_, err = all(p.PayOrders(t.Context(), mustBatch(t, v.Batches[0].ID)))
	require.Equal(t, card.ReasonNotApproved, card.ReasonOf(err))
}

func TestWhatHasGoneOutIsRehearsedAgain(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id := p.checkedPayout(t)
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	p.pay(t, v.Batches[0].ID, answers{1: "ACCT_CLOSED", 2: ""})
	p.exec("update payout_item set status = $1, reason = $2 where row_no = 6", card.PayWithdrawn, string(card.ReasonCancelled))
	p.exec("update payout_item set status = $1, reason = $2 where row_no = 5", card.PayWithdrawn, string(card.ReasonObjection))
	own, _ := p.rehearse(t, id)
	groups, err := own.FollowUps(t.Context(), id)
	require.NoError(t, err)
	held := 0
	for _, g := range groups {
		if g.Status == card.PayHeld {
			held += g.Sum.Rows
		}
		require.NotContains(t, []card.PayStatus{card.PayUnknown, card.PayReturned}, g.Status)
	}
	require.Equal(t, 2, held, "row 3, and row 5, which was held when the rollout was cancelled")
}

func TestRehearsalsAreOneAtATimeAndAreFound(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id := p.checkedPayout(t)
	release, err := p.HoldRehearsals(t.Context(), id)
	require.NoError(t, err)
	_, err = p.HoldRehearsals(t.Context(), id)
	require.Equal(t, card.ReasonRehearsalRunning, card.ReasonOf(err))
	release()
	release, err = p.HoldRehearsals(t.Context(), id)
	require.NoError(t, err)
	release()

	_, r := p.rehearse(t, id)
	p.exec("create schema rehearsal_of_a_play")
	found, err := p.Rehearsals(t.Context())
	require.NoError(t, err)
	require.Equal(t, []postgres.Rehearsal{r}, found, "and not somebody else's schema")
	r.Kept = true
	require.NoError(t, p.MarkRehearsal(t.Context(), r))
	found, err = p.Rehearsals(t.Context())
	require.NoError(t, err)
	require.True(t, found[0].Kept)
	require.Error(t, p.DropRehearsal(t.Context(), postgres.Rehearsal{Schema: "public"}))

	for range 2 {
		require.NoError(t, p.TellRehearsal(t.Context(), r, map[string]any{"result": "done"}))
	}
	require.Equal(t, 1, ask[int](p, "select count(*) from rollout_event where what = 'rehearsed' and who = 'checker9' and args->>'result' = 'done'"))
	require.Equal(t, card.ReasonNoSuchRollout, card.ReasonOf(p.Rehearsable(t.Context(), "R20990101-001")))
	issuance := p.draft(p.people(1))
	require.Equal(t, card.ReasonNotRehearsable, card.ReasonOf(p.Rehearsable(t.Context(), issuance)))
}

func TestALedgerIsOpenedInItsSchemaOrNotAtAll(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, address := range []string{p.conn.Config().ConnString(), "host=127.0.0.1 dbname=x"} {
		_, err := postgres.InSchema(address, "rehearsal_x")
		require.NoError(t, err)
	}
	url, err := postgres.InSchema(p.conn.Config().ConnString(), "rehearsal_that_is_not_there")
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), url, p.seal)
	require.Equal(t, card.ReasonLedgerFault, card.ReasonOf(err))
	_, err = postgres.InSchema("postgres://%zz", "x")
	require.Error(t, err)
}
