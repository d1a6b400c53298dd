package card_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func schedule(t require.TestingT, days, cutOff string) card.Schedule {
	s, err := calendar(t).Schedule(days, cutOff)
	require.NoError(t, err)
	return s
}

func TestNextCutOff(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		days, cutOff, after, want string
		day                       card.Day
	}{
		"today":                        {"working", "17:00", "2026-11-20 16:59", "2026-11-20 17:00", "20261120"},
		"on the stroke":                {"working", "17:00", "2026-11-20 17:00", "2026-11-23 17:00", "20261123"},
		"over Spring Festival":         {"working", "17:00", "2026-02-14 17:00", "2026-02-24 17:00", "20260224"},
		"make-up Saturday before it":   {"working", "17:00", "2026-02-13 18:00", "2026-02-14 17:00", "20260214"},
		"over National Day":            {"working", "09:00", "2026-09-30 09:00", "2026-10-08 09:00", "20261008"},
		"make-up Sunday":               {"working", "09:00", "2026-09-19 09:00", "2026-09-20 09:00", "20260920"},
		"every day":                    {"daily", "17:00", "2026-02-16 18:00", "2026-02-17 17:00", "20260217"},
		"after midnight":               {"working", "26:00", "2026-11-21 01:00", "2026-11-21 02:00", "20261120"},
		"at the last minute":           {"working", "48:00", "2026-11-21 23:59", "2026-11-22 00:00", "20261120"},
		"weekdays":                     {"mon,thu", "10:00", "2026-11-23 10:00", "2026-11-26 10:00", "20261126"},
		"weekday on a holiday":         {"thu", "10:00", "2026-09-30 00:00", "2026-10-01 10:00", "20261001"},
		"weekday, the day before":      {"thu working-before", "10:00", "2026-09-29 00:00", "2026-09-30 10:00", "20260930"},
		"weekday, the day after":       {"thu working-after", "10:00", "2026-09-29 00:00", "2026-10-08 10:00", "20261008"},
		"day of the month":             {"day 20", "16:00", "2026-11-01 00:00", "2026-11-20 16:00", "20261120"},
		"a Sunday that is worked":      {"day 20 working-before", "16:00", "2026-09-01 00:00", "2026-09-20 16:00", "20260920"},
		"a Sunday, before":             {"day 20 working-before", "16:00", "2026-12-01 00:00", "2026-12-18 16:00", "20261218"},
		"a Sunday, after":              {"day 20 working-after", "16:00", "2026-12-01 00:00", "2026-12-21 16:00", "20261221"},
		"month's end":                  {"day 31", "16:00", "2026-11-01 00:00", "2026-11-30 16:00", "20261130"},
		"February":                     {"day 31", "16:00", "2026-02-01 00:00", "2026-02-28 16:00", "20260228"},
		"leap year":                    {"day 31", "16:00", "2028-02-01 00:00", "2028-02-29 16:00", "20280229"},
		"the 30th of February":         {"day 30", "16:00", "2027-02-01 00:00", "2027-02-28 16:00", "20270228"},
		"a day in the month before":    {"day 1 working-before", "16:00", "2026-07-31 15:00", "2026-07-31 16:00", "20260731"},
		"a day in the year before":     {"day 1 working-before", "16:00", "2025-12-30 00:00", "2025-12-31 16:00", "20251231"},
		"a day in the month after":     {"day 31 working-after", "16:00", "2026-01-31 00:00", "2026-02-02 16:00", "20260202"},
		"month's end, before a feast":  {"day 3 working-before", "16:00", "2026-10-01 00:00", "2026-11-03 16:00", "20261103"},
		"moved out of National Day":    {"day 3 working-before", "16:00", "2026-09-10 00:00", "2026-09-30 16:00", "20260930"},
		"moved behind Spring Festival": {"day 16 working-after", "16:00", "2026-02-01 00:00", "2026-02-24 16:00", "20260224"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := time.ParseInLocation("2006-01-02 15:04", tc.after, card.Shanghai)
			require.NoError(t, err)
			s := schedule(t, tc.days, tc.cutOff)
			day, due := s.NextCutOff(after.UTC())
			require.Equal(t, tc.want, due.In(card.Shanghai).Format("2006-01-02 15:04"))
			require.Equal(t, tc.day, day)
			require.True(t, s.Expected(day))
			require.Equal(t, tc.days+" "+tc.cutOff, s.String())
		})
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	s := schedule(t, "working", "17:00")
	from := card.Day("20260212").At(17 * 60)
	require.Equal(t, []card.Day{"20260213", "20260214", "20260224"}, s.Between(from, card.Day("20260224").At(17*60)))
	require.Empty(t, s.Between(from, from))
	require.True(t, s.Known("20261231"))
	require.False(t, s.Known("20270101"))
}

func TestWrongSchedules(t *testing.T) {
	t.Parallel()
	for _, tc := range [][2]string{
		{"", "16:00"}, {"sometimes", "16:00"}, {"working", "25"}, {"working", ""}, {"working working-after", "16:00"},
		{"daily working-before", "16:00"}, {"mon,mon", "16:00"}, {"mon,", "16:00"}, {"Monday", "16:00"}, {"mon tue", "16:00"},
		{"day", "16:00"}, {"day 0", "16:00"}, {"day 32", "16:00"}, {"day x", "16:00"}, {"working-before", "16:00"}, {"day 1 later", "16:00"},
	} {
		_, err := calendar(t).Schedule(tc[0], tc[1])
		require.Equal(t, card.Invalid, card.KindOf(err), "%q", tc)
	}
}

func anySchedule(t *rapid.T) card.Schedule {
	days := rapid.SampledFrom([]string{"working", "daily", "mon", "fri", "sat,sun", "tue,thu working-before", "mon,fri working-after",
		"day 1", "day 1 working-before", "day 15 working-after", "day 31", "day 31 working-before", "day 31 working-after"}).Draw(t, "days")
	cutOff := card.Clock(rapid.IntRange(0, 48*60).Draw(t, "cut-off"))
	return schedule(t, days, cutOff.String())
}

func TestCutOffProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		start := card.Day("20250101").At(0)
		a := start.Add(time.Duration(rapid.Int64Range(0, int64(900*24*time.Hour)).Draw(t, "a")))
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "b")))
		day, next := s.NextCutOff(a)
		require.True(t, next.After(a))
		require.True(t, s.Expected(day))
		require.Equal(t, next, s.Due(day))
		_, later := s.NextCutOff(b)
		require.False(t, later.Before(next), "monotone")
		_, again := s.NextCutOff(next.Add(-1))
		require.Equal(t, next, again, "idempotent: just before a cut-off, it is the next one")
		if next.After(b) {
			require.Equal(t, next, later, "none is left out")
		}
	})
}

func TestBetweenProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		a := card.Day("20250101").At(0).Add(time.Duration(rapid.Int64Range(0, int64(700*24*time.Hour)).Draw(t, "a")))
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "b")))
		c := b.Add(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "c")))
		require.Equal(t, s.Between(a, c), append(s.Between(a, b), s.Between(b, c)...), "checks, however far apart, see the same cut-offs")
	})
}
