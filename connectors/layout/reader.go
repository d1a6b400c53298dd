package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"onecard/card"
)

// Expected is what is known about a file before its first line is read.
type Expected struct {
	File card.File
	// Manifest is what the file was declared to be; nil when nobody declared it.
	Manifest *card.Manifest
	// MaxRows is the largest number of rows that is read; 0 means 10,000,000.
	MaxRows int
}

// Row is one row of a file. It is valid until the next one is read; its texts stay valid.
type Row struct {
	Line   int // in the file, from 1
	Ref    int
	Fields []string // the message's fields in order, each of its declared shape, in UTF-8
	Fen    int64    // of a roster: the row's money; -1 where it cannot be read

	// Misshapen says that the line, of a roster, has too many or too few columns or bytes: Text is then all of it, and Fields are empty.
	Misshapen bool
	Text      string

	reader *Reader
}

// Counted says whether the file has no refs, so that Ref is the number of the row in it.
func (r *Row) Counted() bool { return r.reader.layout.counted }

// Fault refuses the row because of its i-th field, which is of the declared shape but wrong; expected says in words what
// should stand there.
func (r *Row) Fault(i int, expected string) error {
	f := &r.reader.layout.Message.Fields[i]
	found := showCode(r.Fields[i])
	if f.Personal {
		found = describe(r.Fields[i])
	}
	number, name := r.reader.layout.column(i)
	return refusal(opRead, card.ReasonFileLayout, &Fault{
		File: r.reader.want.File.Name(), Line: r.Line, Ref: r.Ref, Column: number, Name: name, Found: found, Expected: expected,
	})
}

// Reader reads one file row by row. It keeps two lines in memory, and of a workbook the texts that its cells share.
type Reader struct {
	lines  lines
	layout *Layout
	want   Expected
	line   int
	rows   int
	fen    int64
	unread bool   // the money of a row of a roster could not be read, so that nobody knows the total
	last   []byte // the last row's line
	refs   refs
	seen   *repetitions
	row    Row
	times  [][len(momentLayout)]byte // of times that several columns share, by field
	claims []claim
}

// claim is a count of rows or money that the header makes.
type claim struct {
	line, column int
	name         string
	source       source
	value        int
}

// NewReader reads r as the file that is expected, in layout l.
func NewReader(r io.Reader, l *Layout, want Expected) *Reader {
	if want.MaxRows == 0 {
		want.MaxRows = 10_000_000
	}
	out := &Reader{layout: l, want: want, refs: newRefs(l), seen: newRepetitions(l)}
	out.lines = l.lines(r)
	out.row.reader = out
	out.row.Fields = make([]string, len(l.Message.Fields))
	if len(l.split) > 0 {
		out.times = make([][len(momentLayout)]byte, len(l.Message.Fields))
	}
	return out
}

// Rows yields the rows in order, once. An error is the last thing that it yields: an Invalid card.Error around a Fault when
// the file is not as it should be, and Unavailable when it cannot be read. Only an iteration that ends without an error has
// seen a good file: whoever applies rows commits them then and not before.
//
// Where the format has rows refused for a fault of their own, such a row is yielded as an error of card.IsRefusedRow, and the
// reading goes on for those who want it to. That of a roster comes with the row, whose fields are then as far as possible of their
// shape and else as they stand in the file; it is refused alone even if its money cannot be read, or if it has too many or too few
// columns or bytes.
//
// A line that repeats the one before it word for word is counted and not yielded again.
func (r *Reader) Rows() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		if err := r.header(); err != nil {
			yield(nil, err)
			return
		}
		for {
			row, err := r.next()
			if row == nil && err == nil || !yield(row, err) || err != nil && !card.IsRefusedRow(err) {
				return
			}
		}
	}
}

// next returns the next row that is not refused, or nil after the last line of a good file.
func (r *Reader) next() (*Row, error) {
	for {
		end, err := r.advance()
		switch {
		case err != nil:
			return nil, err
		case end:
			return nil, r.end()
		case len(r.layout.trailer) > 0 && r.begins(&r.layout.trailer[0]):
			return nil, r.trailer()
		}
		found, err := r.detail()
		if err != nil {
			return r.handedBack(err), err
		}
		if found {
			return &r.row, nil
		}
	}
}

// detail reads the present line as a row; found is false when the row is none of its own, or is refused.
func (r *Reader) detail() (found bool, err error) {
	rec := &r.layout.detail
	if rec.mark != "" && !r.begins(rec) {
		return false, r.unknownRecord()
	}
	if r.rows++; r.rows > r.want.MaxRows {
		return false, r.refuseLine(card.ReasonFileTooManyRows, "another row", fmt.Sprintf("at most %d", r.want.MaxRows))
	}
	cells, wrong := r.lines.cells(rec)
	if wrong != nil {
		return false, r.refuseShape(wrong)
	}
	twins := r.layout.roster() && r.layout.counted // two rows alike are two, and which is one too many is judged with the others
	if r.rows > 1 && !twins && bytes.Equal(r.lines.raw(), r.last) {
		return false, r.repeated(cells)
	}
	r.last = append(r.last[:0], r.lines.raw()...)
	ref, again, err := r.ref(rec, cells)
	switch {
	case err != nil:
		return false, err
	case again:
		return false, r.repeated(cells)
	}
	r.row.Line, r.row.Ref, r.row.Misshapen = r.line, ref, false
	return r.values(rec, cells)
}

// begins reports whether the present line begins as rec always does.
func (r *Reader) begins(rec *record) bool {
	if rec.prefix != nil {
		return bytes.HasPrefix(r.lines.raw(), rec.prefix)
	}
	return r.lines.first(rec) == rec.mark
}

// repeated counts a row that is there again, and its money. What was refused once is not told again.
func (r *Reader) repeated(cells []string) error {
	if r.layout.money < 0 {
		return nil
	}
	if !r.layout.Message.Inward { // a payment that is there twice may be meant twice; what is told of one may be told twice
		return r.refuseLine(card.ReasonFileRepeatedRow, "the row before once more", "each payment once")
	}
	return r.countMoney(cells)
}

// unknownRecord refuses a line that is neither a row nor the end.
func (r *Reader) unknownRecord() error {
	expected := r.layout.detail.mark
	if len(r.layout.trailer) > 0 {
		expected += " or " + r.layout.trailer[0].mark
	}
	return r.refuseLine(card.ReasonFileLayout, showCode(r.lines.first(&r.layout.detail))+" as first field", expected)
}

// refuseRow refuses the row alone where the format has it so, and else the file.
func refuseRow(why error, alone bool) error {
	if !alone {
		return why
	}
	return card.RefuseRow(why)
}

// advance moves on to the next line; end says that there is none.
func (r *Reader) advance() (end bool, err error) {
	r.row.Ref = 0 // not known yet
	line, wrong, err := r.lines.next()
	r.line = line
	switch {
	case errors.Is(err, io.EOF):
		return true, nil
	case card.KindOf(err) == card.Invalid:
		return false, err
	case err != nil:
		return false, card.E(card.Unavailable, opRead, "", fmt.Errorf("%s line %d: %w", r.want.File.Name(), r.line, err))
	case wrong != nil:
		return false, r.refuse(nil, -1, wrong)
	}
	return false, nil
}

func (r *Reader) fault(rec *record, i int, wrong *problem) *Fault {
	f := &Fault{File: r.want.File.Name(), Line: r.line, Ref: r.row.Ref, Found: wrong.found, Expected: wrong.expected}
	if wrong.at > 0 {
		i = wrong.at - 1
	}
	if i >= 0 {
		f.Column, f.Name = i+1, rec.columns[i].name
	}
	return f
}

// refuse refuses the file because of the i-th column of the present line, a rec.
func (r *Reader) refuse(rec *record, i int, wrong *problem) error {
	return refusal(opRead, wrong.reason, r.fault(rec, i, wrong))
}

func (r *Reader) refuseLine(reason card.Reason, found, expected string) error {
	return r.refuse(nil, -1, wrongly(reason, found, expected))
}

// Read yields what parse makes of each row of an opened file, in one pass; it opens the file anew for every iteration and
// closes it at its end. Errors are those of Reader.Rows, of open and of parse; the first one is the last thing yielded, but
// for those of card.IsRefusedRow. A row that parse refuses is refused as one that the reader refuses.
func Read[T any](open func() (io.ReadCloser, error), l *Layout, want Expected, parse func(*Row) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		file, err := open()
		if err != nil {
			var none T
			yield(none, fmt.Errorf("%s %s: %w", opRead, want.File.Name(), err))
			return
		}
		defer func() { _ = file.Close() }()
		for row, err := range NewReader(file, l, want).Rows() {
			value, err := parsed(row, err, l, parse)
			if !yield(value, err) || err != nil && !card.IsRefusedRow(err) {
				return
			}
		}
	}
}

// parsed returns what parse makes of a row that was read without an error.
func parsed[T any](row *Row, err error, l *Layout, parse func(*Row) (T, error)) (value T, _ error) {
	if err != nil {
		return value, err
	}
	value, err = parse(row)
	if card.KindOf(err) == card.Invalid {
		err = refuseRow(err, l.rowRefused)
	}
	return value, err
}
