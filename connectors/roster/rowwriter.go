package roster

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errSheetFull = errors.New("a sheet holds 1,048,576 rows and no more")

// rowWriter writes rows of a sheet as XML.
type rowWriter struct {
	w       *bufio.Writer
	row     int // the last row written
	col     int // the next column, from 0
	buf     []byte
	ranges  []string
	err     error
	columns [][]byte // names of the columns, as far as they were needed
}

// newRowWriter begins behind the rows that there are already.
func newRowWriter(w io.Writer, rows int) *rowWriter {
	return &rowWriter{w: bufio.NewWriterSize(w, 128<<10), row: rows}
}

func (w *rowWriter) raw(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// begin begins the next row; height in points, 0 for the usual one.
func (w *rowWriter) begin(height float64) {
	w.row++
	w.col = 0
	w.buf = append(w.buf[:0], `<row r="`...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	if height > 0 {
		w.buf = append(w.buf, `" customHeight="1" ht="`...)
		w.buf = strconv.AppendFloat(w.buf, height, 'f', -1, 64)
	}
	w.buf = append(w.buf, `">`...)
}

// end ends the row.
func (w *rowWriter) end() error {
	w.buf = append(w.buf, "</row>"...)
	if w.row > sheetRows && w.err == nil {
		w.err = errSheetFull
	}
	w.raw(w.buf)
	return w.err
}

// open writes the beginning of a cell.
func (w *rowWriter) open(style int) {
	w.buf = append(w.buf, `<c r="`...)
	w.buf = append(w.buf, w.column(w.col)...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, `" s="`...)
	w.buf = strconv.AppendInt(w.buf, int64(style), 10)
	w.col++
}

// text writes a cell of text, which no program takes for a formula.
func (w *rowWriter) text(style int, s string) {
	w.open(style)
	if s == "" {
		w.buf = append(w.buf, `"/>`...)
		return
	}
	w.buf = append(w.buf, `" t="inlineStr"><is><t xml:space="preserve">`...)
	w.buf = appendEscaped(w.buf, guard(s))
	w.buf = append(w.buf, "</t></is></c>"...)
}

// number writes a cell of a whole number.
func (w *rowWriter) number(style int, n int64) { w.bare(style, strconv.FormatInt(n, 10)) }

// bare writes a cell that is typed as a number, with its value as it stands.
func (w *rowWriter) bare(style int, value string) {
	w.open(style)
	w.buf = append(w.buf, `"><v>`...)
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, "</v></c>"...)
}

// formula writes a cell that holds a formula: only samples of bad rows have them.
func (w *rowWriter) formula(style int, f string) {
	w.open(style)
	w.buf = append(w.buf, `"><f>`...)
	w.buf = appendEscaped(w.buf, f)
	w.buf = append(w.buf, "</f></c>"...)
}

// merge merges cells of the present row, from column to column.
func (w *rowWriter) merge(from, to int) {
	row := strconv.Itoa(w.row)
	w.ranges = append(w.ranges, string(w.column(from))+row+":"+string(w.column(to))+row)
}

// merges writes the merged ranges, which stand behind the rows.
func (w *rowWriter) merges() {
	if len(w.ranges) == 0 {
		return
	}
	w.raw([]byte(`<mergeCells count="` + strconv.Itoa(len(w.ranges)) + `">`))
	for _, r := range w.ranges {
		w.raw([]byte(`<mergeCell ref="` + r + `"/>`))
	}
	w.raw([]byte("</mergeCells>"))
}

func (w *rowWriter) flush() error {
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

// column returns the name of a column: A, B, … AA.
func (w *rowWriter) column(col int) []byte {
	for len(w.columns) <= col {
		w.columns = append(w.columns, columnName(len(w.columns)))
	}
	return w.columns[col]
}

func columnName(col int) []byte {
	var name []byte
	for n := col + 1; n > 0; n = (n - 1) / 26 {
		name = append([]byte{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(n-1)%26]}, name...)
	}
	return name
}

// formulaStarts are the characters by which a program may take a text for a formula, the full-width ones included.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// guard puts an apostrophe, the mark of a text cell, before what could be taken for a formula. The reader takes it off.
func guard(s string) string {
	if r, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(formulaStarts, r) {
		return "'" + s
	}
	return s
}

// appendEscaped appends s as an XML text. What XML cannot hold is written as workbooks do, _xHHHH_.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i, r := range s {
		var escaped string
		switch {
		case r == '&':
			escaped = "&amp;"
		case r == '<':
			escaped = "&lt;"
		case r == '>':
			escaped = "&gt;"
		case r < ' ' && r != '\n' && r != '\t':
			escaped = "_x00" + string("0123456789ABCDEF"[r>>4]) + string("0123456789ABCDEF"[r&15]) + "_"
		case r == '_' && looksEscaped(s[i:]):
			escaped = "_x005F_"
		case r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF:
			escaped = "\uFFFD"
		default:
			continue
		}
		dst = append(append(dst, s[from:i]...), escaped...)
		_, size := utf8.DecodeRuneInString(s[i:])
		from = i + size
	}
	return append(dst, s[from:]...)
}

func looksEscaped(s string) bool {
	_, ok := escapeX([]byte(s[:min(len(s), 7)]))
	return ok
}
