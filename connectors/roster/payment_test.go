package roster

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout"
	"onecard/connectors/layout/gb18030"
)

// payee is a row that passes, in the order of PayHeadings.
func payee(i int) []string {
	return []string{"", card.SynthesizeSSN("440600", "19600101", i%1000), "冼示例", "150.50", ""}
}

func payCSV(rows ...[]string) []byte {
	file := appendCSV(nil, PayHeadings())
	for _, cells := range rows {
		file = appendCSV(file, cells)
	}
	return file
}

func readPayments(t testing.TB, file []byte, o Options) ([]Payment, error) {
	t.Helper()
	p, err := NewPayments(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(t, p.Close()) }()
	var rows []Payment
	for row, err := range p.Rows() {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func TestPaymentsAreReadAlikeFromEveryFormat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fen := rapid.Int64Range(1, 999_999_999_999_999).Draw(rt, "fen")
		cells := payee(rapid.IntRange(0, 999).Draw(rt, "seq"))
		cells[payYuan] = card.FormatYuan(fen)
		text := payCSV(cells)
		gb, err := gb18030.GB18030.Encode(string(text))
		require.NoError(rt, err)
		gbk, err := gb18030.GBK.Encode(string(text))
		require.NoError(rt, err)
		inFen := appendCSV(appendCSV(nil, []string{"证件号码*", "姓 名", "金额（分）"}), []string{cells[payNumber], cells[payName], strconv.FormatInt(fen, 10)})
		book := bookOf(t, sheetData(inlineRow(PayHeadings()...), inlineRow(cells...)))
		for _, file := range [][]byte{text, append([]byte(magicUTF8), text...), gb, gbk, inFen, book} {
			rows, err := readPayments(t, file, Options{})
			require.NoError(rt, err)
			require.Equal(rt, []Payment{{Number: 2, SSN: cells[payNumber], Name: "冼示例", Fen: fen, Cells: cells}}, rows)
		}
	})
}

func TestReasonsAgainstPaymentsTogether(t *testing.T) {
	t.Parallel()
	number := payee(1)[payNumber]
	for _, tc := range []struct {
		cells   []string
		fen     int64
		reasons []card.Reason
	}{
		{[]string{"", number, "冼示例", "1,234.5", ""}, 123_450, nil},
		{[]string{"", number, "冼示例", " １５０．００ ", ""}, 15_000, nil},
		{[]string{"护照", "E12345678", "ANNA SMITH", "1", ""}, 100, nil},
		{[]string{"学生证", number, "冼示例", "1", ""}, 100, []card.Reason{card.ReasonDocTypeUnknown}},
		{[]string{"", number, "冼示例", "0.00", ""}, 0, []card.Reason{card.ReasonAmountShape}},
		{[]string{"", number, "冼示例", "150.505", ""}, 0, []card.Reason{card.ReasonAmountShape}},
		{[]string{"", number, "冼示例", "-150", ""}, 0, []card.Reason{card.ReasonAmountShape}},
		{[]string{"", "4406", "冼?", "¥150", "=1+1"}, 0, []card.Reason{card.ReasonIDLength, card.ReasonNameCharacters, card.ReasonAmountShape, card.ReasonFormulaInCell}},
		{[]string{"", "4.41E+17", "", "", ""}, 0, []card.Reason{card.ReasonNameMissing, card.ReasonAmountShape, card.ReasonNumberAsFloat}},
	} {
		rows, err := readPayments(t, payCSV(tc.cells), Options{})
		require.NoError(t, err)
		require.Equal(t, tc.reasons, rows[0].Reasons, tc.cells)
		require.Equal(t, tc.fen, rows[0].Fen, tc.cells)
		require.Equal(t, tc.cells, rows[0].Cells)
	}
	rows, err := readPayments(t, payCSV(payee(1)), Options{Encodable: func(string) bool { return false }})
	require.NoError(t, err)
	require.Equal(t, []card.Reason{card.ReasonNameUnencodable}, rows[0].Reasons)
}

// TestAmountsOfACellAreWhatASpreadsheetShows: a workbook keeps 150.1 with more digits than it shows.
func TestAmountsOfACellAreWhatASpreadsheetShows(t *testing.T) {
	t.Parallel()
	for text, fen := range map[string]int64{"150.1": 15_010, "1234.5599999999999": 123_456, "5.0999999999999996": 510, "1.5E+3": 150_000, "1E-2": 1, "150.125": 0} {
		cells := inlineRow(payee(1)...)
		cells = strings.Replace(cells, `<c t="inlineStr"><is><t>150.50</t></is></c>`, `<c><v>`+text+`</v></c>`, 1)
		rows, err := readPayments(t, bookOf(t, sheetData(inlineRow(PayHeadings()...), cells)), Options{})
		require.NoError(t, err)
		require.Equal(t, fen, rows[0].Fen, text)
	}
}

// payBadFiles are the files of testdata/rosters/bad that are rosters of payments.
func payBadFiles() []badFile {
	head := inlineRow(PayHeadings()...)
	good := inlineRow(payee(1)...)
	float := func(cell string) string {
		return strings.Replace(good, `<c t="inlineStr"><is><t>`+payee(1)[payNumber]+`</t></is></c>`, cell, 1)
	}
	return []badFile{
		{"pay-old.xls", func(*testing.T) []byte { return append([]byte(magicOLE), make([]byte, 1528)...) }, card.ReasonFileXLS, nil},
		{"pay-not-a-workbook.xlsx", notAWorkbook, card.ReasonFileNotWorkbook, nil},
		{"pay-bomb.xlsx", bomb, card.ReasonFileBomb, nil},
		{"pay-wrong-headings.xlsx", wrongHeadings, card.ReasonFileHeadings, nil},
		{"pay-amount-without-unit.csv", func(*testing.T) []byte { return []byte("证件号码,姓名,金额\n4,冼示例,1\n") }, card.ReasonFileHeadings, nil},
		{"pay-amount-twice.csv", func(*testing.T) []byte {
			return []byte("证件号码,姓名,金额(元),金额(分)\n4,冼示例,1,100\n")
		}, card.ReasonFileHeadings, nil},
		{"pay-empty.csv", func(*testing.T) []byte { return nil }, card.ReasonFileEmpty, nil},
		{"pay-headings-only.csv", func(*testing.T) []byte { return payCSV() }, card.ReasonFileEmpty, nil},
		{"pay-merged-heading.xlsx", func(t *testing.T) []byte {
			return bookOf(t, sheetData(head, good)+`<mergeCells count="1"><mergeCell ref="B1:C1"/></mergeCells>`)
		}, card.ReasonFileMerged, nil},
		{"pay-merged-cell.xlsx", func(t *testing.T) []byte {
			return bookOf(t, sheetData(head, good, good)+`<mergeCells count="1"><mergeCell ref="D2:D3"/></mergeCells>`)
		}, "", [][]card.Reason{{card.ReasonMergedCell}, {card.ReasonMergedCell}}},
		{"pay-number-as-float.xlsx", func(t *testing.T) []byte {
			return bookOf(t, sheetData(head, float(`<c><v>4.4060019600101E+17</v></c>`), float(`<c t="inlineStr"><is><t>4.41E+17</t></is></c>`)))
		}, "", [][]card.Reason{{card.ReasonNumberAsFloat}, {card.ReasonNumberAsFloat}}},
		{"pay-formula.xlsx", func(t *testing.T) []byte {
			return bookOf(t, sheetData(head, strings.Replace(good, `<c t="inlineStr"><is><t>150.50</t></is></c>`, `<c><f>A1*2</f><v>150.5</v></c>`, 1)))
		}, "", [][]card.Reason{{card.ReasonFormulaInCell}}},
		{"pay-million-empty-rows.xlsx", func(t *testing.T) []byte {
			return bookOf(t, sheetData(head, good, strings.Repeat(`<row><c s="1"/></row>`, 1_000_000), good))
		}, "", [][]card.Reason{nil, nil}},
		{"pay-utf16.csv", func(*testing.T) []byte { return []byte("\xFF\xFE\xD3\x59\x0D\x54,\x00\r\x00\n\x00") }, card.ReasonFileEncoding, nil},
		{"pay-quote-not-closed.csv", func(*testing.T) []byte {
			return append(payCSV(payee(1)), ",\"4406\n"+strings.Repeat("x,y\n", 100)...)
		}, card.ReasonFileUnreadable, nil},
	}
}

func TestBadRostersOfPayments(t *testing.T) {
	t.Parallel()
	for _, tc := range payBadFiles() {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rows, err := readPayments(t, kept(t, "bad/"+tc.name, func() []byte { return tc.build(t) }), Options{})
			require.Equal(t, tc.file, card.ReasonOf(err))
			if tc.file != "" {
				require.Equal(t, card.Invalid, card.KindOf(err))
				return
			}
			require.NoError(t, err)
			var reasons [][]card.Reason
			for _, row := range rows {
				reasons = append(reasons, row.Reasons)
			}
			require.Equal(t, tc.rows, reasons)
		})
	}
}

func TestRefusedPaymentsComeBackAndAreAcceptedOnceCorrected(t *testing.T) {
	t.Parallel()
	bad := payee(3)
	bad[payYuan] = "150.505"
	rows, err := readPayments(t, payCSV(payee(1), bad), Options{})
	require.NoError(t, err)
	var file, corrected bytes.Buffer
	require.NoError(t, WritePayErrors(&file, func(yield func(RefusedRow, error) bool) {
		yield(RefusedRow{rows[1].Number, rows[1].Cells, rows[1].Reasons}, nil)
	}))
	again, err := readPayments(t, file.Bytes(), Options{})
	require.NoError(t, err)
	require.Equal(t, bad, again[0].Cells)
	f := openBook(t, file.Bytes())
	require.NoError(t, f.SetCellStr(PaySheetName, reference(len(ours)+payYuan, 2), "150.50"))
	require.NoError(t, f.Write(&corrected))
	again, err = readPayments(t, corrected.Bytes(), Options{})
	require.NoError(t, err)
	require.Empty(t, again[0].Reasons)
	require.Equal(t, int64(15_050), again[0].Fen)
}

// TestAmountsInFenComeBackInYuan: nobody reads 15050 fen as yuan.
func TestAmountsInFenComeBackInYuan(t *testing.T) {
	t.Parallel()
	rows, err := readPayments(t, []byte("证件号码,姓名,金额(分)\n4,冼示例,15050\n4,冼示例,150.5\n"), Options{})
	require.NoError(t, err)
	require.Equal(t, "150.50", rows[0].Cells[payYuan])
	require.Equal(t, "150.5（分）", rows[1].Cells[payYuan])
	_, err = card.ParseYuan(plainAmount(rows[1].Cells[payYuan]))
	require.Error(t, err)
}

func TestPayTemplateIsAnEmptyRoster(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, WritePayTemplate(&file))
	_, err := readPayments(t, file.Bytes(), Options{})
	require.Equal(t, card.ReasonFileEmpty, card.ReasonOf(err))
	cells := make([]string, 0, len(payTable()))
	for _, c := range payTable() {
		cells = append(cells, c.example)
	}
	rows, err := readPayments(t, payCSV(cells), Options{})
	require.NoError(t, err)
	require.Empty(t, rows[0].Reasons, "the example of the template passes")
}

func TestPaymentsInALayout(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"county-paylist", "standard-paylist"} {
		l, err := layout.Open(name)
		require.NoError(t, err)
		f := card.File{Partner: "COUNTY", Kind: card.PayList, Date: "20261121", Seq: 1}
		var text bytes.Buffer
		n, fen, err := layout.WriteSample(&text, l, f, 50)
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), f.Name())
		require.NoError(t, os.WriteFile(path, text.Bytes(), 0o600))
		rows, err := LayoutPayments(path, l, Options{})
		require.NoError(t, err)
		for row, err := range rows {
			require.NoError(t, err)
			require.Empty(t, row.Reasons)
			require.Len(t, row.Cells, len(PayHeadings()))
			n, fen = n-1, fen-row.Fen
		}
		require.Zero(t, n)
		require.Zero(t, fen)
	}
}

// TestBadRowsOfALayoutAreRefusedAlone holds a roster in a layout to what a workbook is held to: bad rows come one by one, with all
// their texts; an amount that cannot be read counts nothing, and then the file's own total cannot be checked.
func TestBadRowsOfALayoutAreRefusedAlone(t *testing.T) {
	t.Parallel()
	good, long := payee(1)[payNumber], strings.Repeat("长", 101)
	text := "00|5|999.00\n" + good + "|冼示例|150.50|\n" + good + "|冼示例|150.50|\n" + payee(3)[payNumber] + "|" + long + "|2.00|\n" +
		"4|冼示例|1.00|\n" + payee(5)[payNumber] + "|冼示例|一百|=1+1\n"
	format := "notation = 1\nname = \"own\"\ntitle = \"own\"\nmessage = \"PAYLIST\"\nversion = 1\nencoding = \"UTF-8\"\nbad_row = \"row\"\n" +
		"[delimited]\ndelimiter = \"|\"\n[[header]]\ncolumns = [ { const = \"00\" }, { value = \"rows\" }, { value = \"total\", unit = \"yuan\" } ]\n" +
		"[detail]\ncolumns = [\n{ field = \"number\", as = \"证件号码\" },\n{ field = \"name\", as = \"姓名\" },\n" +
		"{ field = \"amount\", as = \"金额\", unit = \"yuan\" },\n{ field = \"note\", as = \"备注\" },\n]\n"
	l, err := layout.Parse(format)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "roster.txt")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	rows, err := LayoutPayments(path, l, Options{})
	require.NoError(t, err)
	var got []Payment
	for row, err := range rows {
		require.NoError(t, err)
		got = append(got, row)
	}
	require.Equal(t, []Payment{
		{Number: 2, SSN: good, Name: "冼示例", Fen: 15_050, Cells: []string{"", good, "冼示例", "150.50", ""}},
		{Number: 3, SSN: good, Name: "冼示例", Fen: 15_050, Cells: []string{"", good, "冼示例", "150.50", ""}},
		{Number: 4, SSN: payee(3)[payNumber], Name: long, Fen: 200, Cells: []string{"", payee(3)[payNumber], long, "2.00", ""}, Reasons: []card.Reason{card.ReasonNameTooLong}},
		{Number: 5, SSN: "4", Name: "冼示例", Fen: 100, Cells: []string{"", "4", "冼示例", "1.00", ""}, Reasons: []card.Reason{card.ReasonIDLength}},
		{Number: 6, SSN: payee(5)[payNumber], Name: "冼示例", Cells: []string{"", payee(5)[payNumber], "冼示例", "一百", "=1+1"}, Reasons: []card.Reason{card.ReasonAmountShape}},
	}, got)

	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, "一百", "100.00", 1)), 0o600))
	for _, err = range rows { //nolint:revive // to its end
	}
	require.Equal(t, card.ReasonFileTotal, card.ReasonOf(err), "every amount can be read, and the total is another")

	other, err := layout.Standard(card.PayReq)
	require.NoError(t, err)
	_, err = LayoutPayments(path, other, Options{})
	require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))
	_, err = LayoutPayments(path+"x", l, Options{})
	require.Equal(t, card.NotFound, card.KindOf(err))
}

// FuzzPayments reads anything as a roster of payments: it must end, keep to the limits, name a reason for what it refuses, and
// never accept a row without money.
func FuzzPayments(f *testing.F) {
	f.Add(payCSV(payee(1), payee(2)))
	f.Add([]byte("姓名;证件号码;金额(分)\n\"a\"\"b\";\"c\nd\";15\n"))
	f.Add([]byte(magicUTF8 + "姓名\t证件号码\t金额（元）\r\n\xff\xfe\t,\t1,234.5\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := readPayments(t, file, Options{Limits: Limits{Unzipped: 4 << 20, Rows: 1000}})
		if err != nil {
			require.Contains(t, card.Reasons(), card.ReasonOf(err))
		}
		for _, row := range rows {
			require.True(t, row.Fen > 0 || len(row.Reasons) > 0)
			require.Len(t, row.Cells, len(PayHeadings()))
		}
	})
}

func BenchmarkReadPayments(b *testing.B) {
	file := appendCSV(nil, PayHeadings())
	for i := range 100_000 {
		file = appendCSV(file, payee(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := NewPayments(bytes.NewReader(file), int64(len(file)), Options{})
		require.NoError(b, err)
		n := 0
		for _, err := range p.Rows() {
			require.NoError(b, err)
			n++
		}
		require.Equal(b, 100_000, n)
		require.NoError(b, p.Close())
	}
}
