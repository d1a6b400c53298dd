package roster

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
	"onecard/connectors/layout/xlsx"
)

// drawPerson makes a good row of a sample of any seed and city.
func drawPerson(t *rapid.T) []string {
	city := rapid.SampledFrom(card.Cities()).Draw(t, "city")
	c, err := newCrowd(SampleOptions{City: city.Code, Seed: rapid.Uint64().Draw(t, "seed")})
	require.NoError(t, err)
	var p person
	c.person(rapid.IntRange(0, 3_000_000).Draw(t, "index"), false, &p)
	return p.cells[:]
}

func TestGoodRowIsReadAlikeFromEveryFormat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		cells := drawPerson(rt)
		text := csvOf(cells)
		legacy, err := gb18030.GB18030.Encode(string(text))
		require.NoError(t, err)
		var want []Row
		for _, file := range [][]byte{
			text, append([]byte(magicUTF8), text...), legacy, bookOf(t, sheetData(head(), inlineRow(cells...))),
		} {
			r, err := New(bytes.NewReader(file), int64(len(file)), Options{Today: testDay})
			require.NoError(rt, err)
			var rows []Row
			for row, err := range r.Rows() {
				require.NoError(rt, err)
				require.Empty(rt, row.Reasons)
				rows = append(rows, row)
			}
			require.NoError(rt, r.Close())
			if want == nil {
				want = rows
			}
			require.Len(rt, rows, 1)
			require.Equal(rt, want, rows)
		}
	})
}

func TestTextsSurviveTheWorkbook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.StringN(0, 40, 120), rapid.StringMatching(`[=+@\-'_x0041]{0,9}`)).Draw(rt, "text")
		if trim(text) == "" || strings.ContainsAny(text, "\r\uFFFE\uFFFF\uFFFD") {
			rt.Skip("nothing to see, or nothing that a workbook holds")
		}
		cells := goodCells()
		cells[colAddress] = text
		var sheet bytes.Buffer
		out := xlsx.NewRowWriter(&sheet, 1)
		out.Begin(0)
		for _, c := range cells {
			out.Text(0, c)
		}
		require.NoError(rt, out.End())
		require.NoError(rt, out.Flush())
		got := readAll(t, bookOf(t, sheetData(head(), sheet.String())), Options{})[0].Cells[colAddress]
		require.Equal(rt, xlsx.Guard(text), got)
		require.NotContains(rt, "=+-@", got[:1])
	})
}

// TestCSVFieldsSurvive writes arbitrary fields and reads them back.
func TestCSVFieldsSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		field := rapid.OneOf(rapid.StringMatching(`[a",\n冼 ]{0,12}`), rapid.StringN(0, 20, 80))
		cells := goodCells()
		cells[colAddress], cells[colName] = field.Draw(rt, "address"), field.Draw(rt, "name")
		if strings.ContainsAny(cells[colAddress]+cells[colName], "\r\x00") || strings.Count(cells[colAddress]+cells[colName], "\n") > csvRowLines-2 {
			rt.Skip("not a field")
		}
		f := newCSV(bytes.NewReader(appendCSV(nil, cells)), gb18030.UTF8, ',', DefaultLimits())
		var rec xlsx.Row
		require.NoError(rt, f.Next(&rec))
		got := make([]string, columns)
		for _, c := range rec.Cells {
			got[c.Col] = c.Text
		}
		require.Equal(rt, cells, got)
	})
}

// FuzzCSV reads anything as CSV: it must end, keep to the limits, and name a reason for what it refuses.
func FuzzCSV(f *testing.F) {
	f.Add(csvOf(goodCells(), goodCells()))
	f.Add([]byte("姓名;性别\n\"a\"\"b\";\"c\nd\"\n"))
	f.Add([]byte("\xEF\xBB\xBF姓名\t性别\t民族\r\n\xff\xfe\t,\r\n"))
	gbk, err := gb18030.GBK.Encode(string(csvOf(goodCells())))
	require.NoError(f, err)
	f.Add(gbk)
	f.Fuzz(func(t *testing.T, file []byte) { fuzzed(t, file) })
}

// FuzzSheet reads anything as the XML of a sheet.
func FuzzSheet(f *testing.F) {
	f.Add(sheetData(head(), good()))
	f.Add(sheetData(head(), good(), `<row r="9"><c r="B9" t="s"><v>0</v></c></row>`) + `<mergeCells><mergeCell ref="A3:B9"/></mergeCells>`)
	f.Add(`<sheetData><row><c><is><r><t>a&#x41;_x0041_</t></r></is></c></row></sheetData><!--><![CDATA[`)
	f.Fuzz(func(t *testing.T, inside string) { fuzzed(t, bookOf(t, inside)) })
}

// FuzzWorkbook reads anything as a workbook's zip.
func FuzzWorkbook(f *testing.F) {
	f.Add(bookOf(f, sheetData(head(), good())))
	f.Add(longDirectory()[:4096])
	f.Fuzz(func(t *testing.T, file []byte) { fuzzed(t, append([]byte(magicZip), file[min(4, len(file)):]...)) })
}

func fuzzed(t *testing.T, file []byte) {
	t.Helper()
	limits := Limits{Unzipped: 4 << 20, Rows: 1000}
	reason, text := reasonOf(file, Options{Today: testDay, Limits: limits})
	if text != "" {
		require.True(t, slices.Contains(card.Reasons(), reason), text)
	}
}
