package layout

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strconv"

	"onecard/card"
)

// Writer writes one file, line by line. It keeps one line in memory.
type Writer struct {
	out    *bufio.Writer
	layout *Layout
	file   card.File
	line   []byte
	last   int // the last ref
	rows   int
}

// NewWriter begins file f of layout l on w with its first line. Errors of w show at the latest in Close.
func NewWriter(w io.Writer, l *Layout, f card.File) *Writer {
	out := &Writer{out: bufio.NewWriterSize(w, 64<<10), layout: l, file: f, line: make([]byte, 0, 512)}
	_, _ = fmt.Fprintf(out.out, "H|%s|%d|%s|%s|%s\n", l.Kind, l.Version, f.Name(), f.Date, l.answered(f))
	return out
}

// Row writes one detail line. fields are the layout's columns in order, in UTF-8. A row that cannot be written leaves the
// file as if it had not been tried, and the error, an Invalid card.Error around a Fault, names its ref: NAME_UNENCODABLE
// for a character that the encoding cannot carry, FIELD_CHARACTERS for | and control characters, FILE_LINE_LENGTH,
// and FILE_LAYOUT for fields that are not as declared and a ref that is not above the last one.
func (w *Writer) Row(ref int, fields ...string) error {
	if ref <= w.last || ref > maxRef {
		return w.refuse(card.ReasonFileLayout, ref, -1, strconv.Itoa(ref), fmt.Sprintf("a ref above %d of at most 10 digits", w.last))
	}
	if len(fields) != len(w.layout.Columns) {
		return w.refuse(card.ReasonFileLayout, ref, -1, fmt.Sprintf("%d fields", len(fields)), fmt.Sprintf("%d", len(w.layout.Columns)))
	}
	w.line = strconv.AppendInt(append(w.line[:0], "D|"...), int64(ref), 10)
	for i, field := range fields {
		if err := w.field(ref, i, field); err != nil {
			return err
		}
	}
	if len(w.line) > MaxLine {
		return w.refuse(card.ReasonFileLineLength, ref, -1, fmt.Sprintf("%d bytes", len(w.line)), fmt.Sprintf("at most %d", MaxLine))
	}
	w.line = append(w.line, '\n')
	if _, err := w.out.Write(w.line); err != nil {
		return fmt.Errorf("%s: %w", opWrite, err)
	}
	w.last, w.rows = ref, w.rows+1
	return nil
}

func (w *Writer) field(ref, i int, field string) error {
	column := &w.layout.Columns[i]
	if !column.accepts(field) {
		return w.refuse(card.ReasonFileLayout, ref, i, column.show(field), column.expected())
	}
	if column.Shape != Text { // the other shapes are of plain characters only
		w.line = append(append(w.line, '|'), field...)
		return nil
	}
	if at := forbidden(field); at >= 0 {
		found := fmt.Sprintf("a separator or control character at byte %d", at+1)
		return w.refuse(card.ReasonFieldCharacters, ref, i, found, "neither | nor control characters")
	}
	line, err := w.layout.Encoding.Append(append(w.line, '|'), field)
	if err != nil {
		return w.refuse(card.ReasonNameUnencodable, ref, i, encodingFault(err), "characters of "+w.layout.Encoding.String())
	}
	w.line = line
	return nil
}

func (w *Writer) refuse(reason card.Reason, ref, i int, found, expected string) error {
	number, name := w.layout.column(i)
	return refusal(opWrite, reason, &Fault{
		File: w.file.Name(), Line: w.rows + 2, Ref: ref, Column: number, Name: name, Found: found, Expected: expected,
	})
}

// Close writes the last line and everything buffered; it does not close the underlying writer. It returns the number of
// rows and their total in fen, which is 0 for files without money.
func (w *Writer) Close() (rows int, fen int64, err error) {
	if _, err := fmt.Fprintf(w.out, "T|%d|%d\n", w.rows, fen); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", opWrite, err)
	}
	if err := w.out.Flush(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", opWrite, err)
	}
	return w.rows, fen, nil
}

// Write writes file f of layout l with all rows, in one pass. fields appends a row's fields to its argument and returns
// them with the row's ref. The first error, of rows or of fields too, ends it.
func Write[T any](w io.Writer, l *Layout, f card.File, rows iter.Seq2[T, error],
	fields func(row T, fields []string) (ref int, all []string, err error),
) (count int, fen int64, err error) {
	out := NewWriter(w, l, f)
	buf := make([]string, 0, len(l.Columns))
	for row, err := range rows {
		if err != nil {
			return 0, 0, fmt.Errorf("%s %s: %w", opWrite, f.Name(), err)
		}
		ref, all, err := fields(row, buf[:0])
		if err != nil {
			return 0, 0, fmt.Errorf("%s %s ref %d: %w", opWrite, f.Name(), ref, err)
		}
		if err := out.Row(ref, all...); err != nil {
			return 0, 0, err
		}
	}
	return out.Close()
}

const maxRef = 9_999_999_999

// forbidden returns the offset of the first | or control character (C0, DEL, C1) of s, or -1.
func forbidden(s string) int {
	for i := range len(s) {
		if c := s[i]; c == '|' || isControl(c) || c == 0xC2 && i+1 < len(s) && s[i+1] < 0xA0 {
			return i
		}
	}
	return -1
}

func isControl(c byte) bool { return c < ' ' || c == 0x7F }
