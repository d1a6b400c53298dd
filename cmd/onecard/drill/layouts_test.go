package drill_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/card"
)

// riverLayouts are those of a bank with fixed widths in GBK. Account requests and the orders about its payer's account have the standard
// ones, and its payment requests are a file of the drill's own: amounts have five digits there, so that some have no room.
func (b *hub) riverLayouts() []string {
	b.Helper()
	text := b.onecard("partner", "layout", "show", "river-payreq")
	narrow := strings.Replace(text, `as = "金额", width = 8`, `as = "金额", width = 5`, 1)
	require.NotEqual(b, text, narrow)
	path := b.note("narrow.toml", narrow)
	return []string{path, "river-payret", "river-payback", "river-payenq", "river-payenr", "river-acctqry", "river-acctsta"}
}

// tooWide is an amount in fen that has no room in the river bank's column.
const tooWide = 100_000

// widen gives every fiftieth row of a roster of payments an amount that is too wide for the river bank.
func (b *hub) widen(p *payees) {
	b.Helper()
	rows := b.payrollRows(*p)
	for n := 50; n < len(rows); n += 50 {
		before, err := strconv.ParseFloat(rows[n][payAmount], 64)
		require.NoError(b, err)
		p.fen += tooWide - int(before*100+0.5)
		rows[n][payAmount] = "1000.00"
	}
	var text bytes.Buffer
	require.NoError(b, csv.NewWriter(&text).WriteAll(rows))
	require.NoError(b, os.WriteFile(p.path, text.Bytes(), 0o600))
}

// Columns of a roster of payments.
const (
	payName   = 2
	payAmount = 3
)

// payrollRows are the lines of a roster of payments, its headings first.
func (b *hub) payrollRows(p payees) [][]string {
	b.Helper()
	text, err := os.ReadFile(p.path)
	require.NoError(b, err)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	require.NoError(b, err)
	return rows
}

// requireRiverFiles reads the payment files that the river bank got, byte by byte and with no program of ours: every row is whole, and
// a payment of the roster.
func (b *hub) requireRiverFiles(p payees) (rows int) {
	b.Helper()
	owed := map[string]int{}
	for _, r := range b.payrollRows(p)[1:] {
		owed[r[payName]+" "+r[payAmount]]++
	}
	files, err := filepath.Glob(b.partner("ICBC", "root", "inbox", "done", "ICBC_PAYREQ_*.txt"))
	require.NoError(b, err)
	require.NotEmpty(b, files)
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(b, err)
		lines := strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\r\n")
		require.Len(b, lines[0], 77)
		require.Equal(b, "1ICBC            ", lines[0][:17])
		count := len(lines) - 2
		var fen int
		for _, line := range lines[1 : len(lines)-1] {
			key, amount := b.riverRow(line)
			owed[key]--
			require.GreaterOrEqual(b, owed[key], 0, "a row that is nobody's")
			fen += amount
		}
		sums := fmt.Sprintf("%08d%018d", count, fen)
		require.Equal(b, sums, lines[0][31:57])
		require.Equal(b, "9"+sums, lines[len(lines)-1])
		rows += count
	}
	return rows
}

// riverRow takes one row apart: the name and amount as they stand in the roster, and the amount in fen.
func (b *hub) riverRow(line string) (key string, fen int) {
	b.Helper()
	require.Len(b, line, 179)
	require.Equal(b, "2", line[:1])
	require.Equal(b, "156", line[176:])
	require.True(b, card.ValidPAN(strings.TrimRight(line[43:62], " ")))
	require.True(b, card.Number(line[107:116]).Valid())
	name, err := simplifiedchinese.GBK.NewDecoder().String(strings.TrimRight(line[62:102], " "))
	require.NoError(b, err)
	fen, err = strconv.Atoi(line[102:107])
	require.NoError(b, err)
	return fmt.Sprintf("%s %d.%02d", name, fen/100, fen%100), fen
}
