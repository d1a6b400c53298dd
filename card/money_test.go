package card

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseYuan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		fen  int64
		ok   bool
	}{
		{"150", 15_000, true}, {"150.5", 15_050, true}, {"150.05", 15_005, true}, {"0.01", 1, true}, {"0", 0, true}, {"1,234.50", 123_450, true},
		{"1,234,567", 123_456_700, true}, {"9999999999999.99", 999_999_999_999_999, true}, {"0150.00", 15_000, true},
		{"", 0, false}, {".5", 0, false}, {"5.", 0, false}, {"1.234", 0, false}, {"-1", 0, false}, {"+1", 0, false}, {"¥5", 0, false}, {"1e3", 0, false},
		{"1,23", 0, false}, {"12,34,567", 0, false}, {",123", 0, false}, {"1234,567", 0, false}, {"10000000000000", 0, false}, {"1.2.3", 0, false}, {"１", 0, false},
	} {
		fen, err := ParseYuan(tc.text)
		require.Equal(t, tc.ok, err == nil, tc.text)
		require.Equal(t, tc.fen, fen, tc.text)
		if err != nil {
			require.Equal(t, ReasonAmountShape, ReasonOf(err))
		}
	}
}

func TestYuanComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fen := rapid.Int64Range(0, 999_999_999_999_999).Draw(rt, "fen")
		back, err := ParseYuan(FormatYuan(fen))
		require.NoError(rt, err)
		require.Equal(rt, fen, back)
	})
	require.Equal(t, "-1.05", FormatYuan(-105))
}
