package roster

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// Two formats of rosters whose bad rows come back one by one: a header that tells rows and money, then the rows.
const (
	delimitedRoster = `notation = 1
name = "own"
title = "own"
message = "PAYLIST"
version = 1
encoding = "UTF-8"
bad_row = "row"
[delimited]
delimiter = "|"
[[header]]
columns = [ { const = "00" }, { value = "rows" }, { value = "total", unit = "yuan" } ]
[detail]
columns = [ { field = "number", as = "证件号码" }, { field = "name", as = "姓名" }, { field = "amount", as = "金额", unit = "yuan" }, { field = "note", as = "备注" } ]
`
	fixedRoster = `notation = 1
name = "own"
title = "own"
message = "PAYLIST"
version = 1
encoding = "GBK"
bad_row = "row"
[fixed]
[[header]]
columns = [ { const = "00", width = 2 }, { value = "rows", width = 4, pad = "0", align = "right" }, { value = "total", width = 10, unit = "yuan", align = "right" } ]
[detail]
columns = [ { field = "number", as = "证件号码", width = 18 }, { field = "name", as = "姓名", width = 20 }, { field = "amount", as = "金额", width = 10, unit = "yuan", align = "right" }, { field = "note", as = "备注", width = 10 } ]
`
)

func rosterLayout(t testing.TB, format string) *layout.Layout {
	t.Helper()
	l, err := layout.Parse(format)
	require.NoError(t, err)
	return l
}

// fixedRow is a row of fixedRoster: 18, 20, 10 and 10 bytes.
func fixedRow(t testing.TB, number, name, amount string) []byte {
	t.Helper()
	named, err := layout.GBK.Encode(name)
	require.NoError(t, err)
	return append(append([]byte(number), named...), strings.Repeat(" ", 20-len(named)+10-len(amount))+amount+strings.Repeat(" ", 10)+"\n"...)
}

// misshapen are rosters with good rows and rows that have too many or too few columns or bytes, also inside of a character.
func misshapen(t testing.TB) map[string][]byte {
	one, two := payee(1)[payNumber], payee(2)[payNumber]
	good := fixedRow(t, one, "冼示例", "1.50")
	return map[string][]byte{
		"pay-columns.txt": []byte("00|6|2.50\n" + one + "|冼示例|1.50|\n" + one + "|冼示例|2.00\n=1+1|冼|示例|2.00||\n\n" + two + "|冼示例|1.00|note\nT\n"),
		"pay-width.txt": bytes.Join([][]byte{[]byte("000005      9.00\n"), good, good[:len(good)-3], []byte("\n\n"), append(append([]byte(two), 0xCF), '\n'),
			append([]byte(two), good[18:]...)}, nil),
	}
}

func readLayout(t testing.TB, l *layout.Layout, file []byte) (all []Payment, err error) {
	t.Helper()
	o := Options{}.filled()
	for row, err := range listAll(layout.NewReader(bytes.NewReader(file), l, layout.Expected{File: card.File{Kind: card.PayList}, MaxRows: 1000}), o) {
		if err != nil {
			return all, err
		}
		all = append(all, row)
	}
	return all, nil
}

// TestRowsOfAnotherShapeAreRefusedAlone: a row that does not fall into the columns comes back as one text, its money counts nothing,
// and the file's own total can then not be checked; its number of rows can.
func TestRowsOfAnotherShapeAreRefusedAlone(t *testing.T) {
	t.Parallel()
	one, two := payee(1)[payNumber], payee(2)[payNumber]
	shape := func(line int, text string) Payment {
		return Payment{Number: line, Cells: []string{"", "", "", "", text}, Reasons: []card.Reason{card.ReasonRowShape}}
	}
	for _, c := range []struct {
		file, format string
		want         []Payment
	}{
		{"pay-columns.txt", delimitedRoster, []Payment{
			{Number: 2, SSN: one, Name: "冼示例", Fen: 150, Cells: []string{"", one, "冼示例", "1.50", ""}},
			shape(3, one+"|冼示例|2.00"), shape(4, "=1+1|冼|示例|2.00||"), shape(5, ""),
			{Number: 6, SSN: two, Name: "冼示例", Fen: 100, Cells: []string{"", two, "冼示例", "1.00", "note"}}, shape(7, "T"),
		}},
		{"pay-width.txt", fixedRoster, []Payment{
			{Number: 2, SSN: one, Name: "冼示例", Fen: 150, Cells: []string{"", one, "冼示例", "1.50", ""}},
			shape(3, one+"冼示例"+strings.Repeat(" ", 20)+"1.50"+strings.Repeat(" ", 8)), shape(4, ""), shape(5, two+"\uFFFD"),
			{Number: 6, SSN: two, Name: "冼示例", Fen: 150, Cells: []string{"", two, "冼示例", "1.50", ""}},
		}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			file := kept(t, "bad/"+c.file, func() []byte { return misshapen(t)[c.file] })
			l := rosterLayout(t, c.format)
			got, err := readLayout(t, l, file)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			_, err = readLayout(t, l, append(file, file[bytes.IndexByte(file, '\n')+1:]...))
			require.Equal(t, card.ReasonFileRows, card.ReasonOf(err), "the number of rows still has to be right")
			_, err = readLayout(t, rosterLayout(t, strings.Replace(c.format, "bad_row = \"row\"\n", "", 1)), file)
			require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err), "a format that does not ask for it")
		})
	}
}

// FuzzLayoutPayments reads anything as a roster in a layout whose bad rows are refused alone: it must end, keep to the limit, name a
// reason for what it refuses, and never accept a row without money.
func FuzzLayoutPayments(f *testing.F) {
	layouts := []*layout.Layout{rosterLayout(f, delimitedRoster), rosterLayout(f, fixedRoster)}
	f.Add(misshapen(f)["pay-columns.txt"], uint8(0))
	f.Add(misshapen(f)["pay-width.txt"], uint8(1))
	f.Fuzz(func(t *testing.T, file []byte, n uint8) {
		rows, err := readLayout(t, layouts[int(n)%len(layouts)], file)
		if err != nil {
			require.Contains(t, card.Reasons(), card.ReasonOf(err))
		}
		for _, row := range rows {
			require.True(t, row.Fen > 0 || len(row.Reasons) > 0)
			require.Len(t, row.Cells, len(PayHeadings()))
		}
	})
}
