package roster

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
	"onecard/connectors/layout/xlsx"
)

var update = flag.Bool("update", false, "write the files of testdata/rosters anew")

const rosters = "../../testdata/rosters"

// foshan is the sample that the demonstration runs on.
var foshan = SampleOptions{
	Rows: 5000, City: "440600", Banks: []string{"102", "103", "105"}, Seed: 20261121, Bad: 0.02, Format: FormatXLSX,
}

func TestFoshanIsMadeBySample(t *testing.T) {
	t.Parallel()
	file := kept(t, "foshan-5000.xlsx", func() []byte { return sample(t, foshan) })
	rows, bad := readAll(t, file, Options{}), 0
	require.Equal(t, rows, readAll(t, sample(t, foshan), Options{}), "the file is what Sample makes; write it anew with -update")
	for _, row := range rows {
		if len(row.Reasons) > 0 {
			bad++
		}
	}
	require.Len(t, rows, 5000)
	require.Equal(t, 97, bad, "100 bad rows, 3 of which only repeat another")
}

// kept reads a file of testdata/rosters; with -update it is made and written first.
func kept(t *testing.T, name string, build func() []byte) []byte {
	t.Helper()
	path := filepath.Join(rosters, filepath.FromSlash(name))
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, build(), 0o600))
	}
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	return file
}

// entry is an entry of a zip made by hand.
type entry struct{ name, text string }

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, e := range entries {
		w, err := z.Create(e.name)
		require.NoError(t, err)
		_, err = io.WriteString(w, e.text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return file.Bytes()
}

const (
	office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	main   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
)

// bookOf makes a workbook around the inside of a sheet's XML.
func bookOf(t testing.TB, inside string, further ...entry) []byte {
	t.Helper()
	return zipOf(t, append(frame(""), append(further,
		entry{"xl/worksheets/sheet1.xml", `<worksheet xmlns="` + main + `">` + inside + `</worksheet>`})...)...)
}

// frame is a workbook but for its sheet.
func frame(properties string) []entry {
	return []entry{
		{"_rels/.rels", `<Relationships><Relationship Id="r1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + main + `" xmlns:r="` + office + `">` + properties +
			`<sheets><sheet name="名册" sheetId="1" r:id="s1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="s1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="s2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
	}
}

// inlineRow makes a row of inline strings.
func inlineRow(texts ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, text := range texts {
		b.WriteString(`<c t="inlineStr"><is><t>` + string(xlsx.AppendEscaped(nil, text)) + `</t></is></c>`)
	}
	b.WriteString("</row>")
	return b.String()
}

func sheetData(rows ...string) string { return "<sheetData>" + strings.Join(rows, "") + "</sheetData>" }

func head() string { return inlineRow(headings[:]...) }

func good() string { return inlineRow(goodCells()...) }

// goodWith is a good row in which the XML of one cell is replaced.
func goodWith(col int, cell string) string {
	row := good()
	for i, text := range goodCells() {
		old := `<c t="inlineStr"><is><t>` + text + `</t></is></c>`
		if i == col {
			return strings.Replace(row, old, cell, 1)
		}
	}
	return row
}

// badFile is a file of testdata/rosters/bad: what it is refused for, or what its rows are.
type badFile struct {
	name  string
	build func(t *testing.T) []byte
	file  card.Reason
	rows  [][]card.Reason
}

func badFiles() []badFile {
	fine := [][]card.Reason{nil}
	return []badFile{
		{"not-a-workbook.xlsx", notAWorkbook, card.ReasonFileNotWorkbook, nil},
		{"text.csv", func(*testing.T) []byte { return []byte("请查收附件名册。\n谢谢！\n") }, card.ReasonFileNotWorkbook, nil},
		{"page.xls", func(*testing.T) []byte { return []byte("<html><table><tr><td>姓名,性别</td></tr></table></html>") }, card.ReasonFileNotWorkbook, nil},
		{"document.docx", document, card.ReasonFileNotWorkbook, nil},
		{"old.xls", func(*testing.T) []byte { return append([]byte(magicOLE), make([]byte, 1528)...) }, card.ReasonFileXLS, nil},
		{"bomb.xlsx", bomb, card.ReasonFileBomb, nil},
		{"entries.xlsx", manyEntries, card.ReasonFileBomb, nil},
		{"wrong-headings.xlsx", wrongHeadings, card.ReasonFileHeadings, nil},
		{"missing-heading.csv", missingHeading, card.ReasonFileHeadings, nil},
		{"heading-twice.xlsx", headingTwice, card.ReasonFileHeadings, nil},
		{"empty.xlsx", func(*testing.T) []byte { return nil }, card.ReasonFileEmpty, nil},
		{"empty-sheet.xlsx", func(t *testing.T) []byte { return bookOf(t, "<sheetData/>") }, card.ReasonFileEmpty, nil},
		{"headings-only.xlsx", func(t *testing.T) []byte { return bookOf(t, sheetData(head())) }, card.ReasonFileEmpty, nil},
		{"damaged.xlsx", func(t *testing.T) []byte { return bookOf(t, sheetData(head(), good()))[:900] }, card.ReasonFileUnreadable, nil},
		{"cut.xlsx", func(t *testing.T) []byte { return bookOf(t, "<sheetData>"+head()+good()) }, card.ReasonFileUnreadable, nil},
		{"merged-heading.xlsx", mergedHeading, card.ReasonFileMerged, nil},
		{"merged-cell.xlsx", mergedCell, "", [][]card.Reason{nil, {card.ReasonMergedCell}, {card.ReasonCityUnknown, card.ReasonMergedCell}}},
		{"number-as-float.xlsx", numberAsFloat, "", [][]card.Reason{{card.ReasonNumberAsFloat}, {card.ReasonNumberAsFloat}, {card.ReasonNumberAsFloat}}},
		{"formula.xlsx", formula, "", [][]card.Reason{{card.ReasonFormulaInCell}}},
		{"million-empty-rows.xlsx", millionEmptyRows, "", [][]card.Reason{nil, nil}},
		{"gbk.csv", gbk, "", fine},
		{"utf8-bom.csv", func(*testing.T) []byte { return append([]byte(magicUTF8), csvOf(goodCells())...) }, "", fine},
		{"utf16.csv", func(*testing.T) []byte { return []byte("\xFF\xFE\xD3\x59\x0D\x54,\x00\r\x00\n\x00") }, card.ReasonFileEncoding, nil},
		{"quote-not-closed.csv", quoteNotClosed, card.ReasonFileUnreadable, nil},
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, test := range badFiles() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kept(t, "bad/"+test.name, func() []byte { return test.build(t) })
			var rows [][]card.Reason
			var err error
			begin := time.Now()
			r, err := Open(filepath.Join(rosters, "bad", test.name), Options{Today: testDay})
			if err == nil {
				defer func() { require.NoError(t, r.Close()) }()
				for row, e := range r.Rows() {
					if err = e; e == nil {
						rows = append(rows, row.Reasons)
					}
				}
			}
			t.Logf("%v in %v", err, time.Since(begin))
			require.Equal(t, test.file, card.ReasonOf(err))
			if test.file != "" {
				require.Equal(t, card.Invalid, card.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.rows, rows)
		})
	}
}

func notAWorkbook(*testing.T) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), bytes.Repeat([]byte{0, 1, 2, 3}, 64)...)
}

func document(t *testing.T) []byte { return zipOf(t, entry{"word/document.xml", "<document/>"}) }

// bomb is 256 KiB that unzip to 257 MiB.
func bomb(t *testing.T) []byte { return bookOf(t, strings.Repeat(" ", 257<<20)) }

func manyEntries(t *testing.T) []byte {
	entries := frame("")
	for i := range 1100 {
		entries = append(entries, entry{"xl/media/" + strings.Repeat("x", i/100) + string(rune('a'+i%26)) + columnText(i), ""})
	}
	return zipOf(t, entries...)
}

func columnText(i int) string { return string(xlsx.ColumnName(i)) }

func wrongHeadings(t *testing.T) []byte {
	return bookOf(t, sheetData(inlineRow("编号", "学生姓名", "班级"), inlineRow("1", "某某", "三班")))
}

func missingHeading(*testing.T) []byte {
	file := appendCSV(nil, headings[:colBank])
	return appendCSV(file, goodCells()[:colBank])
}

func headingTwice(t *testing.T) []byte {
	return bookOf(t, sheetData(inlineRow(append(Headings(), "姓名")...), good()))
}

func mergedHeading(t *testing.T) []byte {
	return bookOf(t, sheetData(head(), good())+`<mergeCells count="1"><mergeCell ref="B1:C1"/></mergeCells>`)
}

// mergedCell merges the city of two rows, as people do who group a list; a title that is merged above the headings is fine.
func mergedCell(t *testing.T) []byte {
	title := inlineRow("佛山市社会保障卡申领名册")
	return bookOf(t, sheetData(title, head(), good(), good(), goodWith(colCity, `<c/>`))+
		`<mergeCells count="2"><mergeCell ref="A1:O1"/><mergeCell ref="J4:J5"/></mergeCells>`)
}

func numberAsFloat(t *testing.T) []byte {
	return bookOf(t, sheetData(head(),
		goodWith(colSSN, `<c><v>4.4060019900101E+17</v></c>`),
		goodWith(colSSN, `<c><v>440600199001010000</v></c>`),
		goodWith(colSSN, `<c t="inlineStr"><is><t>4.41E+17</t></is></c>`)))
}

func formula(t *testing.T) []byte {
	return bookOf(t, sheetData(head(), goodWith(colName, `<c t="str"><f>A1&amp;B1</f><v>冼示例</v></c>`)))
}

func millionEmptyRows(t *testing.T) []byte {
	return bookOf(t, sheetData(head(), good(), strings.Repeat(`<row><c s="1"/></row>`, 1_000_000), good()))
}

func gbk(t *testing.T) []byte {
	file, err := gb18030.GBK.Encode(string(csvOf(goodCells())))
	require.NoError(t, err)
	return file
}

func quoteNotClosed(*testing.T) []byte {
	return append(csvOf(goodCells()), "居民身份证,\"440600\n"+strings.Repeat("x,y\n", 100)...)
}
