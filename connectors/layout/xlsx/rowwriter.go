package xlsx

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errSheetFull = errors.New("a sheet holds 1,048,576 rows and no more")

// RowWriter writes rows of a sheet as XML.
type RowWriter struct {
	w       *bufio.Writer
	row     int // the last row written
	col     int // the next column, from 0
	buf     []byte
	ranges  []string
	err     error
	columns [][]byte // names of the columns, as far as they were needed
}

// NewRowWriter begins behind the rows that there are already.
func NewRowWriter(w io.Writer, rows int) *RowWriter {
	return &RowWriter{w: bufio.NewWriterSize(w, 128<<10), row: rows}
}

// Raw writes XML as it stands. Its errors show in Flush.
func (w *RowWriter) Raw(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// Skip leaves out the rows up to and with row.
func (w *RowWriter) Skip(row int) { w.row = row }

// Begin begins the next row; height in points, 0 for the usual one.
func (w *RowWriter) Begin(height float64) {
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

// End ends the row.
func (w *RowWriter) End() error {
	w.buf = append(w.buf, "</row>"...)
	if w.row > MaxRows && w.err == nil {
		w.err = errSheetFull
	}
	w.Raw(w.buf)
	return w.err
}

// open writes the beginning of a cell.
func (w *RowWriter) open(style int) {
	w.buf = append(w.buf, `<c r="`...)
	w.buf = append(w.buf, w.column(w.col)...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, `" s="`...)
	w.buf = strconv.AppendInt(w.buf, int64(style), 10)
	w.col++
}

// Text writes a cell of text, which no program takes for a formula.
func (w *RowWriter) Text(style int, s string) {
	w.open(style)
	if s == "" {
		w.buf = append(w.buf, `"/>`...)
		return
	}
	w.buf = append(w.buf, `" t="inlineStr"><is><t xml:space="preserve">`...)
	w.buf = AppendEscaped(w.buf, Guard(s))
	w.buf = append(w.buf, "</t></is></c>"...)
}

// Number writes a cell of a whole number.
func (w *RowWriter) Number(style int, n int64) { w.Bare(style, strconv.FormatInt(n, 10)) }

// Bare writes a cell that is typed as a number, with its value as it stands.
func (w *RowWriter) Bare(style int, value string) {
	w.open(style)
	w.buf = append(w.buf, `"><v>`...)
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, "</v></c>"...)
}

// Formula writes a cell that holds a formula: only samples of bad rows have them.
func (w *RowWriter) Formula(style int, f string) {
	w.open(style)
	w.buf = append(w.buf, `"><f>`...)
	w.buf = AppendEscaped(w.buf, f)
	w.buf = append(w.buf, "</f></c>"...)
}

// Merge merges cells of the present row, from column to column.
func (w *RowWriter) Merge(from, to int) {
	row := strconv.Itoa(w.row)
	w.ranges = append(w.ranges, string(w.column(from))+row+":"+string(w.column(to))+row)
}

// Merges writes the merged ranges, which stand behind the rows.
func (w *RowWriter) Merges() {
	if len(w.ranges) == 0 {
		return
	}
	w.Raw([]byte(`<mergeCells count="` + strconv.Itoa(len(w.ranges)) + `">`))
	for _, r := range w.ranges {
		w.Raw([]byte(`<mergeCell ref="` + r + `"/>`))
	}
	w.Raw([]byte("</mergeCells>"))
}

// Flush writes what is buffered, and returns the first error of any write.
func (w *RowWriter) Flush() error {
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

// column returns the name of a column: A, B, … AA.
func (w *RowWriter) column(col int) []byte {
	for len(w.columns) <= col {
		w.columns = append(w.columns, ColumnName(len(w.columns)))
	}
	return w.columns[col]
}

// ColumnName returns the name of a column, counted from 0: A, B, … AA.
func ColumnName(col int) []byte {
	var name []byte
	for n := col + 1; n > 0; n = (n - 1) / 26 {
		name = append([]byte{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(n-1)%26]}, name...)
	}
	return name
}

// FormulaStarts are the characters by which a program may take a text for a formula, the full-width ones included.
const FormulaStarts = "=+-@\t\r\n＝＋－＠"

// Guard puts an apostrophe, the mark of a text cell, before what could be taken for a formula. The reader takes it off.
func Guard(s string) string {
	if r, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(FormulaStarts, r) {
		return "'" + s
	}
	return s
}

// Unguard takes off the apostrophe that Guard put before a text.
func Unguard(s string) string {
	rest, marked := strings.CutPrefix(s, "'")
	if marked && Guard(rest) != rest {
		return rest
	}
	return s
}

// AppendEscaped appends s as an XML text. What XML cannot hold is written as workbooks do, _xHHHH_.
func AppendEscaped(dst []byte, s string) []byte {
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
