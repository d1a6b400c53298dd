package card_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func calendar(t require.TestingT, texts ...string) *card.Calendar {
	c, err := card.NewCalendar(texts...)
	require.NoError(t, err)
	return c
}

func TestKindsOfDays(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for day, kind := range map[card.Day]card.DayKind{
		"20250127": card.WorkingDay, // the Monday before Spring Festival
		"20250126": card.MakeUpDay,  // the Sunday before that
		"20250128": card.Holiday,    // New Year's Eve
		"20250204": card.Holiday,
		"20250205": card.WorkingDay,
		"20250208": card.MakeUpDay,
		"20250209": card.Weekend,
		"20250928": card.MakeUpDay,
		"20251001": card.Holiday,
		"20251008": card.Holiday,
		"20251009": card.WorkingDay,
		"20251011": card.MakeUpDay,
		"20260104": card.MakeUpDay, // the Sunday after New Year
		"20260214": card.MakeUpDay,
		"20260215": card.Holiday, // a Sunday
		"20260223": card.Holiday, // a Monday
		"20260224": card.WorkingDay,
		"20260228": card.MakeUpDay,
		"20260509": card.MakeUpDay,
		"20260920": card.MakeUpDay,
		"20261010": card.MakeUpDay,
		"20261121": card.Weekend,
		"20240229": card.WorkingDay, // of a year that is not known
		"20270101": card.WorkingDay, // so is New Year's Day of 2027, until the State Council has spoken
	} {
		require.Equal(t, kind, c.Kind(day), day)
		require.Equal(t, kind == card.WorkingDay || kind == card.MakeUpDay, c.WorkingDay(day), day)
	}
}

// TestWorkingDaysOfTheYear counts what every arrangement must come to, however days are moved about: 365 days of these years,
// less 104 of weekends and the 13 public holidays of the law.
func TestWorkingDaysOfTheYear(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, year := range c.Years() {
		working := 0
		first := card.Day(fmt.Sprintf("%d0101", year))
		for d := first; d.Year() == year; d = d.Plus(1) {
			if c.WorkingDay(d) {
				working++
			}
		}
		require.Equal(t, 365-104-13, working, year)
	}
}

func TestUnknownYears(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	require.Equal(t, []int{2025, 2026}, c.Years())
	require.True(t, c.Known(2026))
	require.False(t, c.Known(2027))
	require.Equal(t, card.CalendarYear{Year: 2027}, c.Year(2027))
	require.Equal(t, "国办发明电〔2025〕7号", c.Year(2026).Notice)
	require.Len(t, c.Year(2026).Holidays, 7)
}

// TestANewArrangementNeedsNoNewProgram adds a year, the first of whose days lies in the year before.
func TestANewArrangementNeedsNoNewProgram(t *testing.T) {
	t.Parallel()
	c := calendar(t, "\ufeff# invented\nyear,2027,试〔2026〕1号\noff,20261231,20270102,元旦,New Year\nwork,20270103,,元旦,New Year\n")
	require.True(t, c.Known(2027))
	require.Equal(t, card.Holiday, c.Kind("20261231"))
	require.Equal(t, card.MakeUpDay, c.Kind("20270103"))
	require.Equal(t, card.Holiday, c.Kind("20261001"), "the other years stay")

	c = calendar(t, "year,2026,更正\nwork,20261003,,国庆节,National Day\n")
	require.Equal(t, card.WorkingDay, c.Kind("20261001"), "a year is replaced as a whole")
	require.Equal(t, card.MakeUpDay, c.Kind("20261003"))
}

func TestWrongArrangements(t *testing.T) {
	t.Parallel()
	const year = "year,2027,x\n"
	for name, tc := range map[string]struct{ text, says string }{
		"no year":         {"off,20270101,20270101,元旦,New Year\n", "line 1: comes before the line of its year"},
		"year of letters": {"year,next,x\n", "line 1: not a year"},
		"no notice":       {"year,2027,\n", "line 1: not a year"},
		"year twice":      {year + year, "line 2: the year 2027 is there twice"},
		"backwards":       {year + "off,20270102,20270101,元旦,New Year\n", "line 2: not a first day"},
		"no day":          {year + "off,20270229,20270301,元旦,New Year\n", "line 2: not a first day"},
		"endless":         {year + "off,20270101,20270401,元旦,New Year\n", "line 2: not a first day"},
		"no name":         {year + "off,20270101,20270101,,New Year\n", "line 2: not a first day"},
		"another year":    {year + "\n# a comment\noff,20280501,20280501,劳动节,Labour Day\n", "line 4: 2028-05-01 does not belong to 2027"},
		"day twice":       {year + "off,20270101,20270103,元旦,New Year\nwork,20270103,,元旦,New Year\n", "line 3: 2027-01-03 is there twice"},
		"make-up Monday":  {year + "work,20270104,,元旦,New Year\n", "line 2: 2027-01-04 is a Monday"},
		"make-up of none": {year + "work,20271301,,元旦,New Year\n", "line 2: not a day"},
		"another word":    {year + "free,20270101,20270101,元旦,New Year\n", "line 2: neither"},
		"fields":          {year + "off,20270101\n", "line 2: neither"},
		"quotation mark":  {year + "off,\"20270101\n", "read the calendar: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := card.NewCalendar(tc.text)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, card.Invalid, card.KindOf(err))
		})
	}
}

func TestAddWorkingDays(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, tc := range []struct {
		from card.Day
		n    int
		want card.Day
	}{
		{"20261121", 0, "20261121"},
		{"20261121", 1, "20261123"},  // Saturday to Monday
		{"20261120", 1, "20261123"},  // Friday to Monday
		{"20261123", -1, "20261120"}, // and back
		{"20260213", 1, "20260214"},  // the make-up Saturday before Spring Festival
		{"20260214", 1, "20260224"},  // over nine days of Spring Festival
		{"20260224", -1, "20260214"},
		{"20260219", 1, "20260224"}, // from within it
		{"20260219", -1, "20260214"},
		{"20260930", 1, "20261008"}, // over National Day
		{"20261009", 1, "20261010"}, // the make-up Saturday after it
		{"20251231", 1, "20260104"}, // a make-up Sunday after New Year
		{"20280228", 1, "20280229"}, // a leap day, a Tuesday
	} {
		require.Equal(t, tc.want, c.Add(tc.from, tc.n), "%s %+d", tc.from, tc.n)
	}
	require.Equal(t, card.Day("20260224"), c.OnOrAfter("20260215"))
	require.Equal(t, card.Day("20260214"), c.OnOrBefore("20260223"))
	require.Equal(t, card.Day("20260920"), c.OnOrAfter("20260920"))
	require.Equal(t, card.Day("20260920"), c.OnOrBefore("20260920"))
}

func TestAfterCountsWorkingDaysOnly(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	at := func(day card.Day, clock string) time.Time {
		m, err := card.ParseClock(clock)
		require.NoError(t, err)
		return day.At(m)
	}
	require.Equal(t, at("20261124", "12:00"), c.After(at("20261120", "12:00"), 48*time.Hour), "from Friday noon")
	require.Equal(t, at("20261123", "01:00"), c.After(at("20261121", "15:00"), time.Hour), "from a Saturday")
	require.Equal(t, at("20260224", "18:00"), c.After(at("20260213", "18:00"), 48*time.Hour), "over Spring Festival and its make-up day")
	require.Equal(t, at("20261121", "00:00"), c.After(at("20261120", "23:00"), time.Hour), "to the very end of Friday")
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"20261121", "2026-11-21"} {
		d, err := card.ParseDay(good)
		require.NoError(t, err)
		require.Equal(t, card.Day("20261121"), d)
		require.Equal(t, "2026-11-21", d.Dashed())
	}
	for _, bad := range []string{"", "2026112", "20261131", "2026-1-21", "2026/11/21", "20270229", "today"} {
		_, err := card.ParseDay(bad)
		require.Equal(t, card.Invalid, card.KindOf(err), bad)
	}
	late := time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)
	require.Equal(t, card.Day("20261122"), card.DayOf(late), "midnight in Shanghai")
	require.Equal(t, card.Day("20261121"), card.DayOf(late.Add(-time.Nanosecond)))
}

func TestParseClock(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"00:00", "16:00", "23:59", "24:00", "26:30", "48:00"} {
		c, err := card.ParseClock(good)
		require.NoError(t, err)
		require.Equal(t, good, c.String())
	}
	for _, bad := range []string{"", "16", "16:60", "48:01", "99:99", "1600", "4:00", "16:00 ", "-1:00"} {
		_, err := card.ParseClock(bad)
		require.Equal(t, card.Invalid, card.KindOf(err), bad)
	}
	require.Equal(t, time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC), card.Day("20261121").At(26*60+30).UTC())
}

func anyDay(t *rapid.T, name string) card.Day {
	return card.Day("20240101").Plus(rapid.IntRange(0, 1500).Draw(t, name))
}

func TestAddProperties(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		d, e := anyDay(t, "day"), anyDay(t, "other")
		n, m := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(0, 40).Draw(t, "m")
		later := c.Add(d, n)
		require.True(t, c.WorkingDay(later))
		require.Greater(t, later, d)
		require.Equal(t, c.Add(d, n+m), c.Add(later, m), "n and then m are n+m")
		require.LessOrEqual(t, c.Add(min(d, e), n), c.Add(max(d, e), n), "monotone")
		if c.WorkingDay(d) {
			require.Equal(t, d, c.Add(later, -n), "there and back")
		}
		on := c.OnOrAfter(d)
		require.Equal(t, on, c.OnOrAfter(on), "idempotent")
		require.Equal(t, on, c.OnOrBefore(on))
		require.LessOrEqual(t, c.OnOrBefore(d), d)
		require.GreaterOrEqual(t, on, d)
	})
}

func TestAfterProperties(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		from := anyDay(t, "day").At(card.Clock(rapid.IntRange(0, 24*60).Draw(t, "clock")))
		a := time.Duration(rapid.Int64Range(1, int64(200*time.Hour)).Draw(t, "a"))
		b := time.Duration(rapid.Int64Range(1, int64(200*time.Hour)).Draw(t, "b"))
		until := c.After(from, a)
		require.GreaterOrEqual(t, until.Sub(from), a)
		require.True(t, c.WorkingDay(card.DayOf(until.Add(-1))), "it ends within a working day")
		require.Equal(t, c.After(from, a+b), c.After(until, b))
	})
}

// FuzzCalendar feeds an operator's file.
func FuzzCalendar(f *testing.F) {
	f.Add("year,2027,x\noff,20270101,20270103,元旦,New Year\nwork,20270109,,元旦,New Year\n")
	f.Add("off,,,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := card.NewCalendar(text)
		if err != nil {
			require.Equal(t, card.Invalid, card.KindOf(err))
			return
		}
		require.NotEmpty(t, c.Years())
		c.Add("20261121", 30)
	})
}
