package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// phases brings a lot of six people as far as its name says. Rows 1 and 2 fare badly where a partner may see to that.
func phases() []struct {
	name string
	to   func(*lot)
} {
	type phase = struct {
		name string
		to   func(*lot)
	}
	match := func(b *lot) { b.match(answers{1: "01", 2: ""}) }
	number := func(b *lot) { match(b); b.number() }
	open := func(b *lot) { number(b); b.open(answers{3: "E01", 4: ""}) }
	made := func(b *lot) { open(b); b.make(answers{5: "M03"}) }
	return []phase{
		{"planned", func(*lot) {}}, {"asked civil affairs", func(b *lot) { b.send("CIVIL", card.MatchReq, 0) }},
		{"matched", match}, {"numbered", number},
		{"asked the bank", func(b *lot) { number(b); b.send("ICBC", card.AcctReq, 0) }},
		{"opened", open}, {"asked the bureau", func(b *lot) { open(b); b.send("BUREAU", card.CardReq, 0) }},
		{"made", made}, {"stocked", func(b *lot) { made(b); b.stock() }},
		{"dispatched", func(b *lot) { made(b); b.stock(); b.dispatch() }},
		{"arrived", func(b *lot) { b.reported(made, card.ReportArrived) }},
		{"returned", func(b *lot) { b.reported(made, card.ReportReturned) }},
		{"handed over", func(b *lot) { b.reported(made, card.ReportHanded) }},
		{"active", func(b *lot) { b.reported(made, card.ReportHanded); b.activate(nil) }},
	}
}

// reported dispatches the cards, of which the outlets then tell.
func (b *lot) reported(before func(*lot), what card.ReportEvent) {
	b.Helper()
	before(b)
	b.stock()
	f, cards := b.dispatch()
	for i, c := range cards {
		require.NoError(b, b.report(1000*b.born+i, event(what, f, c)))
	}
}

// TestWithdrawInEveryPhase leaves every row explained, its person free to apply again unless the card is in his or her hands,
// and every account listed that is open or may be.
func TestWithdrawInEveryPhase(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, phase := range phases() {
		b := p.lot(6)
		phase.to(b)
		opened := ask[int](p, "select count(*) from bank_account a join issuance_item i using (city, card_no) where i.rollout = $1", p.numberOf(b.id.Rollout))
		before := b.status()
		for range 2 {
			require.NoError(t, p.Withdraw(t.Context(), b.id), phase.name)
			require.NoError(t, p.FinishBatch(t.Context(), b.id, card.BatchCancelled))
		}
		require.NoError(t, p.SetStatus(t.Context(), b.id.Rollout, card.RolloutCancelled, "manager1", ""))
		p.requireSound(b.id.Rollout)
		kept := before[card.HandedOver] + before[card.Activated]
		b.requireExplained(phase.name, kept)
		require.Equal(t, opened-kept+before[card.AccountRequested]+before[card.Batched], b.closing(), "%s: accounts to close", phase.name)
		again := p.draft(b.rows)
		v, err := p.Show(t.Context(), again, false)
		require.NoError(t, err)
		require.Equal(t, 6-kept, v.Counts.Accepted, "%s: who has no card may apply again", phase.name)
		p.cancel(again)
	}
}

// cancel ends a draft.
func (p *programme) cancel(id card.RolloutID) {
	p.Helper()
	require.NoError(p, p.SetStatus(p.Context(), id, card.RolloutCancelled, "manager1", ""))
}

// requireExplained asserts that each row has ended with a reason, but for the cards that their holders have.
func (b *lot) requireExplained(phase string, kept int) {
	b.Helper()
	ended := map[card.ItemStatus]bool{card.Withdrawn: true, card.Spoiled: true, card.Refused: true, card.AccountFailed: true, card.MakeFailed: true}
	for status := range b.status() {
		require.True(b, ended[status] || status == card.Activated, "%s: %s", phase, status)
	}
	refused, err := all(b.Refusals(b.Context(), b.id.Rollout))
	require.NoError(b, err)
	require.Len(b, refused, 6-kept, "%s: every row that ended has a reason", phase)
	v, err := b.Show(b.Context(), b.id.Rollout, false)
	require.NoError(b, err)
	c := v.Counts
	require.Equal(b, 6, c.Refused+c.Failed+c.Withdrawn+c.Active, phase)
	require.Equal(b, kept, c.Active, "%s: cards in the hands of their holders work", phase)
	require.Zero(b, c.Unknown+c.Pending, phase)
	require.Equal(b, card.BatchCancelled, v.Batches[0].Status)
	require.Empty(b, v.Waiting)
}

func (b *lot) closing() int {
	b.Helper()
	accounts, err := all(b.AccountsToClose(b.Context(), b.id.Rollout))
	require.NoError(b, err)
	for _, a := range accounts {
		require.NotEmpty(b, a.Number)
	}
	return len(accounts)
}

// TestPartsEqualTheCounts divides rollouts in every phase: the parts add up to the whole.
func TestPartsEqualTheCounts(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, phase := range phases() {
		b := p.lot(6)
		phase.to(b)
		parts, err := p.Parts(t.Context(), b.id.Rollout)
		require.NoError(t, err)
		var sum postgres.Counts
		for _, part := range parts {
			sum.Add(part.Counts)
		}
		v, err := p.Show(t.Context(), b.id.Rollout, false)
		require.NoError(t, err)
		require.Equal(t, v.Counts, sum, phase.name)
	}
}
