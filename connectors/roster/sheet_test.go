package roster

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func reasonOf(file []byte, o Options) (card.Reason, string) {
	r, err := New(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		return card.ReasonOf(err), err.Error()
	}
	for _, e := range r.Rows() {
		if e != nil {
			err = e
		}
	}
	err = errors.Join(err, r.Close())
	if err == nil {
		return "", ""
	}
	return card.ReasonOf(err), err.Error()
}

func TestCellsOfWorkbooks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		col  int
		cell string
		raw  string
	}{
		{"number", colPhone, `<c><v>13800000000</v></c>`, "13800000000"},
		{"number with exponent", colPhone, `<c t="n"><v>1.38E10</v></c>`, "13800000000"},
		{"date", colBirth, `<c s="5"><v>32874</v></c>`, "19900101"},
		{"date as a number", colBirth, `<c><v>19900101</v></c>`, "19900101"},
		{"ISO date", colBirth, `<c t="d"><v>1990-01-01T00:00:00</v></c>`, "1990-01-01T00:00:00"},
		{"shared", colName, `<c t="s"><v>1</v></c>`, "古丽·艾山"},
		{"runs", colName, `<c t="inlineStr"><is><r><rPr/><t>古丽</t></r><r><t>·艾山</t></r><rPh><t>guli</t></rPh></is></c>`, "古丽·艾山"},
		{"CDATA", colName, `<c t="inlineStr"><is><t><![CDATA[冼<]]></t></is></c>`, "冼<"},
		{"entities", colAddress, `<c t="inlineStr"><is><t>&#x5E7F;&#19996; &amp;&lt;&gt;&quot;&apos;</t></is></c>`, `广东 &<>"'`},
		{"escaped", colAddress, `<c t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>`, "a\rb_x0041_"},
		{"prefix", colName, `<x:c t="inlineStr"><x:is><x:t xml:space="preserve"> 冼 </x:t></x:is></x:c>`, " 冼 "},
		{"comment", colName, `<c t="inlineStr"><is><t>冼<!-- > -->示</t></is></c>`, "冼示"},
		{"bracket in an attribute", colName, `<c cm="a>b" t='inlineStr'><is><t>冼</t></is></c>`, "冼"},
	}
	shared := entry{"xl/sharedStrings.xml", `<sst><si><t>甲</t></si><si><r><t>古丽</t></r><r><t>·艾山</t></r></si></sst>`}
	for _, test := range tests {
		row := readAll(t, bookOf(t, sheetData(head(), goodWith(test.col, test.cell)), shared), Options{})[0]
		require.Equal(t, test.raw, row.Cells[test.col], test.name)
	}
}

func TestDatesOf1904(t *testing.T) {
	t.Parallel()
	file := zipOf(t, append(frame(`<workbookPr date1904="1"/>`),
		entry{"xl/worksheets/sheet1.xml", sheetData(head(), goodWith(colBirth, `<c><v>31412</v></c>`))})...)
	require.Empty(t, readAll(t, file, Options{})[0].Reasons)
	require.Equal(t, "19000228", serialDate("59", false))
	require.Equal(t, "19000301", serialDate("61.75", false))
}

func TestCellsThatAreNoText(t *testing.T) {
	t.Parallel()
	for cell, reason := range map[string]card.Reason{
		`<c t="b"><v>1</v></c>`:                               card.ReasonFieldCharacters,
		`<c t="e"><v>#N/A</v></c>`:                            card.ReasonFieldCharacters,
		`<c><v>1.2.3</v></c>`:                                 card.ReasonFieldCharacters,
		`<c t="inlineStr"><is><t>` + "\xff" + `</t></is></c>`: card.ReasonFieldCharacters,
		`<c><f>B2</f></c>`:                                    card.ReasonFormulaInCell,
		`<c t="inlineStr"><is><t>` + strings.Repeat("路", 501) + `</t></is></c>`:   card.ReasonCellTooLong,
		`<c t="inlineStr"><is><t>` + strings.Repeat("路", 9_999) + `</t></is></c>`: card.ReasonCellTooLong,
	} {
		row := readAll(t, bookOf(t, sheetData(head(), goodWith(colAddress, cell))), Options{})[0]
		require.Contains(t, row.Reasons, reason)
		require.LessOrEqual(t, len(row.Cells[colAddress]), 1500)
	}
}

func TestSheetsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, inside := range map[string]string{
		"rows backwards":  sheetData(head(), `<row r="3"><c><v>1</v></c></row>`, `<row r="2"><c><v>1</v></c></row>`),
		"row beyond":      sheetData(head(), `<row r="1048577"><c><v>1</v></c></row>`),
		"cell backwards":  sheetData(head(), `<row r="2"><c r="B2"/><c r="A2"/></row>`),
		"cell elsewhere":  sheetData(head(), `<row r="2"><c r="B3"/></row>`),
		"no such string":  sheetData(head(), `<row><c t="s"><v>4</v></c></row>`),
		"unknown entity":  sheetData(head(), `<row><c t="str"><v>&me;</v></c></row>`),
		"open tag":        sheetData(head()) + `<mergeCells count="`,
		"endless tag":     sheetData(head(), `<row a="`+strings.Repeat("x", 256<<10)+`">`),
		"document type":   `<!DOCTYPE a [<!ENTITY me "you">]>` + sheetData(head(), good()),
		"comment unended": sheetData(head(), `<!-- `, good()),
	} {
		reason, _ := reasonOf(bookOf(t, inside), Options{})
		require.Equal(t, card.ReasonFileUnreadable, reason, name)
	}
}

func TestOrderOfColumnsIsFree(t *testing.T) {
	t.Parallel()
	names, cells := Headings(), goodCells()
	names[0], names[9], cells[0], cells[9] = names[9], names[0], cells[9], cells[0]
	names, cells = append([]string{"序号", " 备注*\n"}, names...), append([]string{"1", "x"}, cells...)
	names[3] = "身份证\n号码 *"
	r := open(t, bookOf(t, sheetData(inlineRow("佛山市名册"), inlineRow(""), inlineRow(names...), inlineRow(cells...))), Options{})
	require.Equal(t, []string{"以下列不会被读取：序号、备注 / columns that are not read: 序号、备注"}, r.Warnings())
	for row, err := range r.Rows() {
		require.NoError(t, err)
		require.Empty(t, row.Reasons)
		require.Equal(t, 4, row.Number)
		require.Equal(t, goodCells(), row.Cells)
	}
}

func TestWhichSheetIsRead(t *testing.T) {
	t.Parallel()
	file := zipOf(t,
		entry{"_rels/.rels", `<Relationships><Relationship Type="` + office + `/officeDocument" Target="/xl/workbook.xml"/></Relationships>`},
		entry{`xl\workbook.xml`, `<workbook xmlns:r="` + office + `"><sheets><sheet name="旧" state="hidden" r:id="a"/><sheet name="说明" r:id="b"/>` +
			`<sheet name="名册 " r:id="c"/><sheet name="名册2" r:id="b"/></sheets></workbook>`},
		entry{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="b" Type="` + office + `/worksheet" Target="b.xml"/>` +
			`<Relationship Id="c" Type="` + office + `/worksheet" Target="/xl/c.xml"/></Relationships>`},
		entry{"xl/b.xml", sheetData(inlineRow("说明"))},
		entry{"xl/c.xml", sheetData(head(), good())})
	r := open(t, file, Options{})
	require.Len(t, r.Warnings(), 1)
	require.Contains(t, r.Warnings()[0], "名册2")
	require.Equal(t, FormatXLSX, r.Format())
}

func TestZipsThatLie(t *testing.T) {
	t.Parallel()
	limits := Options{Limits: Limits{Unzipped: 1 << 20}}
	long := bookOf(t, sheetData(head(), good(), strings.Repeat(" ", 2<<20)))
	reason, _ := reasonOf(long, limits)
	require.Equal(t, card.ReasonFileBomb, reason, "declared")
	reason, _ = reasonOf(understated(t, 2<<20), limits)
	require.Equal(t, card.ReasonFileUnreadable, reason, "more than declared")
	reason, _ = reasonOf(zipOf(t, append(frame(""), entry{"XL/workbook.xml", ""})...), limits)
	require.Equal(t, card.ReasonFileUnreadable, reason, "two entries of one name")
	reason, _ = reasonOf(long, Options{Limits: Limits{WorkbookBytes: 100}})
	require.Equal(t, card.ReasonFileTooLarge, reason)
	reason, _ = reasonOf(csvOf(goodCells()), Options{Limits: Limits{CSVBytes: 100}})
	require.Equal(t, card.ReasonFileTooLarge, reason)
	reason, _ = reasonOf(csvOf(goodCells(), goodCells(), goodCells()), Options{Limits: Limits{Rows: 2}})
	require.Equal(t, card.ReasonFileTooManyRows, reason)
	reason, _ = reasonOf(longDirectory(), Options{})
	require.Equal(t, card.ReasonFileBomb, reason, "a table of contents without end")
}

// understated is a workbook whose sheet declares fewer bytes than it unzips to.
func understated(t *testing.T, size int) []byte {
	t.Helper()
	var file, packed bytes.Buffer
	z := zip.NewWriter(&file)
	for _, e := range frame("") {
		w, err := z.Create(e.name)
		require.NoError(t, err)
		_, err = io.WriteString(w, e.text)
		require.NoError(t, err)
	}
	deflate, err := flate.NewWriter(&packed, 9)
	require.NoError(t, err)
	_, err = io.WriteString(deflate, sheetData(head(), good(), strings.Repeat(" ", size)))
	require.NoError(t, err)
	require.NoError(t, deflate.Close())
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 1000,
	})
	require.NoError(t, err)
	_, err = w.Write(packed.Bytes())
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return file.Bytes()
}

// longDirectory is a zip whose table of contents has 100,000 entries and says that it has few.
func longDirectory() []byte {
	file := []byte(magicZip + strings.Repeat("\x00", 26))
	start := len(file)
	one := make([]byte, 46)
	copy(one, "PK\x01\x02")
	file = append(file, bytes.Repeat(one, 100_000)...)
	end := make([]byte, 22)
	copy(end, magicEmpty)
	binary.LittleEndian.PutUint16(end[8:], 5)
	binary.LittleEndian.PutUint16(end[10:], 5)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(file)-start))
	binary.LittleEndian.PutUint32(end[16:], uint32(start))
	return append(file, end...)
}
