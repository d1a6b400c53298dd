package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/postgres"
)

// TestInvariantsCanFail corrupts the tables by hand, past the ledger: exactly the invariant that speaks of it fails.
func TestInvariantsCanFail(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, tc := range []struct{ invariant, sql string }{
		{"one_live_card_per_person", "update person set card_no = 'E99999999' where rollout = $1 and row_no = 1"},
		{"one_live_card_per_person", "update person set card_no = null where rollout = $1 and row_no = 2"},
		{"no_number_lost_or_used_twice", "update issuance_item set card_no = null where rollout = $1 and row_no = 1"},
		{"no_number_lost_or_used_twice", "update issuance_item i set card_no = o.card_no from issuance_item o where i.rollout = $1 and o.rollout = $1 and i.row_no = 1 and o.row_no = 2"},
		{"no_number_lost_or_used_twice", "update card_allocation set last = last + 1 where rollout = $1"},
		{"every_row_has_one_outcome", "delete from issuance_item where rollout = $1 and row_no = 4"},
		{"every_row_has_one_outcome", "insert into issuance_item (city, rollout, batch, row_no, home, status) values (440600, $1, 1, 99, 1, 90)"},
		{"approved_by_another_before_a_file_left", "delete from approval where rollout = $1"},
		{"approved_by_another_before_a_file_left", "update approval set by_whom = 'manager1' where rollout = $1"},
		{"approved_by_another_before_a_file_left", "update approval set at = at + interval '1 day' where rollout = $1"},
		{"approved_by_another_before_a_file_left", "update rollout set content_hash = decode('00', 'hex') where no = $1"},
		{"every_row_sent_is_answered_or_unknown", "update issuance_item set reason = null where rollout = $1 and row_no = 3"},
		{"every_row_sent_is_answered_or_unknown", "update issuance_item set reason = null where rollout = $1 and row_no = 5"},
		{"every_row_sent_is_answered_or_unknown", "update issuance_item set reason = null where rollout = $1 and row_no = 4"},
	} {
		b := p.lot(6)
		b.match(answers{4: ""})
		b.number()
		b.open(answers{3: ""})
		b.make(answers{5: ""})
		p.requireSound(b.id.Rollout)
		p.exec(tc.sql, p.numberOf(b.id.Rollout))
		require.Equal(t, []string{tc.invariant}, p.broken(b.id.Rollout), tc.sql)
	}
}

// broken returns the invariants that do not hold.
func (p *programme) broken(id card.RolloutID) []string {
	p.Helper()
	all, err := p.Invariants(p.Context(), id)
	require.NoError(p, err)
	var names []string
	for _, i := range all {
		if !i.Holds {
			names = append(names, i.Name)
		}
	}
	return names
}

// TestBreachFreezesTheBatch undoes the step that finds a breach, and says so.
func TestBreachFreezesTheBatch(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, sql := range []string{
		"delete from issuance_item where rollout = $1 and row_no = 2",
		"update issuance_item set card_no = null where rollout = $1 and row_no = 2",
		"update card_allocation set last = last + 1 where rollout = $1",
	} {
		b := p.lot(3)
		b.match(nil)
		b.number()
		b.open(nil)
		b.make(nil)
		before := b.status()[card.Made]
		p.exec(sql, p.numberOf(b.id.Rollout))
		_, err := p.ReceiveStock(t.Context(), b.id)
		requireKind(t, err, card.Breach, card.ReasonInvariantBreach)
		require.LessOrEqual(t, before-1, b.status()[card.Made], "the step is undone")
		require.Zero(t, b.status()[card.InStock])
		v, err := p.Show(t.Context(), b.id.Rollout, false)
		require.NoError(t, err)
		require.Equal(t, card.BatchFrozen, v.Batches[0].Status)
		require.Contains(t, p.told(b.id.Rollout), postgres.EventFrozen)
	}
}

// TestOneCardIsCheckedWhereCardsBegin takes the claim of a person away before the card is activated.
func TestOneCardIsCheckedWhereCardsBegin(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(2)
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[0])))
	p.exec("update person set card_no = 'E99999999' where rollout = $1 and row_no = 1", p.numberOf(b.id.Rollout))
	_, err := p.ActivateCards(t.Context(), b.id, 1)
	requireKind(t, err, card.Breach, card.ReasonInvariantBreach)
	require.Equal(t, 1, b.status()[card.HandedOver])
}

// told is what the timeline of a rollout tells, in order.
func (p *programme) told(id card.RolloutID) (what []string) {
	p.Helper()
	events, err := p.Timeline(p.Context(), id)
	require.NoError(p, err)
	for _, e := range events {
		what = append(what, e.What)
	}
	return what
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(2)
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[0]), event(card.ReportHanded, f, cards[1])))
	b.activate(nil)
	for range 2 {
		require.NoError(t, p.FinishBatch(t.Context(), b.id, card.BatchDone))
		require.NoError(t, p.SetStatus(t.Context(), b.id.Rollout, card.RolloutPaused, "operator1", "why"))
	}
	require.NoError(t, p.SetStatus(t.Context(), b.id.Rollout, card.RolloutRunning, "operator1", ""))
	require.NoError(t, p.SetStatus(t.Context(), b.id.Rollout, card.RolloutDone, "", ""))
	require.Equal(t, []string{"created", "submitted", "approved", "started", "file_sent", "file_processed", "numbers_allocated", "file_sent",
		"file_processed", "file_sent", "file_processed", "stocked", "file_sent", "file_processed", "activated", "file_sent", "file_processed",
		"batch_done", "paused", "resumed", "done"}, p.told(b.id.Rollout))
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.NotNil(t, v.StartedAt)
	require.NotNil(t, v.FinishedAt)
	require.Equal(t, postgres.Counts{Rows: 2, Accepted: 2, Matched: 2, AccountOpened: 2, Made: 2, InStock: 2, Dispatched: 2, HandedOver: 2, Active: 2, AccountActive: 2}, v.Counts)
	list, err := p.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, b.id.Rollout, list[0].ID)
}

func TestJudgeCanary(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	for _, tc := range []struct {
		bad    int
		passed bool
	}{{0, true}, {1, true}, {2, false}} {
		rows := p.people(22)
		id := p.draft(rows, func(n *postgres.NewRollout) { n.CanaryRows, n.CanaryThreshold = 20, 500 })
		b := &lot{programme: p, id: p.approved(id)[0]}
		wrong := answers{}
		for row := 1; row <= tc.bad; row++ {
			wrong[row] = map[int]string{1: "01", 2: ""}[row]
		}
		b.match(wrong)
		b.number()
		b.open(nil)
		for range 2 {
			passed, err := p.JudgeCanary(t.Context(), b.id)
			require.NoError(t, err)
			require.Equal(t, tc.passed, passed, "%d of 20 failed", tc.bad)
		}
	}
}

// TestRandomProgrammes plays rollouts with partners that answer at random, steps that are repeated, and cancellations: after
// every step all invariants hold, and in the end every row is explained.
func TestRandomProgrammes(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := p.lot(rapid.IntRange(1, 8).Draw(rt, "rows"))
		steps := []func(answers){
			func(a answers) { b.match(a) }, func(answers) { b.number() }, func(a answers) { b.open(a) }, func(a answers) { b.enquire(a) },
			func(a answers) { b.make(a) }, func(answers) { b.stock() }, func(answers) { b.dispatch() },
		}
		codes := [][]string{{"01", "02", "03", ""}, nil, {"E01", "E09", ""}, {"E01", card.ResultNeverReceived, ""}, {"M01", "M03", ""}, nil, nil}
		last := rapid.IntRange(0, len(steps)).Draw(rt, "steps")
		for i, step := range steps[:last] {
			a := draw(rt, len(b.rows), codes[i])
			step(a)
			if rapid.Bool().Draw(rt, "again") {
				step(nil) // the same file, which is applied already
			}
			p.requireSound(b.id.Rollout)
		}
		if last == len(steps) {
			p.handOverAtRandom(rt, b)
		}
		if rapid.Bool().Draw(rt, "cancel") {
			require.NoError(rt, p.Withdraw(t.Context(), b.id))
			require.NoError(rt, p.FinishBatch(t.Context(), b.id, card.BatchCancelled))
			kept := b.status()[card.HandedOver] + b.status()[card.Activated]
			refused, err := all(p.Refusals(t.Context(), b.id.Rollout))
			require.NoError(rt, err)
			require.Len(rt, refused, len(b.rows)-kept)
		}
		p.requireSound(b.id.Rollout)
		v, err := p.Show(t.Context(), b.id.Rollout, false)
		require.NoError(rt, err)
		c := v.Counts
		require.Equal(rt, len(b.rows), c.Refused+c.Failed+c.Unknown+c.Withdrawn+c.Active+c.Pending, "%+v", c)
	})
}

// draw has some of n rows fare otherwise than well.
func draw(rt *rapid.T, n int, codes []string) answers {
	a := answers{}
	for row := 1; row <= n && codes != nil; row++ {
		if rapid.IntRange(0, 3).Draw(rt, "fare") == 0 {
			a[row] = rapid.SampledFrom(codes).Draw(rt, "code")
		}
	}
	return a
}

// handOverAtRandom has the outlets report what they like, in several files, with rounds of activation between them.
func (p *programme) handOverAtRandom(rt *rapid.T, b *lot) {
	f := b.send("OUTLET", card.Dispatch, 0)
	rows, err := p.conn.Query(p.Context(), "select row_no, card_no from issuance_item where rollout = $1 and status >= $2 and status < 90", p.numberOf(b.id.Rollout), card.InStock)
	require.NoError(rt, err)
	var cards []card.DispatchRow
	for rows.Next() {
		var r card.DispatchRow
		require.NoError(rt, rows.Scan(&r.Ref, &r.Number))
		cards = append(cards, r)
	}
	require.NoError(rt, rows.Err())
	for range rapid.IntRange(0, 3).Draw(rt, "reports") {
		var told []card.ReportRow
		for _, c := range cards {
			if what := rapid.SampledFrom([]card.ReportEvent{"", card.ReportArrived, card.ReportHanded, card.ReportReturned}).Draw(rt, "event"); what != "" {
				told = append(told, event(what, f, c))
			}
		}
		seq := ask[int](p, "select coalesce(max(sequence), 0) + 1 from exchange_file where kind = 'REPORT'")
		require.NoError(rt, p.report(seq, told...))
		if progress, err := p.HandOvers(p.Context(), b.id); err == nil && progress.HandedOver > 0 {
			b.activate(draw(rt, len(b.rows), []string{"A01", ""}))
		}
		p.requireSound(b.id.Rollout)
	}
}
