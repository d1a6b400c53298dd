package postgres_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

const november card.Month = "2026-11"

// census is the match of a month whose civil affairs the test plays.
type census struct {
	*programme
	month card.Month
}

func (p *programme) census(month card.Month) census {
	p.Helper()
	cities, err := p.PlanMatch(p.Context(), month, time.Now().Add(-24*time.Hour), "operator1")
	require.NoError(p, err)
	require.Equal(p, []string{"440600"}, cities)
	return census{p, month}
}

// page plans a page of at most size people.
func (c census) page(page, size int) *lot {
	c.Helper()
	id, rows, err := c.PlanMatchPage(c.Context(), c.month, "440600", page, size)
	require.NoError(c, err)
	if rows == 0 {
		return nil
	}
	return &lot{programme: c.programme, id: id}
}

// ask sends a page and has it answered.
func (c census) ask(b *lot, told []card.MatchAnswer) card.Tally {
	c.Helper()
	t, err := c.ApplyMatches(c.Context(), b.id, b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet), told, nil)
	require.NoError(c, err)
	return t
}

// of returns the rows of the page on which these people stand.
func (b *lot) of(people ...card.Person) (refs []int) {
	b.Helper()
	rows, err := all(b.MatchRows(b.Context(), b.id))
	require.NoError(b, err)
	for _, p := range people {
		i := slices.IndexFunc(rows, func(r card.MatchRow) bool { return r.SSN == p.SSN && r.Name == p.Name })
		require.GreaterOrEqual(b, i, 0)
		refs = append(refs, rows[i].Ref)
	}
	return refs
}

// find is a first match in which the first three of the people are dead, renamed and not registered.
func (p *programme) find(people []card.Person) {
	p.Helper()
	c := p.census(november)
	b := c.page(1, 100)
	refs := b.of(people[:3]...)
	told := b.matchAnswers(answers{refs[0]: "03", refs[1]: "02", refs[2]: "01"})
	told[refs[0]-1].Died = "20261020"
	for range 2 {
		require.Equal(p, card.Tally{Done: len(told) - 3, Failed: 3}, c.ask(b, told), "also when it is applied again")
	}
}

func (p *programme) status(id card.RolloutID, row int) (card.PayStatus, card.Reason) {
	p.Helper()
	h, err := p.PayHistory(p.Context(), id, row)
	require.NoError(p, err)
	return h.Status, h.Reason
}

// TestPopulationIsWalkedPageByPage asks about every holder once, whatever is repeated, and about who was paid and holds no card.
func TestPopulationIsWalkedPageByPage(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(5)
	id, err := p.payout("2026-01", payRows(people, 10_000))
	require.NoError(t, err)
	h, err := p.PayHistory(t.Context(), id, 5)
	require.NoError(t, err)
	p.exec("update card set app_status = 9 where card_no = $1", string(h.Card))
	c := p.census(november)
	asked := map[string]int{}
	for page, want := range []int{2, 2, 1, 0} { // the last was paid and has no live card
		for range 2 {
			b := c.page(page+1, 2)
			if want == 0 {
				require.Nil(t, b)
				continue
			}
			require.Equal(t, page+1, b.id.Number)
			require.Equal(t, "M202611/440600/000", b.id.String()[:len("M202611/440600/000")])
			rows, err := all(p.MatchRows(t.Context(), b.id))
			require.NoError(t, err)
			require.Len(t, rows, want)
			for _, r := range rows {
				asked[r.SSN]++
			}
		}
	}
	require.Len(t, asked, 5)
	for _, times := range asked {
		require.Equal(t, 2, times, "planned twice, the same both times")
	}
	require.NoError(t, p.FinishMatch(t.Context(), november))
	list, err := p.List(t.Context())
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(list, func(v postgres.View) bool { return v.ID == november.Match() }), "a match is no rollout to people")
	_, _, err = p.PlanMatchPage(t.Context(), "2026-12", "440600", 1, 2)
	requireKind(t, err, card.NotFound, card.ReasonNoSuchMatch)
}

// TestFindingsHoldPayments finds a death, another name and somebody unknown: what waits is held, what is out is traced, the next
// roster is refused, and nobody is asked to look twice.
func TestFindingsHoldPayments(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(8)
	out, err := p.payoutOf("2025-12", payRows(people[:4], 10_000), 4)
	require.NoError(t, err)
	p.ready(out, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	p.pay(t, p.firstBatch(out), answers{1: "", 2: ""})
	waiting, err := p.payoutOf("2026-01", payRows(people[:4], 20_000), 4)
	require.NoError(t, err)

	p.find(people)
	for row, reason := range map[int]card.Reason{1: card.ReasonDeathReported, 2: card.ReasonRenamed, 3: card.ReasonUnregistered, 4: ""} {
		status, why := p.status(waiting, row)
		require.Equal(t, reason, why)
		require.Equal(t, reason != "", status == card.PayHeld)
		if reason != "" {
			requireKind(t, p.LiftPayment(t.Context(), waiting, row, "operator1", "因何"), card.Conflict, card.ReasonUnderReview)
		}
	}
	h, err := p.PayHistory(t.Context(), out, 1)
	require.NoError(t, err)
	require.Equal(t, card.PayUnknown, h.Status)
	require.Len(t, h.Traces, 1)
	require.Equal(t, card.PayAwait, h.Traces[0].Action)
	require.Equal(t, card.PayDeathReported, h.Traces[0].Event)
	next, err := p.payout("2026-02", payRows(people[:4], 20_000))
	require.NoError(t, err)
	refused, err := all(p.RefusedPayments(t.Context(), next))
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.Equal(t, []card.Reason{card.ReasonMatchDeceased}, refused[0].Reasons)

	v, err := p.Match(t.Context(), november)
	require.NoError(t, err)
	require.Equal(t, postgres.MatchFigures{Files: 1, Answered: 1, Asked: 8, Alive: 5, Deceased: 1, Renamed: 1, Unregistered: 1, Reviews: 3, Open: 3,
		Stopped: postgres.Sum{Rows: 3, Fen: 60_003}}, v.MatchFigures)
	require.Equal(t, []postgres.MatchCity{{City: "440600", MatchFigures: v.MatchFigures}}, v.Cities)
	p.requirePayoutSound(waiting)
	p.requirePayoutSound(out)

	december := p.census("2026-12")
	b := december.page(1, 100)
	told := b.matchAnswers(nil)
	require.Len(t, told, 8, "also who is under review")
	december.ask(b, told)
	open, err := p.Reviews(t.Context(), postgres.ReviewFilter{})
	require.NoError(t, err)
	require.Len(t, open, 3)
	require.Equal(t, card.Month("2026-12"), open[0].Alive, "nothing is let go by that, but people see it")
	status, _ := p.status(waiting, 1)
	require.Equal(t, card.PayHeld, status)
}

// TestReviews decides them: a death that was none by two people, another name by one, and who is unknown is stopped.
func TestReviews(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(4)
	id, err := p.payoutOf("2026-01", payRows(people, 20_000), 4)
	require.NoError(t, err)
	p.find(people)
	reviews := map[card.ReviewCause]int{}
	open, err := p.Reviews(t.Context(), postgres.ReviewFilter{City: "440600"})
	require.NoError(t, err)
	for _, r := range open {
		reviews[r.Cause] = r.No
		require.Equal(t, 1, r.Held.Rows)
	}
	c, err := p.Review(t.Context(), reviews[card.ReviewDeceased])
	require.NoError(t, err)
	require.Equal(t, people[0].Name, c.Name)
	require.Equal(t, "20261020", c.Died)
	require.Equal(t, "CIVIL_MATCHRET_", c.File[:len("CIVIL_MATCHRET_")])
	require.Equal(t, []postgres.ReviewPayment{{Rollout: id, Row: 1, Fen: 20_000, Status: card.PayHeld, Reason: card.ReasonDeathReported, Action: card.PayHold, Done: true}}, c.Payments)

	decide := func(cause card.ReviewCause, outcome card.ReviewOutcome, by string) (postgres.ReviewResult, error) {
		return p.DecideReview(t.Context(), reviews[cause], postgres.ReviewDecision{Outcome: outcome, By: by, Why: "已核实"})
	}
	for range 2 { // by the same person, whatever is tried
		_, err = decide(card.ReviewDeceased, card.ReviewKeep, "reviewer1")
	}
	requireKind(t, err, card.Denied, card.ReasonSecondPerson)
	status, _ := p.status(id, 1)
	require.Equal(t, card.PayHeld, status, "one person lets no money flow to somebody said to be dead")
	kept, err := decide(card.ReviewDeceased, card.ReviewKeep, "reviewer2")
	require.NoError(t, err)
	require.True(t, kept.Closed)
	require.True(t, kept.Traces[0].Done)
	status, _ = p.status(id, 1)
	require.Equal(t, card.PayPlanned, status)
	require.False(t, ask[bool](p, "select bool_or(died) from person"))

	for range 2 {
		stopped, err := decide(card.ReviewUnregistered, card.ReviewStop, "reviewer1")
		require.NoError(t, err)
		require.True(t, stopped.Closed)
	}
	status, why := p.status(id, 3)
	require.Equal(t, []any{card.PayRefused, card.ReasonBarred}, []any{status, why})
	_, err = decide(card.ReviewUnregistered, card.ReviewKeep, "reviewer2")
	requireKind(t, err, card.Conflict, card.ReasonReviewClosed)
	_, err = p.DecideReview(t.Context(), 99, postgres.ReviewDecision{Outcome: card.ReviewStop, By: "x"})
	requireKind(t, err, card.NotFound, card.ReasonNoSuchReview)
	_, err = decide(card.ReviewRenamed, card.ReviewKeep, "reviewer1")
	require.NoError(t, err)
	status, _ = p.status(id, 2)
	require.Equal(t, card.PayPlanned, status)
	p.requirePayoutSound(id)
	_, err = p.Audit(t.Context())
	require.NoError(t, err)
	open, err = p.Reviews(t.Context(), postgres.ReviewFilter{Closed: true, Cause: card.ReviewUnregistered})
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Zero(t, open[0].Held.Rows)
}

// TestADeathThatIsConfirmed ends what was held, and is not asked about again.
func TestADeathThatIsConfirmed(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(4)
	id, err := p.payoutOf("2026-01", payRows(people, 20_000), 4)
	require.NoError(t, err)
	require.NoError(t, p.HoldPayment(t.Context(), id, 2, card.ReasonObjection, "operator1", "有异议"))
	p.find(people)
	open, err := p.Reviews(t.Context(), postgres.ReviewFilter{Cause: card.ReviewDeceased})
	require.NoError(t, err)
	result, err := p.DecideReview(t.Context(), open[0].No, postgres.ReviewDecision{Outcome: card.ReviewStop, By: "reviewer1", Why: "家属确认"})
	require.NoError(t, err)
	require.True(t, result.Closed)
	status, why := p.status(id, 1)
	require.Equal(t, []any{card.PayRefused, card.ReasonPayeeDied}, []any{status, why})
	_, why = p.status(id, 2)
	require.Equal(t, card.ReasonObjection, why, "what is held already stays held for its own reason")
	rows, err := all(p.MatchRows(t.Context(), p.census("2026-12").page(1, 100).id))
	require.NoError(t, err)
	require.Len(t, rows, 3)
	p.requirePayoutSound(id)
}

// TestStrangeAndLateAnswersToTheMatch refuses what speaks of others, counts who was left out as unknown, and takes what comes late.
func TestStrangeAndLateAnswersToTheMatch(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	p.holders(3)
	c := p.census(november)
	b := c.page(1, 100)
	told := b.matchAnswers(answers{2: ""})
	f := b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet)
	strange := append(slices.Clone(told), card.MatchAnswer{Ref: 9, SSN: told[0].SSN, Result: "00"})
	_, err := p.ApplyMatches(t.Context(), b.id, f, strange, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileUnknownRow)
	other := slices.Clone(told)
	other[0].SSN = told[1].SSN
	_, err = p.ApplyMatches(t.Context(), b.id, f, other, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileOtherPerson)

	_, overdue, err := p.ExpireMatch(t.Context(), b.id)
	require.NoError(t, err)
	require.False(t, overdue)
	p.exec("update batch set waiting_until = now() - interval '1 minute' where waiting_for is not null")
	for range 2 {
		tally, overdue, err := p.ExpireMatch(t.Context(), b.id)
		require.NoError(t, err)
		require.True(t, overdue)
		require.Equal(t, card.Tally{Unknown: 3}, tally)
	}
	require.NoError(t, p.FinishMatch(t.Context(), november))
	late, err := p.LateMatches(t.Context())
	require.NoError(t, err)
	require.Equal(t, []card.BatchID{b.id}, late)
	require.Equal(t, card.Tally{Done: 2, Unknown: 1}, c.ask(b, told))
	late, err = p.LateMatches(t.Context())
	require.NoError(t, err)
	require.Empty(t, late)
	v, err := p.Matches(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 1}, []int{v[0].Asked, v[0].Alive, v[0].Unknown})
	require.Equal(t, card.RolloutDone, v[0].Status)
}

// TestAnImplausibleAnswerIsNotBelieved refuses an answer by which nearly everybody is dead, until two people release it.
func TestAnImplausibleAnswerIsNotBelieved(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	p.holders(52)
	c := p.census(november)
	b := c.page(1, 100)
	dead := answers{}
	for ref := range 51 {
		dead[ref+1] = "03"
	}
	told := b.matchAnswers(dead)
	f := b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet)
	_, err := p.ApplyMatches(t.Context(), b.id, f, told, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileImplausible)
	require.NoError(t, p.FileRefused(t.Context(), &b.id, card.Verdict{File: f, SM3: strings.Repeat("a", 64), Whole: card.FindingOf(err)}))
	require.Zero(t, ask[int](p, "select count(*) from review"))
	for _, by := range []string{"operator1", "operator2"} {
		_, err := p.ApplyMatches(t.Context(), b.id, f, told, nil)
		requireKind(t, err, card.Invalid, card.ReasonFileImplausible)
		_, err = p.ReleaseFile(t.Context(), f, card.Decision{By: by, Note: "民政确认属实"})
		require.NoError(t, err)
	}
	require.Equal(t, card.Tally{Done: 1, Failed: 51}, c.ask(b, told))
}

// TestWhatHasLeftIsNotLetGo keeps a row held whose batch's bank file has left meanwhile: it would go in no file.
func TestWhatHasLeftIsNotLetGo(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(4)
	id, err := p.payoutOf("2026-01", payRows(people, 20_000), 4)
	require.NoError(t, err)
	p.find(people)
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	require.Equal(t, card.Tally{Done: 1}, p.pay(t, p.firstBatch(id), nil))
	open, err := p.Reviews(t.Context(), postgres.ReviewFilter{Cause: card.ReviewRenamed})
	require.NoError(t, err)
	result, err := p.DecideReview(t.Context(), open[0].No, postgres.ReviewDecision{Outcome: card.ReviewKeep, By: "reviewer1", Why: "已更正"})
	require.NoError(t, err)
	require.False(t, result.Traces[0].Done)
	status, _ := p.status(id, 2)
	require.Equal(t, card.PayHeld, status)
	require.NoError(t, p.FinishBatch(t.Context(), mustBatch(t, p.firstBatch(id)), card.BatchDone))
	status, why := p.status(id, 2)
	require.Equal(t, []any{card.PayRefused, card.ReasonRenamed}, []any{status, why})
	p.requirePayoutSound(id)
	again, err := p.payout("2026-01", payRows(people[1:2], 20_000))
	require.NoError(t, err)
	v, err := p.Show(t.Context(), again, true)
	require.NoError(t, err)
	require.Equal(t, 1, v.Counts.Accepted, "it may be handed in again")
}
