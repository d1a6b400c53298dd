package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// TestCardsChangeWhilePaymentsWaitOrAreOut has every event of the rule table meet a payment that waits and one that is out.
func TestCardsChangeWhilePaymentsWaitOrAreOut(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	events := card.PayEvents()
	people := p.holders(2 * len(events))
	id, err := p.payoutOf("2026-01", payRows(people, 10_000), len(events))
	require.NoError(t, err)
	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	require.Len(t, v.Batches, 2)
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	out := answers{}
	for row := range len(events) + 1 {
		out[row] = "" // nothing is answered
	}
	p.pay(t, v.Batches[0].ID, out)
	// What becomes of a payment that waits; one that is out never changes by an event.
	becomes := map[card.PayEvent]card.PayStatus{
		card.PayTempLoss: card.PayPlanned, card.PayFormalLoss: card.PayPlanned, card.PayReplaced: card.PayPlanned, card.PayMovedCity: card.PayPlanned,
		card.PaySwitchStarted: card.PayHeld, card.PaySwitchDone: card.PayPlanned, card.PayAccountClosed: card.PayHeld, card.PayCancelled: card.PayHeld,
		card.PayDied: card.PayRefused,
	}
	require.Len(t, becomes, len(events))
	for i, event := range events {
		for row, sent := range map[int]bool{i + 1: true, len(events) + i + 1: false} {
			h := p.meets(t, id, row, event)
			want := card.PayUnknown
			if !sent {
				want = becomes[event]
			}
			require.Equal(t, want, h.Status, "%s, sent %v", event, sent)
			require.Len(t, h.Traces, 1)
			require.Equal(t, sent, h.Traces[0].Sent)
			require.Equal(t, card.RuleFor(event, sent), h.Traces[0].Action, "%s, sent %v", event, sent)
			require.Equal(t, !sent && want != card.PayPlanned, h.Traces[0].Done)
		}
	}
	p.requirePayoutSound(id)
}

// meets has an event meet the card of a row, and returns what then is known of the row.
func (p *programme) meets(t *testing.T, id card.RolloutID, row int, event card.PayEvent) postgres.PayHistory {
	t.Helper()
	h, err := p.PayHistory(t.Context(), id, row)
	require.NoError(t, err)
	traces, err := p.CardChanged(t.Context(), h.Card, event, "desk")
	require.NoError(t, err)
	require.Len(t, traces, 1)
	h, err = p.PayHistory(t.Context(), id, row)
	require.NoError(t, err)
	return h
}

// TestASwitchHoldsAndThenSendsOn holds a payment while its holder changes the bank: it goes on when the account is where it was, and
// is handed in again when it is at another bank.
func TestASwitchHoldsAndThenSendsOn(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payout("2026-01", payRows(p.holders(2), 10_000))
	require.NoError(t, err)
	require.Equal(t, card.PayHeld, p.meets(t, id, 1, card.PaySwitchStarted).Status)
	require.Equal(t, card.PayPlanned, p.meets(t, id, 1, card.PaySwitchDone).Status)
	h := p.meets(t, id, 2, card.PaySwitchStarted)
	p.exec("update card set bank = 105 where card_no = $1", string(h.Card))
	h = p.meets(t, id, 2, card.PaySwitchDone)
	require.Equal(t, card.PayRefused, h.Status)
	require.Equal(t, card.ReasonCardEvent, h.Reason)
	require.Len(t, h.Traces, 2)
	open, err := p.OpenPayments(t.Context(), id, 1, 1)
	require.NoError(t, err)
	require.Len(t, open, 1)
	p.requirePayoutSound(id)
	_, err = p.PayHistory(t.Context(), id, 99)
	requireKind(t, err, card.NotFound, card.ReasonNoPayment)
}

// TestACardChangesWhileItsRowIsBeingChecked asks civil affairs about rows that are held or stopped before the answer: it is taken all
// the same, and refuses what is held.
func TestACardChangesWhileItsRowIsBeingChecked(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, err := p.payout("2026-01", payRows(p.holders(4), 10_000))
	require.NoError(t, err)
	b := &lot{programme: p, id: mustBatch(t, p.firstBatch(id))}
	told := b.matchAnswers(answers{2: "03"})
	p.meets(t, id, 1, card.PaySwitchStarted)
	p.meets(t, id, 2, card.PayAccountClosed)
	p.meets(t, id, 3, card.PayDied)
	tally, err := p.ApplyMatches(t.Context(), b.id, b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet), told, nil)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: 1, Failed: 2, Unknown: 1}, tally)
	h, err := p.PayHistory(t.Context(), id, 2)
	require.NoError(t, err)
	require.Equal(t, card.ReasonMatchDeceased, h.Reason)
}

// requirePayoutSound asserts that all invariants of a subsidy rollout hold.
func (p *programme) requirePayoutSound(id card.RolloutID) {
	p.Helper()
	all, err := p.Invariants(p.Context(), id)
	require.NoError(p, err)
	for _, i := range all {
		require.True(p, i.Holds, "%s: %s", i.Name, i.Figure)
	}
}

// TestFailedPaymentsAreFollowedUp groups what was not paid by cause and owner, and links what makes good for it both ways.
func TestFailedPaymentsAreFollowedUp(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, people := p.paid(t)
	require.NoError(t, p.FinishBatch(t.Context(), mustBatch(t, p.firstBatch(id)), card.BatchDone))
	groups, err := p.FollowUps(t.Context(), id)
	require.NoError(t, err)
	causes := map[card.Reason]postgres.FollowUp{}
	for _, g := range groups {
		causes[g.Reason] = g
	}
	require.Len(t, groups, 5)
	closed := causes[card.ReasonPayClosed]
	require.Equal(t, []card.Owner{card.OwnerBank, card.OwnerHolder}, closed.Owners)
	require.Equal(t, postgres.Sum{Rows: 1, Fen: 10_000}, closed.Sum)
	require.Equal(t, "102", closed.Bank)
	require.Equal(t, "440600", closed.City)
	require.Equal(t, []card.Owner{card.OwnerHub}, causes[card.ReasonNoAnswer].Owners)
	require.Equal(t, []card.Owner{card.OwnerCardDesk, card.OwnerHolder}, causes[card.ReasonNoCard].Owners)

	again, err := p.payout("2026-01", payRows(people[:1], 10_000))
	require.NoError(t, err)
	failed, err := all(p.FailedPayments(t.Context(), id))
	require.NoError(t, err)
	require.Len(t, failed, 5)
	require.Equal(t, people[0].SSN, failed[0].Application.Person.SSN)
	require.Equal(t, again, failed[0].FollowedBy)
	require.False(t, failed[0].Again(), "it is made good for")
	require.False(t, failed[1].Again(), "nobody knows yet")
	require.True(t, failed[2].Again())
	h, err := p.PayHistory(t.Context(), id, 1)
	require.NoError(t, err)
	require.Equal(t, again, h.FollowedBy[0].Rollout)
	require.NotEmpty(t, h.Files)
	require.NotEmpty(t, h.Events)
	h, err = p.PayHistory(t.Context(), again, 1)
	require.NoError(t, err)
	require.Equal(t, []postgres.PayFollow{{Rollout: again, Row: 1, OfRollout: id, OfRow: 1}}, h.Follows)
	p.ready(again, p.approver("checker9", card.RoleChecker), p.approver("releaser9", card.RoleReleaser))
	orders, err := all(p.PayOrders(t.Context(), mustBatch(t, p.firstBatch(again))))
	require.NoError(t, err)
	require.Equal(t, card.NewInstruction(again, 1, 2), orders[0].Instruction, "the next version")
	p.exec("alter table payout_row disable trigger payout_row_written_once")
	p.exec("update payout_row set version = 3 where rollout = $1", p.numberOf(again))
	_, err = all(p.PayOrders(t.Context(), mustBatch(t, p.firstBatch(again))))
	requireKind(t, err, card.Breach, card.ReasonHashDiffers)
	_, err = p.FollowUps(t.Context(), "R20260101-999")
	requireKind(t, err, card.NotFound, card.ReasonNoSuchRollout)
}

func (p *programme) firstBatch(id card.RolloutID) string {
	p.Helper()
	v, err := p.Show(p.Context(), id, false)
	require.NoError(p, err)
	return v.Batches[0].ID
}

// TestSamplesAreDrawnAndRecorded draws twice the same rows, and tells what their verification found.
func TestSamplesAreDrawnAndRecorded(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, people := p.paid(t)
	plan := card.SamplePlan{Confidence: 0.95, Margin: 0.4}
	first, err := p.DrawSample(t.Context(), id, plan, 7, "auditor1")
	require.NoError(t, err)
	require.Equal(t, 4, first.Population)
	require.Equal(t, plan.Size(4), first.Size)
	second, err := p.DrawSample(t.Context(), id, plan, 7, "auditor1")
	require.NoError(t, err)
	rows, err := all(p.SampledRows(t.Context(), id, first.No))
	require.NoError(t, err)
	require.Len(t, rows, first.Size)
	same, err := all(p.SampledRows(t.Context(), id, second.No))
	require.NoError(t, err)
	for i := range rows {
		require.Equal(t, rows[i].Row, same[i].Row)
		require.Equal(t, people[rows[i].Row-1].Name, rows[i].Person.Name)
	}
	results := []postgres.SampleResult{{Sample: first.No, Row: rows[0].Row, Outcome: card.SampleConfirmed}, {Sample: first.No, Row: rows[1].Row, Outcome: card.SampleWrong, Note: "冒领"}}
	require.NoError(t, p.RecordSample(t.Context(), id, results, "auditor1"))
	require.NoError(t, p.RecordSample(t.Context(), id, results, "auditor1"))
	samples, err := p.Samples(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, samples, 2)
	require.Equal(t, [2]int{1, 1}, [2]int{samples[0].Confirmed, samples[0].Wrong})
	require.InDelta(t, 0.5, samples[0].Estimate.Share, 1e-9)
	require.Equal(t, first.Size-2, samples[0].Open())
	err = p.RecordSample(t.Context(), id, []postgres.SampleResult{{Sample: first.No, Row: 99, Outcome: card.SampleWrong}}, "auditor1")
	requireKind(t, err, card.Invalid, card.ReasonSampleResults)
	_, err = p.DrawSample(t.Context(), id, card.SamplePlan{}, 7, "auditor1")
	requireKind(t, err, card.Invalid, card.ReasonSampleShape)
	p.requirePayoutSound(id)
}
