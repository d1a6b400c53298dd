package card_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func window(t require.TestingT, days, opens, cutOff string) card.Window {
	c, err := card.NewCalendar()
	require.NoError(t, err)
	s, err := c.Schedule(days, cutOff)
	require.NoError(t, err)
	at, err := card.ParseClock(opens)
	require.NoError(t, err)
	return card.Window{Schedule: s, Opens: at}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	at := func(day card.Day, clock string) time.Time {
		c, err := card.ParseClock(clock)
		require.NoError(t, err)
		return day.At(c)
	}
	bank := window(t, "working", "08:30", "16:30")
	night := window(t, "daily", "22:00", "26:00")
	for _, tc := range []struct {
		name    string
		w       card.Window
		t, next time.Time
	}{
		{"before it opens", bank, at("20261120", "07:00"), at("20261120", "08:30")},
		{"when it opens", bank, at("20261120", "08:30"), at("20261120", "08:30")},
		{"open", bank, at("20261120", "16:29"), at("20261120", "16:29")},
		{"at the cut-off of a Friday", bank, at("20261120", "16:30"), at("20261123", "08:30")},
		{"on a Sunday", bank, at("20261122", "12:00"), at("20261123", "08:30")},
		{"before Spring Festival", bank, at("20260214", "17:00"), at("20260224", "08:30")},
		{"after midnight of a night's window", night, at("20261121", "01:00"), at("20261121", "01:00")},
		{"in the morning after it", night, at("20261121", "02:00"), at("20261121", "22:00")},
	} {
		require.True(t, tc.next.Equal(tc.w.Next(tc.t)), "%s: %s", tc.name, tc.w.Next(tc.t))
	}
}

// TestWindowProperties holds that what is returned is never in the past and is itself open.
func TestWindowProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := window(t, rapid.SampledFrom([]string{"working", "daily", "mon,thu", "day 20 working-after"}).Draw(t, "days"), "09:00",
			rapid.SampledFrom([]string{"09:01", "16:30", "24:00", "30:00"}).Draw(t, "cut-off"))
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "now"), 0)
		next := w.Next(now)
		require.False(t, next.Before(now))
		require.True(t, next.Equal(w.Next(next)))
	})
}
