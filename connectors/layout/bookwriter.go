package layout

import (
	"archive/zip"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// maxCell is the most characters that a cell of a workbook holds.
const maxCell = MaxLine

// bookParts are the parts of a workbook of one sheet, but for the sheet. All cells have style 1, the format "text".
var bookParts = [][2]string{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>` +
		`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

const (
	sheetPart  = "xl/worksheets/sheet1.xml"
	xmlHead    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	sheetBegin = xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<cols><col min="1" max="%d" width="20" style="1" customWidth="1"/></cols><sheetData>`
	sheetEnd  = `</sheetData></worksheet>`
	textStyle = 1
)

// bookWriter writes a workbook of one sheet whose cells are all texts, row by row into the zip: the same rows give the same
// bytes.
type bookWriter struct {
	zip    *zip.Writer
	rows   *xlsx.RowWriter
	cells  []string
	failed error
}

func newBookWriter(w io.Writer, l *Layout) *bookWriter {
	b := &bookWriter{zip: zip.NewWriter(w)}
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	b.failed = b.open(l)
	return b
}

func (b *bookWriter) open(l *Layout) error {
	var sheet strings.Builder
	if err := xml.EscapeText(&sheet, []byte(l.sheet)); err != nil {
		return err
	}
	for _, p := range bookParts {
		part, err := b.zip.Create(p[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, xmlHead+strings.Replace(p[1], "%s", sheet.String(), 1)); err != nil {
			return err
		}
	}
	part, err := b.zip.Create(sheetPart)
	if err != nil {
		return err
	}
	b.rows = xlsx.NewRowWriter(part, 0)
	b.rows.Raw(fmt.Appendf(nil, sheetBegin, len(l.detail.columns)))
	return nil
}

func (b *bookWriter) begin() { b.cells = b.cells[:0] }

func (b *bookWriter) cell(_ *column, text string) *problem {
	switch {
	case !utf8.ValidString(text) || strings.ContainsAny(text, "\uFFFE\uFFFF"):
		return wrongly(card.ReasonNameUnencodable, "a character that a workbook cannot carry", "characters of Unicode")
	case forbidden(text) >= 0:
		found := fmt.Sprintf("a control character at byte %d", forbidden(text)+1)
		return wrongly(card.ReasonFieldCharacters, found, "no control characters")
	case xlsx.Unguard(text) != text:
		return wrongly(card.ReasonFieldCharacters, "an apostrophe before the sign of a formula", "a text that comes back as it is")
	case utf8.RuneCountInString(text) > maxCell:
		return wrongly(card.ReasonCellTooLong, "a longer text", fmt.Sprintf("at most %d characters", maxCell))
	}
	b.cells = append(b.cells, text)
	return nil
}

func (b *bookWriter) end() (*problem, error) {
	if b.failed != nil {
		return nil, b.failed
	}
	b.rows.Begin(0)
	for _, text := range b.cells {
		b.rows.Text(textStyle, text)
	}
	return nil, b.rows.End()
}

func (b *bookWriter) close() error {
	if b.failed != nil {
		return b.failed
	}
	b.rows.Raw([]byte(sheetEnd))
	if err := b.rows.Flush(); err != nil {
		return err
	}
	return b.zip.Close()
}
