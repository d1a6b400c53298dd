package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// TestStockAndDispatch follows cards that go each of the three ways.
func TestStockAndDispatch(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rows := p.people(3)
	rows[1].Application.Mode, rows[1].Application.EmployerNo, rows[1].Application.EmployerName = card.Employer, "91440600000000000X", "测试厂"
	rows[2].Application.Mode, rows[2].Application.Outlet = card.Post, ""
	b := p.lotOf(rows)
	b.match(nil)
	b.number()
	b.open(nil)
	b.make(nil)
	require.Equal(t, 3, b.stock())
	require.Equal(t, 3, b.stock(), "again")
	f, told := b.dispatch()
	require.Equal(t, 3, b.stock(), "also when they have left")
	require.Equal(t, []card.DistributionMode{card.Outlet, card.Employer, card.Post}, []card.DistributionMode{told[0].Mode, told[1].Mode, told[2].Mode})
	require.Empty(t, told[0].Address+told[0].Phone+told[0].Tracking+told[1].Address+told[1].Phone+told[1].Tracking)
	require.Equal(t, rows[1].Application.EmployerName, told[1].EmployerName)
	require.Equal(t, "SC"+string(told[2].Number)+"CN", told[2].Tracking)
	require.Equal(t, rows[2].Application.Person.Address, told[2].Address)
	require.Equal(t, told[2].Tracking, ask[string](p, "select tracking from issuance_item where row_no = 3"))
	require.Equal(t, f, b.send("OUTLET", card.Dispatch, 0))
	require.Equal(t, []string{"3 vendor store", "3 store outlets"},
		ask[[]string](p, "select array_agg(quantity || ' ' || from_place || ' ' || to_place order by id) from stock_movement"))
	p.requireSound(b.id.Rollout)
}

func TestReportsTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(4)
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[0]), event(card.ReportArrived, f, cards[1])))
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[2])), "the same file again changes nothing")
	require.NoError(t, p.report(2, event(card.ReportArrived, f, cards[0]), event(card.ReportHanded, f, cards[1]), event(card.ReportReturned, f, cards[2])))
	require.NoError(t, p.report(3, event(card.ReportReturned, f, cards[0]), event(card.ReportHanded, f, cards[1])), "late and repeated rows do no harm")
	require.Equal(t, map[card.ItemStatus]int{card.HandedOver: 2, card.InStock: 1, card.Dispatched: 1}, b.status())
	require.Equal(t, 2, ask[int](p, "select count(*) from card_event where what = 'handed_over'"))
	progress, err := p.HandOvers(t.Context(), b.id)
	require.NoError(t, err)
	require.Equal(t, card.HandOverProgress{HandedOver: 2, Waiting: 1, Round: 1}, progress)
	p.requireSound(b.id.Rollout)
}

// TestReportOfSeveralBatches refuses the rows that nobody dispatched, and a report that has no others.
func TestReportOfSeveralBatches(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b1, f1, cards1 := p.produced(1)
	b2, f2, cards2 := p.produced(2)
	stray := event(card.ReportHanded, f1, cards1[0])
	stray.Dispatch.Seq = 99
	mixed := event(card.ReportHanded, f2, cards2[1])
	mixed.Number = cards1[0].Number
	requireKind(t, p.report(1, stray), card.Invalid, card.ReasonFileUnknownDispatch)
	requireKind(t, p.report(2, mixed), card.Invalid, card.ReasonFileOtherCard)
	require.NoError(t, p.report(3, event(card.ReportHanded, f1, cards1[0]), stray, mixed, event(card.ReportHanded, f2, cards2[0])))
	require.Equal(t, map[card.ItemStatus]int{card.HandedOver: 1}, b1.status())
	require.Equal(t, map[card.ItemStatus]int{card.HandedOver: 1, card.Dispatched: 1}, b2.status())
	require.NoError(t, p.report(4))
}

func TestDeskHandsOver(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(2)
	for range 2 {
		at, err := p.HandOver(t.Context(), cards[0].Number, "01", "clerk1")
		require.NoError(t, err)
		require.Equal(t, b.id, at)
	}
	require.Equal(t, 1, ask[int](p, "select count(*) from card_event where what = 'handed_over' and source = 'desk/clerk1/01'"))
	_, err := p.HandOver(t.Context(), "E99999999", "01", "clerk1")
	requireKind(t, err, card.NotFound, card.ReasonNoSuchCard)
	require.NoError(t, p.report(1, event(card.ReportReturned, f, cards[1])))
	_, err = p.HandOver(t.Context(), cards[1].Number, "01", "clerk1")
	requireKind(t, err, card.Conflict, card.ReasonWrongState)
	n, _ := b.activate(nil)
	require.Equal(t, 1, n)
	_, err = p.HandOver(t.Context(), cards[0].Number, "02", "clerk2")
	require.NoError(t, err, "an active card was handed over")
}

// TestDesksAndActivationsAtOnce hands cards over at many desks while rounds are activated: nobody waits for the other in turn.
func TestDesksAndActivationsAtOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, _, cards := p.produced(12)
	var each sync.WaitGroup
	errs := make([]error, 2*len(cards))
	for i, c := range cards {
		each.Go(func() { _, errs[2*i] = p.HandOver(t.Context(), c.Number, "01", "clerk1") })
		each.Go(func() { _, errs[2*i+1] = p.ActivateCards(t.Context(), b.id, 1) })
	}
	each.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	v, err := p.Show(t.Context(), b.id.Rollout, true)
	require.NoError(t, err)
	require.Equal(t, 12, v.Counts.HandedOver)
	p.requireSound(b.id.Rollout)
}

// TestRounds activates what was handed over round by round. A round that was begun is finished before the next: also by
// a process that knows nothing of it.
func TestRounds(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(5)
	progress := func() card.HandOverProgress {
		got, err := p.HandOvers(t.Context(), b.id)
		require.NoError(t, err)
		return got
	}
	activate := func(round int) int {
		n, err := p.ActivateCards(t.Context(), b.id, round)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, card.HandOverProgress{Waiting: 5, Round: 1}, progress())
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[0]), event(card.ReportHanded, f, cards[1])))
	require.Equal(t, 2, activate(1))
	require.NoError(t, p.report(2, event(card.ReportHanded, f, cards[2])))
	require.Equal(t, 2, activate(1), "again, after another hand-over")
	require.Equal(t, card.HandOverProgress{HandedOver: 3, Waiting: 2, Round: 1}, progress(), "the bank has not been asked")
	b.send("ICBC", card.ActReq, 1)
	require.Equal(t, 1, progress().Round, "the bank has not answered")

	n, tally := b.activate(answers{2: "A01"})
	require.Equal(t, 2, n)
	require.Equal(t, card.Tally{Done: 1, Failed: 1}, tally)
	require.Equal(t, card.HandOverProgress{HandedOver: 1, Waiting: 2, Round: 2}, progress())
	n, _ = b.activate(nil)
	require.Equal(t, 1, n)
	require.Equal(t, card.HandOverProgress{Waiting: 2, Round: 3}, progress())
	require.Equal(t, 0, activate(3))
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2}, []int{v.Counts.Active, v.Counts.AccountActive}, "two separate states")
	require.Equal(t, []int16{int16(card.Active), int16(card.NotActivated), int16(card.Active)},
		ask[[]int16](p, "select array_agg(a.status order by i.row_no) from bank_account a join issuance_item i using (city, card_no) where i.row_no <= 3"))
	p.requireSound(b.id.Rollout)
}

// TestActivationAnswers refuses an answer about cards that are not active, and applies the right one once.
func TestActivationAnswers(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, f, cards := p.produced(2)
	require.NoError(t, p.report(1, event(card.ReportHanded, f, cards[0])))
	_, err := p.ActivateCards(t.Context(), b.id, 1)
	require.NoError(t, err)
	answer := b.send("ICBC", card.ActReq, 1).Answer(card.ActRet)
	_, err = p.ApplyActivations(t.Context(), b.id, answer, []card.ActivationAnswer{{Ref: 2, Number: cards[1].Number, Result: "00"}}, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileUnknownRow)
	for range 2 {
		_, err = p.ApplyActivations(t.Context(), b.id, answer, []card.ActivationAnswer{{Ref: 1, Number: cards[0].Number, Result: "00", At: time.Now()}}, nil)
		require.NoError(t, err)
	}
	require.Equal(t, 1, ask[int](p, "select count(*) from card_event where what = 'account_active'"))
}

func TestAwaitHandOver(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, _, _ := p.produced(1)
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	require.NoError(t, p.AwaitHandOver(t.Context(), b.id, "OUTLET", until))
	require.NoError(t, p.AwaitHandOver(t.Context(), b.id, "OUTLET", until.Add(time.Hour)), "the deadline does not move by being asked again")
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.True(t, until.Equal(v.Waiting[0].Until))
	require.Equal(t, "OUTLET", v.Waiting[0].For)
}
