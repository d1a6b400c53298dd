package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
)

// cutOffs is what the ledger is told of waiting batches.
type cutOffs struct {
	left  bool
	until []time.Time
	err   error
}

func (c *cutOffs) HasLeft(context.Context, card.BatchID) (bool, error) { return c.left, c.err }

func (c *cutOffs) AwaitWindow(_ context.Context, _ card.BatchID, partner string, until time.Time) error {
	if partner != "ICBC" {
		return errors.New("another partner")
	}
	c.until = append(c.until, until)
	return nil
}

// TestPayWindow holds money files back after the cut-off, says until when, and looks again soon; what may have left is finished.
func TestPayWindow(t *testing.T) {
	t.Parallel()
	calendar, err := card.NewCalendar()
	require.NoError(t, err)
	s, err := calendar.Schedule("working", "16:30")
	require.NoError(t, err)
	friday := card.Day("20261120")
	opens := card.Day("20261123").At(8*60 + 30)
	for _, tc := range []struct {
		name   string
		window *card.Window
		clock  card.Clock
		left   bool
		open   bool
	}{
		{"no cut-off", nil, 23 * 60, false, true},
		{"in time", &card.Window{Schedule: s, Opens: 8*60 + 30}, 16 * 60, false, true},
		{"late", &card.Window{Schedule: s, Opens: 8*60 + 30}, 16*60 + 30, false, false},
		{"has left", &card.Window{Schedule: s, Opens: 8*60 + 30}, 17 * 60, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := &cutOffs{left: tc.left}
			p := &Payments{CutOffs: c, Now: func() time.Time { return friday.At(tc.clock) },
				Banks: map[string]PayBank{"102": {Window: tc.window, Terms: card.Terms{Partner: "ICBC"}}}}
			open, err := p.PayWindowOpen(t.Context(), batch1)
			require.NoError(t, err)
			require.Equal(t, tc.open, open)
			err = p.AwaitPayWindow(t.Context(), batch1)
			if tc.open {
				require.NoError(t, err)
				require.Empty(t, c.until)
				return
			}
			var later *temporal.ApplicationError
			require.ErrorAs(t, err, &later)
			require.Equal(t, string(card.ReasonCutOff), later.Type())
			require.False(t, later.NonRetryable())
			require.Equal(t, lookAgain, later.NextRetryDelay())
			require.Equal(t, []time.Time{opens, opens}, c.until)
			require.Error(t, p.Pay(t.Context(), step1), "the release itself looks again")
		})
	}
}
