package layout_test

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/layout"
)

func explained(t *testing.T, l *layout.Layout, content []byte) []layout.Line {
	var lines []layout.Line
	for line, err := range layout.Explain(bytes.NewReader(content), l, sampleFile(l)) {
		require.NoError(t, err)
		lines = append(lines, line)
	}
	return lines
}

// Of a good file nothing is wrong, and every byte of a field stands where it is said to.
func TestSamplesOfEveryFormatAreExplained(t *testing.T) {
	t.Parallel()
	shipped(t, func(t *testing.T, l *layout.Layout) {
		var b bytes.Buffer
		_, _, err := layout.WriteSample(&b, l, sampleFile(l), 9)
		require.NoError(t, err)
		rows := 0
		for _, line := range explained(t, l, b.Bytes()) {
			require.True(t, line.Right(), "%+v", line)
			if line.Record == "detail" {
				rows++
			}
			for _, c := range line.Cells {
				require.NotEmpty(t, c.Place)
				if !l.IsWorkbook() {
					requireAt(t, b.Bytes(), c)
				}
			}
		}
		require.Equal(t, 9, rows)
	})
}

func requireAt(t *testing.T, content []byte, c layout.Cell) {
	offset, err := strconv.Atoi(c.Place)
	require.NoError(t, err)
	raw, err := hex.DecodeString(c.Raw)
	require.NoError(t, err)
	require.Equal(t, raw, content[offset:offset+len(raw)])
}

// One fault does not hide the next.
func TestEveryFaultIsExplained(t *testing.T) {
	t.Parallel()
	l, err := layout.Open("rural-acctret")
	require.NoError(t, err)
	text := "0000000001|D0000012|6299990000000000012|1|0000||\n" +
		"000000000x|D00000128|62|1|7777||\n" +
		"0000000003|D00000136\n" +
		"0000000003|D00000136|||2009|\xff|\n" +
		"0000000004|D00000144|||2009|很|\n" +
		"END|00000009|\n"
	text = strings.Replace(text, "很", "\xba\xdc", 1)
	lines := explained(t, l, []byte(text))
	require.Len(t, lines, 6)
	require.Equal(t, "found 8 characters A9{7}, expected 9 letters and digits", lines[0].Cells[1].Wrong)
	require.Equal(t, 1, lines[0].Ref)
	require.Equal(t, "card_no 卡号", lines[0].Cells[1].Name)
	require.Contains(t, lines[1].Cells[0].Wrong, "expected 1 to 10 digits")
	require.Contains(t, lines[1].Cells[2].Wrong, "expected 16 to 19 digits or nothing")
	require.Contains(t, lines[1].Cells[4].Wrong, `found "7777", expected one of 0000`)
	require.Equal(t, "found 2 fields, expected 7", lines[2].Wrong)
	require.Len(t, lines[2].Cells, 2)
	require.Contains(t, lines[3].Wrong, "no GBK character")
	require.True(t, lines[4].Right())
	require.Equal(t, "E02", lines[4].Cells[4].Value)
	require.Equal(t, "badc", lines[4].Cells[5].Raw)
	require.Contains(t, lines[5].Cells[1].Wrong, "found 9, expected 4")
}

func TestOutline(t *testing.T) {
	t.Parallel()
	l, err := layout.Open("coastal-payret")
	require.NoError(t, err)
	places := l.Outline()
	require.Len(t, places, 3+10+3)
	require.Equal(t, layout.Place{Record: "detail", Line: 1, Number: 6, From: 72, Width: 18, Name: "amount 金额", Holds: "an amount in yuan such as 1234.50"}, places[8])
	require.Equal(t, "fixed widths, 507 bytes a row, GB18030, LF", l.Form())
	require.NotEmpty(t, l.Notes())
}
