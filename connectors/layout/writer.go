package layout

import (
	"fmt"
	"io"
	"iter"
	"strconv"

	"onecard/card"
)

// Writer writes one file, row by row. It keeps one line in memory.
type Writer struct {
	out    carrier
	head   *spool // holds the rows back while the header, which counts them, cannot be written; nil when it does not
	layout *Layout
	file   card.File
	last   int // the last ref
	rows   int
	fen    int64
	seen   *repetitions
	failed error
}

// carrier puts records on file.
type carrier interface {
	// begin begins a record, forgetting one that was begun and not ended.
	begin()
	// cell adds a column's content to the record.
	cell(c *column, text string) *problem
	// end puts the record on file; when it does not fit there is a problem, and the record is forgotten.
	end() (*problem, error)
	// close ends the file; the underlying writer is not closed.
	close() error
}

// NewWriter begins file f of layout l on w. Errors of w show at the latest in Close.
func NewWriter(w io.Writer, l *Layout, f card.File) *Writer {
	out := &Writer{layout: l, file: f, seen: newRepetitions(l)}
	if l.countsFirst() {
		out.head = &spool{w: w}
		w = out.head
	}
	out.out = l.carrier(w)
	if out.head == nil {
		out.failed = out.frame(l.header)
	}
	return out
}

// carrier returns what writes the layout's kind of file.
func (l *Layout) carrier(w io.Writer) carrier {
	if l.form == workbook {
		return newBookWriter(w, l)
	}
	return newTextWriter(w, l)
}

// countsFirst says whether the header tells what is known only at the end.
func (l *Layout) countsFirst() bool {
	for _, r := range l.header {
		for i := range r.columns {
			if s := r.columns[i].source; s == isRows || s == isTotal {
				return true
			}
		}
	}
	return false
}

// Row writes one row. values are the message's fields in order, in UTF-8. A row that cannot be written leaves the file as if
// it had not been tried, and the error, an Invalid card.Error around a Fault, names its ref: NAME_UNENCODABLE for a character
// that the encoding cannot carry, FIELD_CHARACTERS for what would be taken for something else, FIELD_TOO_LONG,
// FILE_LINE_LENGTH, FILE_REPEATED_ROW for a row whose fingerprint was there, and FILE_LAYOUT for fields that are not as
// declared. A ref that is not above the last one and another number of fields are an Internal error.
func (w *Writer) Row(ref int, values ...string) error {
	if w.failed != nil {
		return w.failed
	}
	if err := w.possible(ref, len(values)); err != nil {
		return err
	}
	if err := w.columns(ref, values); err != nil {
		return err
	}
	sum, again := w.seen.check(values)
	if again != nil {
		return w.refuse(ref, -1, again)
	}
	if err := w.end(ref); err != nil {
		return err
	}
	w.seen.keep(sum)
	w.last, w.rows = ref, w.rows+1
	if w.layout.money >= 0 {
		fen, _ := count(values[w.layout.money]) // it was accepted
		w.fen += int64(fen)
	}
	return nil
}

// possible refuses what no caller may ask for.
func (w *Writer) possible(ref, values int) error {
	switch fields := len(w.layout.Message.Fields); {
	case ref <= w.last || ref > maxRef:
		return card.E(card.Internal, opWrite, "", fmt.Errorf("%s: found ref %d, expected one above %d of at most 10 digits", w.file.Name(), ref, w.last))
	case values != fields:
		return card.E(card.Internal, opWrite, "", fmt.Errorf("%s ref %d: found %d fields, expected %d", w.file.Name(), ref, values, fields))
	}
	return nil
}

// columns fills the columns of a row.
func (w *Writer) columns(ref int, values []string) error {
	w.out.begin()
	for i := range w.layout.detail.columns {
		c := &w.layout.detail.columns[i]
		text, wrong := w.text(c, ref, values)
		if wrong == nil {
			wrong = w.out.cell(c, text)
		}
		if wrong != nil {
			return w.refuse(ref, i, wrong)
		}
	}
	return nil
}

func (w *Writer) text(c *column, ref int, values []string) (string, *problem) {
	switch c.source {
	case isField:
		if c.conv == nil && c.empty == "" && c.preset == "" && !c.required { // most columns
			if v := values[c.index]; c.field.accepts(v) {
				return v, nil
			}
		}
		return c.write(values[c.index])
	case isRef:
		return strconv.Itoa(ref), nil
	case isLine:
		return strconv.Itoa(w.rows + 1), nil
	case isConst, isIgnored, isRows, isTotal, isKind, isVersion, isFile, isAnswered, isPartner, isDate, isSequence:
	}
	text, _ := c.constant(w.layout, w.file)
	return text, nil
}

// end puts the row on file.
func (w *Writer) end(ref int) error {
	wrong, err := w.out.end()
	if err != nil {
		w.failed = fmt.Errorf("%s %s: %w", opWrite, w.file.Name(), err)
		return w.failed
	}
	if wrong != nil {
		return w.refuse(ref, -1, wrong)
	}
	return nil
}

// frame writes the records before or behind the rows.
func (w *Writer) frame(records []record) error {
	for n := range records {
		w.out.begin()
		for i := range records[n].columns {
			c := &records[n].columns[i]
			if wrong := w.out.cell(c, w.frameText(c)); wrong != nil {
				return refusal(opWrite, wrong.reason, &Fault{
					File: w.file.Name(), Column: i + 1, Name: c.name, Found: wrong.found, Expected: wrong.expected,
				})
			}
		}
		if err := w.end(0); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) frameText(c *column) string {
	switch c.source {
	case isRows:
		return c.number(int64(w.rows))
	case isTotal:
		return c.number(w.fen)
	case isConst, isIgnored, isField, isRef, isLine, isKind, isVersion, isFile, isAnswered, isPartner, isDate, isSequence:
	}
	text, _ := c.constant(w.layout, w.file)
	return text
}

func (w *Writer) refuse(ref, i int, wrong *problem) error {
	f := &Fault{File: w.file.Name(), Line: w.rows + len(w.layout.header) + 1, Ref: ref, Found: wrong.found, Expected: wrong.expected}
	if i >= 0 {
		f.Column, f.Name = i+1, w.layout.detail.columns[i].name
	}
	return refusal(opWrite, wrong.reason, f)
}

// Close writes the end of the file and everything buffered; it does not close the underlying writer. It returns the number
// of rows and their total in fen, which is 0 for files without money.
func (w *Writer) Close() (rows int, fen int64, err error) {
	if w.head != nil {
		defer w.head.discard()
	}
	if w.failed == nil {
		w.failed = w.frame(w.layout.trailer)
	}
	if w.failed == nil {
		w.failed = w.finish()
	}
	if w.failed != nil {
		return 0, 0, w.failed
	}
	return w.rows, w.fen, nil
}

func (w *Writer) finish() error {
	err := w.out.close()
	if err == nil && w.head != nil {
		err = w.headLast()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", opWrite, w.file.Name(), err)
	}
	return nil
}

// headLast writes the header, now that the rows are counted, and the rows behind it.
func (w *Writer) headLast() error {
	w.out = w.layout.carrier(w.head.w)
	if err := w.frame(w.layout.header); err != nil {
		return err
	}
	if err := w.out.close(); err != nil {
		return err
	}
	return w.head.release()
}

// Write writes file f of layout l with all rows, in one pass. fields appends a row's values to its argument and returns them
// with the row's ref. The first error, of rows or of fields too, ends it. A row that the file cannot carry ends it as well,
// unless refused is set, which then is told why, and the file goes on without the row.
func Write[T any](w io.Writer, l *Layout, f card.File, rows iter.Seq2[T, error],
	fields func(row T, values []string) (ref int, all []string, err error), refused func(card.Finding),
) (count int, fen int64, err error) {
	out := NewWriter(w, l, f)
	buf := make([]string, 0, len(l.Message.Fields))
	for row, err := range rows {
		if err != nil {
			out.abandon()
			return 0, 0, fmt.Errorf("%s %s: %w", opWrite, f.Name(), err)
		}
		ref, err := writeRow(out, row, fields, buf)
		if err != nil && refused != nil && card.KindOf(err) == card.Invalid {
			found := card.FindingOf(err)
			found.Ref = ref
			refused(found)
			continue
		}
		if err != nil {
			out.abandon()
			return 0, 0, err
		}
	}
	return out.Close()
}

func writeRow[T any](out *Writer, row T, fields func(T, []string) (int, []string, error), buf []string) (ref int, err error) {
	ref, all, err := fields(row, buf[:0])
	if err != nil {
		return ref, fmt.Errorf("%s %s ref %d: %w", opWrite, out.file.Name(), ref, err)
	}
	return ref, out.Row(ref, all...)
}

// abandon gives up a file that is not going to be closed.
func (w *Writer) abandon() {
	if w.head != nil {
		w.head.discard()
	}
}
