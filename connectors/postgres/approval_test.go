package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

func TestSubmitAndApprove(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id := p.draft(p.people(5), func(n *postgres.NewRollout) { n.BatchRows = 2 })
	requireKind(t, p.Approve(t.Context(), id, "approver1"), card.Conflict, card.ReasonNotSubmitted)
	hash, err := p.Submit(t.Context(), id, "clerk1")
	require.NoError(t, err)
	again, err := p.Submit(t.Context(), id, "somebody")
	require.NoError(t, err)
	require.Equal(t, hash, again)

	for _, by := range []string{"manager1", "clerk1"} {
		requireKind(t, p.Approve(t.Context(), id, by), card.Denied, card.ReasonSamePerson)
	}
	require.NoError(t, p.Approve(t.Context(), id, "approver1"))
	require.NoError(t, p.Approve(t.Context(), id, "approver1"))
	requireKind(t, p.Approve(t.Context(), id, "manager1"), card.Denied, card.ReasonSamePerson)
	approvals, err := p.Approvals(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, approvals, 1)
	require.Equal(t, "approver1", approvals[0].By)
	require.Equal(t, hash, approvals[0].Hash)
	_, err = p.Submit(t.Context(), id, "manager1")
	requireKind(t, err, card.Conflict, card.ReasonWrongState)

	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Equal(t, card.RolloutApproved, v.Status)
	require.Equal(t, []string{"approver1"}, v.ApprovedBy)
	require.Equal(t, "clerk1", v.SubmittedBy)
}

func TestDecisionsAboutNoRollout(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	const none = card.RolloutID("R20261121-999")
	_, submit := p.Submit(t.Context(), none, "manager1")
	_, show := p.Show(t.Context(), none, false)
	_, timeline := p.Timeline(t.Context(), none)
	_, invariants := p.Invariants(t.Context(), none)
	_, refusals := all(p.Refusals(t.Context(), none))
	_, allocate := p.AllocateNumbers(t.Context(), card.BatchID{Rollout: none, City: "440600", Bank: "102", Number: 1})
	for _, err := range []error{submit, show, timeline, invariants, refusals, allocate, p.Approve(t.Context(), none, "a"),
		p.SetStatus(t.Context(), none, card.RolloutDone, "a", "")} {
		requireKind(t, err, card.NotFound, card.ReasonNoSuchRollout)
	}
}

// tamperings change what was submitted of a rollout, in every way that a hand in the tables could.
func tamperings() map[string]string {
	return map[string]string{
		"another outlet":   "update roster_row set outlet = '44060099' where rollout = $1 and row_no = 2",
		"another way":      "update roster_row set mode = 'P' where rollout = $1 and row_no = 2",
		"another bank":     "update roster_row set bank = 103 where rollout = $1 and row_no = 2",
		"people exchanged": "update roster_row r set person = o.person, sealed = o.sealed from roster_row o where r.rollout = $1 and r.row_no in (1, 2) and o.row_no = 3 - r.row_no and o.rollout = r.rollout",
		"sealed text":      "update roster_row set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where rollout = $1 and row_no = 2",
		"a row less":       "delete from roster_row where rollout = $1 and row_no = 2",
		"an item less":     "delete from issuance_item where rollout = $1 and row_no = 2",
		"a row more": `with r as (insert into roster_row select city, rollout, 99, bank, outlet, mode, person, sealed
			from roster_row where rollout = $1 and row_no = 2 returning *)
			insert into issuance_item (city, rollout, batch, row_no, home, status) select city, rollout, 1, row_no, 1, 0 from r`,
		"another batch": "update issuance_item set batch = 2, home = 2 where rollout = $1 and row_no = 2",
	}
}

// numberOf returns the number under which the tables keep a rollout.
func (p *programme) numberOf(id card.RolloutID) int {
	p.Helper()
	return ask[int](p, "select no from rollout where id = $1", string(id))
}

// TestApproveNoticesChanges changes the content between submission and approval.
func TestApproveNoticesChanges(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for name, sql := range tamperings() {
		id := p.draft(p.people(6), func(n *postgres.NewRollout) { n.BatchRows = 3 })
		_, err := p.Submit(t.Context(), id, "manager1")
		require.NoError(t, err)
		p.exec(sql, p.numberOf(id))
		err = p.Approve(t.Context(), id, "approver1")
		require.Error(t, err, name)
		requireKind(t, err, card.Breach, card.ReasonHashDiffers)
	}
}

// TestReleaseNoticesChanges changes the content after the approval: no file of the batch is read to its end.
func TestReleaseNoticesChanges(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, sql := range tamperings() {
		b := &lot{programme: p, id: p.approved(p.draft(p.people(6), func(n *postgres.NewRollout) { n.BatchRows = 3 }))[0]}
		b.match(nil)
		b.number()
		p.exec(sql, p.numberOf(b.id.Rollout))
		b.requireHeld()
	}
}

// requireHeld asserts that nothing of the batch may leave.
func (b *lot) requireHeld(reasons ...card.Reason) {
	b.Helper()
	_, accounts := all(b.AccountOrders(b.Context(), b.id))
	_, cards := all(b.CardOrders(b.Context(), b.id, card.File{Date: "20261121"}))
	_, dispatch := all(b.DispatchRows(b.Context(), b.id))
	for _, err := range []error{accounts, cards, dispatch} {
		require.Equal(b, card.Breach.String(), card.KindOf(err).String(), "%v", err)
		for _, reason := range reasons {
			require.Equal(b, reason, card.ReasonOf(err))
		}
	}
}

// TestForgedApprovals tries approvals that nobody with the right to it gave, with the rows changed to suit.
func TestForgedApprovals(t *testing.T) {
	t.Parallel()
	const zero = "decode(repeat('00', 32), 'hex')"
	p := newProgramme(t)
	for name, tc := range map[string]struct {
		sql    []string
		reason card.Reason
	}{
		"none":                         {[]string{"delete from approval where rollout = $1"}, card.ReasonNotApproved},
		"by the maker":                 {[]string{"update approval set by_whom = 'manager1' where rollout = $1"}, card.ReasonNotApproved},
		"by the submitter":             {[]string{"update approval set by_whom = 'clerk1' where rollout = $1"}, card.ReasonNotApproved},
		"of something else":            {[]string{"update approval set hash = " + zero + " where rollout = $1"}, card.ReasonNotApproved},
		"by nobody in the audit chain": {[]string{"update approval set by_whom = 'approver2' where rollout = $1"}, card.ReasonNotApproved},
		"with the batch's hash changed too": {[]string{"update roster_row set outlet = '44060099' where row_no = 2 and rollout = $1",
			"update batch set hash = " + zero + " where rollout = $1"}, card.ReasonHashDiffers},
		"a later one that fits": {[]string{"update batch set hash = " + zero + " where rollout = $1",
			"insert into approval select rollout, 'approver2', " + zero + ", now() from approval where rollout = $1"}, card.ReasonHashDiffers},
	} {
		id := p.draft(p.people(3))
		_, err := p.Submit(t.Context(), id, "clerk1")
		require.NoError(t, err)
		require.NoError(t, p.Approve(t.Context(), id, "approver1"))
		b := &lot{programme: p, id: p.batches(id)[0]}
		b.match(nil)
		b.number()
		for _, sql := range tc.sql {
			p.exec(sql, p.numberOf(id))
		}
		t.Log(name)
		b.requireHeld(tc.reason)
	}
}

func TestNothingLeavesBeforeTheApproval(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id := p.draft(p.people(3))
	b := &lot{programme: p, id: p.batches(id)[0]}
	b.requireHeld(card.ReasonNotApproved)
	_, err := p.Submit(t.Context(), id, "manager1")
	require.NoError(t, err)
	b.requireHeld(card.ReasonNotApproved)
}

func TestRosterRowsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	p.draft(p.people(1))
	_, err := p.conn.Exec(t.Context(), "update roster_row set outlet = 'x'")
	require.ErrorContains(t, err, "written once")
}
