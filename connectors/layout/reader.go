package layout

import (
	"bufio"
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

// Row is one detail line. It is valid until the next one is read; the texts of its fields stay valid.
type Row struct {
	Line   int // in the file, from 1
	Ref    int
	Fields []string // the layout's columns in order, each of its declared shape, in UTF-8

	reader *Reader
}

// Fault refuses the file because of the row's i-th field, which is of the declared shape but wrong; expected says in words
// what should stand there.
func (r *Row) Fault(i int, expected string) error {
	return r.reader.refuse(card.ReasonFileLayout, r.Ref, i, r.reader.layout.Columns[i].show(r.Fields[i]), expected)
}

// Reader reads one file line by line. It keeps two lines in memory.
type Reader struct {
	in     *bufio.Reader
	layout *Layout
	want   Expected
	line   int
	rows   int
	last   string // the last detail line
	lastAt int    // its ref
	text   []byte
	fields []string
	row    Row
}

// NewReader reads r as the file that is expected, in layout l.
func NewReader(r io.Reader, l *Layout, want Expected) *Reader {
	if want.MaxRows == 0 {
		want.MaxRows = 10_000_000
	}
	out := &Reader{in: bufio.NewReaderSize(r, 64<<10), layout: l, want: want}
	out.row.reader = out
	return out
}

// Rows yields the detail lines in order, once. An error is the last thing that it yields: an Invalid card.Error around a
// Fault when the file is not as it should be, and Unavailable when it cannot be read. Only an iteration that ends without
// an error has seen a good file: whoever applies rows commits them then and not before.
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
			if err != nil {
				yield(nil, err)
				return
			}
			if row == nil || !yield(row, nil) {
				return
			}
		}
	}
}

// next returns the next row, or nil after the last line of a good file.
func (r *Reader) next() (*Row, error) {
	for {
		text, err := r.read("the last line T|<rows>|<total>")
		if err != nil {
			return nil, err
		}
		switch r.fields[0] {
		case "T":
			return nil, r.trailer()
		case "D":
			if again, err := r.detail(text); err != nil || !again {
				return &r.row, err
			}
		default:
			return nil, r.refuseLine(card.ReasonFileLayout, showCode(r.fields[0])+" as first field", "D or T")
		}
	}
}

// detail checks the fields of a detail line; again is true when it repeats the line before.
func (r *Reader) detail(text string) (again bool, err error) {
	if r.rows++; r.rows > r.want.MaxRows {
		return false, r.refuseLine(card.ReasonFileTooManyRows, "another row", fmt.Sprintf("at most %d", r.want.MaxRows))
	}
	if text == r.last {
		return true, nil
	}
	if found, columns := len(r.fields), len(r.layout.Columns)+recordFields; found != columns {
		return false, r.refuseLine(card.ReasonFileLayout, fmt.Sprintf("%d fields", found), fmt.Sprintf("%d", columns))
	}
	ref, err := r.ref()
	if err != nil {
		return false, err
	}
	fields := r.fields[recordFields:]
	for i := range fields {
		if c := &r.layout.Columns[i]; !c.accepts(fields[i]) {
			return false, r.refuse(card.ReasonFileLayout, ref, i, c.show(fields[i]), c.expected())
		}
	}
	r.last, r.lastAt = text, ref
	r.row.Line, r.row.Ref, r.row.Fields = r.line, ref, fields
	return false, nil
}

func (r *Reader) ref() (int, error) {
	ref, ok := count(r.fields[1])
	switch {
	case !ok || ref < 1 || ref > maxRef:
		return 0, r.refuseRef(card.ReasonFileLayout, describe(r.fields[1]), "1 to 10 digits without leading zeros")
	case ref == r.lastAt:
		return 0, r.refuseRef(card.ReasonFileRepeatedRow, fmt.Sprintf("ref %d again, with other content", ref), "each ref once")
	case ref < r.lastAt:
		return 0, r.refuseRef(card.ReasonFileLayout, fmt.Sprintf("ref %d after ref %d", ref, r.lastAt), "ascending refs")
	}
	return ref, nil
}

// read reads the next line into r.fields and returns it as text; missing says what is missing when there is none.
func (r *Reader) read(missing string) (string, error) {
	r.line++
	line, err := r.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > MaxLine+1:
		return "", r.refuseLine(card.ReasonFileLineLength, fmt.Sprintf("more than %d bytes", MaxLine), fmt.Sprintf("lines of at most %d", MaxLine))
	case errors.Is(err, io.EOF) && len(line) == 0:
		return "", r.refuseLine(card.ReasonFileRows, "the end of the file", missing)
	case errors.Is(err, io.EOF):
		return "", r.refuseLine(card.ReasonFileRows, "the end of the file inside a line", "LF at the end of every line")
	case err != nil:
		return "", card.E(card.Unavailable, opRead, "", fmt.Errorf("%s line %d: %w", r.want.File.Name(), r.line, err))
	}
	if r.text, err = r.layout.Encoding.AppendDecoded(r.text[:0], line[:len(line)-1]); err != nil {
		return "", r.refuseLine(card.ReasonFileEncoding, encodingFault(err), r.layout.Encoding.String()+" text")
	}
	text := string(r.text)
	return text, r.split(text)
}

// split cuts a line into r.fields.
func (r *Reader) split(text string) error {
	r.fields = r.fields[:0]
	start := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '|':
			r.fields = append(r.fields, text[start:i])
			start = i + 1
		case isControl(c), c == 0xC2 && text[i+1] < 0xA0:
			found := fmt.Sprintf("a control character in field %d", len(r.fields)+1)
			return r.refuseLine(card.ReasonFileLayout, found, "none")
		}
	}
	r.fields = append(r.fields, text[start:])
	return nil
}

// refuse refuses the file because of the i-th column of the present line.
func (r *Reader) refuse(reason card.Reason, ref, i int, found, expected string) error {
	number, name := r.layout.column(i)
	return refusal(opRead, reason, &Fault{
		File: r.want.File.Name(), Line: r.line, Ref: ref, Column: number, Name: name, Found: found, Expected: expected,
	})
}

func (r *Reader) refuseRef(reason card.Reason, found, expected string) error {
	return refusal(opRead, reason, &Fault{
		File: r.want.File.Name(), Line: r.line, Column: recordFields, Name: "ref", Found: found, Expected: expected,
	})
}

func (r *Reader) refuseLine(reason card.Reason, found, expected string) error {
	return r.refuse(reason, 0, -1, found, expected)
}

// count reads a number without sign or leading zeros, at most 15 digits.
func count(s string) (n int, ok bool) {
	if s == "" || len(s) > 15 || len(s) > 1 && s[0] == '0' || !all(s, isDigit) {
		return 0, false
	}
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Read yields what parse makes of each row of an opened file, in one pass; it opens the file anew for every iteration and
// closes it at its end. Errors are those of Reader.Rows, of open and of parse; the first one is the last thing yielded.
func Read[T any](open func() (io.ReadCloser, error), l *Layout, want Expected, parse func(*Row) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		file, err := open()
		if err != nil {
			yield(none, fmt.Errorf("%s %s: %w", opRead, want.File.Name(), err))
			return
		}
		defer func() { _ = file.Close() }()
		for row, err := range NewReader(file, l, want).Rows() {
			value := none
			if err == nil {
				value, err = parse(row)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}
