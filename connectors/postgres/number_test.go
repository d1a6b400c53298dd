package postgres_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/postgres"
)

// numbersOf returns the card numbers in use, in order.
func (p *programme) numbersOf(prefix string) []string {
	p.Helper()
	return ask[[]string](p, "select coalesce(array_agg(card_no order by card_no), '{}') from issuance_item where card_no like $1", prefix+"%")
}

// wanted is the n numbers of a prefix from serial first.
func wanted(t require.TestingT, prefix string, first, n int) []string {
	numbers := []string{}
	for serial := first; serial < first+n; serial++ {
		number, err := card.MakeNumber(fmt.Sprintf("%s%0*d", prefix, 8-len(prefix), serial))
		require.NoError(t, err)
		numbers = append(numbers, string(number))
	}
	return numbers
}

// TestNumbersAgain repeats the step at every later point: the tally stays, and no number is spent.
func TestNumbersAgain(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(4)
	b.match(answers{2: "01"})
	want := card.Tally{Done: 3, Failed: 1}
	require.Equal(t, want, b.number())
	require.Equal(t, wanted(t, "E", 1, 3), p.numbersOf("E"))
	for _, later := range []func(){func() {}, func() { b.open(nil) }, func() { b.make(nil) }, func() { b.stock() }, func() { b.dispatch() }} {
		later()
		require.Equal(t, want, b.number())
	}
	require.Equal(t, wanted(t, "E", 1, 3), p.numbersOf("E"))
	p.requireSound(b.id.Rollout)
}

// TestRangeRunsOut goes on in the next range, and takes nothing when the last has too little.
func TestRangeRunsOut(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	p.exec("delete from card_range")
	add := func(prefix string, first, last int64) {
		require.NoError(t, p.AddRange(t.Context(), postgres.Range{City: "440600", Prefix: prefix, First: first, Last: last}))
	}
	add("A", 8, 9)
	b := p.lot(5)
	b.match(nil)
	_, err := p.AllocateNumbers(t.Context(), b.id)
	requireKind(t, err, card.Conflict, card.ReasonNoNumbersLeft)
	require.Equal(t, 5, b.status()[card.Matched], "nothing was taken")
	add("B2", 1, 2)
	add("C", 1, 100)
	require.Equal(t, card.Tally{Done: 5}, b.number())
	require.Equal(t, slices.Concat(wanted(t, "A", 8, 2), wanted(t, "B2", 1, 2), wanted(t, "C", 1, 1)), p.numbersOf(""))
	ranges, err := p.Ranges(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int64{10, 3, 2}, []int64{ranges[0].Next, ranges[1].Next, ranges[2].Next})
	p.requireSound(b.id.Rollout)
}

// TestRangesMustNotOverlap also where one prefix is the beginning of another: the bodies would be the same.
func TestRangesMustNotOverlap(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	add := func(city, prefix string, first, last int64) error {
		return p.AddRange(t.Context(), postgres.Range{City: city, Prefix: prefix, First: first, Last: last})
	}
	require.NoError(t, add("440700", "X", 1_000_000, 1_999_999))
	for _, r := range []postgres.Range{
		{Prefix: "X", First: 1_500_000, Last: 2_500_000}, {Prefix: "X", First: 1_000_000, Last: 1_999_999}, {Prefix: "X1", First: 5, Last: 9},
		{Prefix: "X19", First: 99_999, Last: 99_999},
	} {
		requireKind(t, add("440800", r.Prefix, r.First, r.Last), card.Conflict, card.ReasonRangeOverlaps)
	}
	for _, r := range []postgres.Range{
		{Prefix: "X", First: 2_000_000, Last: 2_000_010}, {Prefix: "X3", First: 1, Last: 9}, {Prefix: "Y", First: 1_000_000, Last: 1_999_999},
		{Prefix: "XA", First: 1, Last: 9},
	} {
		require.NoError(t, add("440800", r.Prefix, r.First, r.Last))
	}
	requireKind(t, add("440800", "X", 3_000_000, 3_000_005), card.Conflict, card.ReasonRangeOverlaps)
	for _, r := range []postgres.Range{{Prefix: "Z", First: 1, Last: 10_000_000}, {Prefix: "z", First: 1, Last: 2}, {Prefix: "Z", First: -1, Last: 2}} {
		require.Equal(t, card.Invalid, card.KindOf(add("440800", r.Prefix, r.First, r.Last)))
	}
}

// TestNumbersConcurrently draws batches and scattered ranges, and numbers all batches at once, some of them twice: none is lost, none
// is given twice, and each person has one.
func TestNumbersConcurrently(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rapid.Check(t, func(rt *rapid.T) {
		p.exec("update card_range set next = last + 1")
		base := ask[int](p, "select coalesce(max(last), 0)::int from card_range where prefix = 'E'") + 1
		sizes := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(rt, "batches")
		total := 0
		var lots []*lot
		for _, n := range sizes {
			b := p.lot(n)
			b.match(nil)
			lots, total = append(lots, b), total+n
		}
		for from := 0; from < total; {
			n := min(rapid.IntRange(1, 6).Draw(rt, "range"), total-from)
			require.NoError(rt, p.AddRange(t.Context(), postgres.Range{City: "440600", Prefix: "E", First: int64(base + from), Last: int64(base + from + n - 1)}))
			from += n
		}
		var each sync.WaitGroup
		errs := make([]error, 2*len(lots))
		for i := range errs {
			each.Go(func() { errs[i] = p.numberAnyway(lots[i/2]) })
		}
		each.Wait()
		for _, err := range errs {
			require.NoError(rt, err)
		}
		given := ask[[]string](p, `select array_agg(card_no order by card_no) from issuance_item i join rollout r on r.no = i.rollout
			where r.id = any($1)`, rollouts(lots))
		require.Equal(rt, wanted(rt, "E", base, total), given)
		for _, b := range lots {
			p.requireSound(b.id.Rollout)
		}
	})
}

func rollouts(lots []*lot) (ids []string) {
	for _, b := range lots {
		ids = append(ids, string(b.id.Rollout))
	}
	return ids
}

// numberAnyway tries again as Temporal does, while the ledger says that it may help.
func (p *programme) numberAnyway(b *lot) error {
	for {
		if _, err := p.AllocateNumbers(p.Context(), b.id); card.KindOf(err) != card.Unavailable {
			return err
		}
	}
}

// TestOneCardPerPerson has the same people in several approved rollouts, whose batches are numbered at the same time.
func TestOneCardPerPerson(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rows := p.people(5)
	first := p.lotOf(rows)
	rivals := []*lot{first}
	for range 3 {
		rivals = append(rivals, p.lotOf(slices.Clone(rows)))
	}
	var each sync.WaitGroup
	errs := make([]error, len(rivals))
	for _, b := range rivals {
		b.match(nil)
	}
	for i, b := range rivals {
		each.Go(func() { errs[i] = p.numberAnyway(b) })
	}
	each.Wait()
	numbered, refused := 0, 0
	for i, b := range rivals {
		require.NoError(t, errs[i])
		numbered += b.status()[card.Batched]
		refused += b.status()[card.Refused]
		p.requireSound(b.id.Rollout)
	}
	require.Equal(t, 5, numbered)
	require.Equal(t, 15, refused)
	require.Equal(t, wanted(t, "E", 1, 5), p.numbersOf("E"), "none was spent on a refused row")
}

// TestHolderIsRefusedAtTheNumbers tells who has a card from who has one on its way.
func TestHolderIsRefusedAtTheNumbers(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	rows := p.people(1)
	first, second, third := p.lotOf(rows), p.lotOf(slices.Clone(rows)), p.lotOf(slices.Clone(rows))
	for _, b := range []*lot{first, second, third} {
		b.match(nil)
	}
	first.number()
	require.Equal(t, card.Tally{Failed: 1}, second.number())
	first.open(nil)
	first.make(nil)
	require.Equal(t, card.Tally{Failed: 1}, third.number())
	for b, reason := range map[*lot]card.Reason{second: card.ReasonCardInProgress, third: card.ReasonHasCard} {
		refused, err := all(p.Refusals(t.Context(), b.id.Rollout))
		require.NoError(t, err)
		require.Equal(t, []card.Reason{reason}, refused[0].Reasons)
	}
}
