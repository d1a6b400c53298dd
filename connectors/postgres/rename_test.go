package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// renaming is what civil affairs found, and the review of the person with another name.
type renaming struct {
	found
	no int
}

func newRenaming(t *testing.T, prepare func(found)) renaming {
	t.Helper()
	f := newFound(t, prepare)
	return renaming{f, f.review(card.ReviewRenamed)}
}

func (r renaming) decide(d postgres.ReviewDecision) (postgres.ReviewResult, error) {
	r.Helper()
	d.Why = "已看户口簿"
	return r.DecideReview(r.Context(), r.no, d)
}

func (r renaming) rename(name, by string) (postgres.ReviewResult, error) {
	r.Helper()
	return r.decide(postgres.ReviewDecision{Outcome: card.ReviewRename, Name: name, By: by})
}

// renamed has two people give the person a new name.
func (r renaming) renamed(name string) {
	r.Helper()
	for i, by := range []string{"reviewer1", "reviewer2"} {
		result, err := r.rename(name, by)
		require.NoError(r, err)
		require.Equal(r, i == 1, result.Closed)
	}
}

// TestANameIsCorrectedByTwoPeople who give the same name; until then nothing is changed, and afterwards the name before is provable.
func TestANameIsCorrectedByTwoPeople(t *testing.T) {
	t.Parallel()
	r := newRenaming(t, func(found) {})
	old := r.people[1].Name
	_, err := r.rename(old, "reviewer1")
	requireKind(t, err, card.Conflict, card.ReasonNameUnchanged)
	_, err = r.rename("7", "reviewer1")
	requireKind(t, err, card.Invalid, card.ReasonNameCharacters)
	for _, name := range []string{"冼误字", "冼新名"} { // whoever was mistaken asks again
		result, err := r.rename(name, "reviewer1")
		require.NoError(t, err)
		require.False(t, result.Closed)
	}
	_, err = r.rename("冼新名", "reviewer1")
	requireKind(t, err, card.Denied, card.ReasonSecondPerson)
	_, err = r.rename("冼误字", "reviewer2")
	requireKind(t, err, card.Conflict, card.ReasonNamesDiffer)
	c, err := r.Review(t.Context(), r.no)
	require.NoError(t, err)
	require.Equal(t, []string{old, "冼新名", ""}, []string{c.Name, c.Asked, c.Before})

	for range 2 {
		result, err := r.rename("冼新名", "reviewer2")
		require.NoError(t, err)
		require.True(t, result.Closed)
	}
	_, err = r.rename("冼误字", "reviewer3")
	requireKind(t, err, card.Conflict, card.ReasonReviewClosed)
	c, err = r.Review(t.Context(), r.no)
	require.NoError(t, err)
	require.Equal(t, []string{"冼新名", "", old}, []string{c.Name, c.Asked, c.Before})
	require.Equal(t, card.ReviewRename, c.Outcome)
	_, err = r.conn.Exec(t.Context(), "update person_name set until = now()")
	require.Error(t, err, "the name before is written once")
	require.Zero(t, ask[int](r.programme, "select count(*) from audit where detail like '%冼%'"), "no name in the chain")
	require.Equal(t, 1, ask[int](r.programme, "select count(*) from audit where action = 'review.rename'"))
	_, err = r.Audit(t.Context())
	require.NoError(t, err)
}

// TestAfterARename rosters bear the new name, and civil affairs is asked by it.
func TestAfterARename(t *testing.T) {
	t.Parallel()
	r := newRenaming(t, func(found) {})
	r.renamed("冼新名")
	next, err := r.payoutOf("2026-02", payRows(r.people, 20_000), 4)
	require.NoError(t, err)
	refused, err := all(r.RefusedPayments(t.Context(), next))
	require.NoError(t, err)
	require.Contains(t, refused[0].Reasons, card.ReasonMatchDeceased)
	require.Equal(t, []card.Reason{card.ReasonNotRegistered}, refused[1].Reasons, "the old name is that of the card no more")
	other := r.people[1]
	other.Name = "冼新名"
	again, err := r.payout("2026-02", payRows([]card.Person{other}, 20_000))
	require.NoError(t, err)
	v, err := r.Show(t.Context(), again, false)
	require.NoError(t, err)
	require.Equal(t, 1, v.Counts.Accepted)
	queries, err := all(r.AccountQueries(t.Context(), mustBatch(t, r.firstBatch(again))))
	require.NoError(t, err)
	require.Equal(t, "冼新名", queries[0].Name, "the bank is asked whether its account bears it")
	require.Len(t, r.census("2026-12").page(1, 100).of(other), 1)
}

// TestWaitingPaymentsAfterARename are let go where the bank is still to be asked about the account, and else wait for its word.
func TestWaitingPaymentsAfterARename(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(found)
		status  card.PayStatus
		reason  card.Reason
	}{
		"the bank is not asked yet": {func(found) {}, card.PayPlanned, ""},
		"the bank has answered": {func(r found) {
			require.NoError(r, r.FinishChecks(r.Context(), r.id))
		}, card.PayHeld, card.ReasonNameCorrected},
		"held for another reason": {func(r found) {
			require.NoError(r, r.HoldPayment(r.Context(), r.id, 2, card.ReasonObjection, "operator1", "有异议"))
		}, card.PayHeld, card.ReasonObjection},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRenaming(t, c.prepare)
			r.renamed("冼新名")
			status, reason := r.status(r.id, 2)
			require.Equal(t, []any{c.status, c.reason}, []any{status, reason})
			if reason == card.ReasonNameCorrected {
				require.NoError(t, r.LiftPayment(t.Context(), r.id, 2, "operator1", "银行已更正户名"), "a person has the bank's word")
			}
			h, err := r.PayHistory(t.Context(), r.id, 2)
			require.NoError(t, err)
			last := h.Traces[len(h.Traces)-1]
			require.Equal(t, []any{card.PayNameCorrected, card.PayRecheck}, []any{last.Event, last.Action})
			r.requirePayoutSound(r.id)
		})
	}
}

// TestARenameLeavesWhatIsOut as it is, and waits while a file is on its way: it would be another one if it were written again.
func TestARenameLeavesWhatIsOut(t *testing.T) {
	t.Parallel()
	r := newRenaming(t, func(r found) {
		r.ready(r.id, r.approver("checker1", card.RoleChecker), r.approver("releaser1", card.RoleReleaser))
		_, _, err := r.ReserveFile(r.Context(), mustBatch(t, r.firstBatch(r.id)), "ICBC", card.PayReq, 0)
		require.NoError(r, err)
	})
	_, err := r.rename("冼新名", "reviewer1")
	require.NoError(t, err)
	_, err = r.rename("冼新名", "reviewer2")
	requireKind(t, err, card.Conflict, card.ReasonNamePaying)
	r.pay(t, r.firstBatch(r.id), answers{2: ""})
	result, err := r.rename("冼新名", "reviewer2")
	require.NoError(t, err)
	require.True(t, result.Closed)
	require.Equal(t, []any{card.PayLeave, true, false}, []any{result.Traces[0].Action, result.Traces[0].Sent, result.Traces[0].Done})
	status, _ := r.status(r.id, 2)
	require.Equal(t, card.PayUnknown, status)
	r.requirePayoutSound(r.id)
}

// TestADecisionFromAListHeedsWhatChanged since the list was written, and may be carried out again.
func TestADecisionFromAListHeedsWhatChanged(t *testing.T) {
	t.Parallel()
	r := newRenaming(t, func(found) {})
	stamp := func() string {
		c, err := r.Review(t.Context(), r.no)
		require.NoError(t, err)
		return c.Stamp()
	}
	written := stamp()
	rename := postgres.ReviewDecision{Outcome: card.ReviewRename, Name: "冼新名", By: "reviewer1", Stamp: written}
	for range 2 {
		result, err := r.decide(rename)
		require.NoError(t, err, "the first person's list once more")
		require.False(t, result.Closed)
	}
	rename.By = "reviewer2"
	_, err := r.decide(rename)
	requireKind(t, err, card.Conflict, card.ReasonReviewChanged)
	_, err = r.decide(postgres.ReviewDecision{Outcome: card.ReviewKeep, By: "reviewer2", Stamp: written})
	requireKind(t, err, card.Conflict, card.ReasonReviewChanged)
	rename.Stamp = stamp()
	for range 2 {
		result, err := r.decide(rename)
		require.NoError(t, err)
		require.True(t, result.Closed)
	}
	_, err = r.DecideReview(t.Context(), r.review(card.ReviewDeceased), postgres.ReviewDecision{Outcome: card.ReviewRename, Name: "冼新名", By: "reviewer1"})
	requireKind(t, err, card.Invalid, card.ReasonOutcomeOther)
	require.WithinDuration(t, time.Now(), ask[time.Time](r.programme, "select until from person_name"), time.Hour)
}
