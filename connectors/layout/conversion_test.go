package layout

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestYuan(t *testing.T) {
	t.Parallel()
	for text, fen := range map[string]string{"0.00": "0", "0.01": "1", "0.10": "10", "1.00": "100", "1234.50": "123450"} {
		got, ok := yuan{}.ours(text)
		require.True(t, ok, text)
		require.Equal(t, fen, got)
	}
	for _, text := range []string{"", ".", "1", "1.5", "1.500", ".50", "00.50", "01.50", "-1.00", "+1.00", "1,234.50", "1.0x", "１.00", "1.00.00"} {
		_, ok := yuan{}.ours(text)
		require.False(t, ok, text)
	}
	for _, text := range []string{"1234.50", "12,34.50", ",234.50", "1,2345.50", "1,234,.50"} {
		_, ok := yuan{thousands: true}.ours(text)
		require.False(t, ok, text)
	}
}

func TestAmountsComeBackFromYuan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.StringMatching("0|[1-9][0-9]{0,14}").Draw(t, "fen")
		y := yuan{thousands: rapid.Bool().Draw(t, "thousands")}
		text, ok := y.theirs(fen)
		require.True(t, ok)
		back, ok := y.ours(text)
		require.True(t, ok, text)
		require.Equal(t, fen, back)
	})
}
