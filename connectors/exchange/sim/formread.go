package sim

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// formReader translates one file of a form into one of the standard layout.
type formReader struct {
	form   *Form
	name   FileName
	in     *bufio.Reader
	out    *bufio.Writer
	hash   hash.Hash
	size   int64
	begun  bool
	rows   int
	fen    int64
	line   []byte            // the present one, without its end
	values []string          // of the present row, after the ref
	told   map[string]string // what the lines around the rows say of rows, total and the file answered
}

// translate writes the file in as one of the standard layout to out, and returns the manifest that the file itself would have.
// The error is a Refusal when the file is not what its form declares.
func (f *Form) translate(in io.Reader, name FileName, out io.Writer) (Manifest, error) {
	r := &formReader{form: f, name: name, out: bufio.NewWriter(out), hash: sm3.New(), values: make([]string, len(f.fields)), told: map[string]string{}}
	r.in = bufio.NewReaderSize(io.TeeReader(in, r), 256<<10)
	if err := r.head(); err != nil {
		return Manifest{}, err
	}
	if err := r.body(); err != nil {
		return Manifest{}, err
	}
	return Manifest{Name: name, Version: f.version, Size: r.size, Rows: r.rows, Total: r.fen, SM3: hex.EncodeToString(r.hash.Sum(nil))}, r.out.Flush()
}

// Write counts and hashes the bytes that pass.
func (r *formReader) Write(p []byte) (int, error) {
	r.size += int64(len(p))
	return r.hash.Write(p)
}

func (r *formReader) head() error {
	for _, record := range r.form.header {
		if err := r.next(); err != nil {
			return r.missing(err)
		}
		if err := r.frame(record); err != nil {
			return err
		}
	}
	r.record("H", r.name.Kind, "1", r.name.String(), r.name.Date, r.told["answered"])
	return nil
}

func (r *formReader) body() error {
	for {
		err := r.next()
		switch {
		case errors.Is(err, io.EOF) && len(r.form.trailer) == 0:
			return r.end()
		case err != nil:
			return r.missing(err)
		case r.ends():
			return r.tail()
		}
		if err := r.row(); err != nil {
			return err
		}
	}
}

// tail reads the lines behind the rows, of which the first has been reached.
func (r *formReader) tail() error {
	for i, record := range r.form.trailer {
		if i > 0 {
			if err := r.next(); err != nil {
				return r.missing(err)
			}
		}
		if err := r.frame(record); err != nil {
			return err
		}
	}
	if err := r.next(); !errors.Is(err, io.EOF) {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "more after the last line"}
	}
	return r.end()
}

// end holds what the file says of itself against what was counted, and ends the translation.
func (r *formReader) end() error {
	rows, fen := strconv.Itoa(r.rows), strconv.FormatInt(r.fen, 10)
	switch {
	case r.told["rows"] != "" && r.told["rows"] != rows:
		return &Refusal{Code: "FILE_ROWS"}
	case r.told["total"] != "" && r.told["total"] != fen:
		return &Refusal{Code: "FILE_TOTAL"}
	}
	r.record("T", rows, fen)
	return nil
}

// missing turns the end of the file, where there should be a line, into a refusal.
func (r *formReader) missing(err error) error {
	if errors.Is(err, io.EOF) {
		return r.refuse("FILE_SIZE")
	}
	return err
}

func (r *formReader) refuse(code string) error {
	return &Refusal{Code: code, Detail: "line " + strconv.Itoa(r.rows+len(r.form.header)+1)}
}

// located adds to a refusal where it is.
func (r *formReader) located(err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return r.refuse(refusal.Code)
	}
	return err
}

// next reads a line; io.EOF when there is none.
func (r *formReader) next() error {
	line, err := r.in.ReadSlice('\n')
	if !r.begun && r.form.text.bom {
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	r.begun = true
	switch {
	case errors.Is(err, bufio.ErrBufferFull), len(line) > maxLine+2:
		return r.refuse("FILE_LINE_LENGTH")
	case errors.Is(err, io.EOF) && len(line) > 0:
		return r.refuse("FILE_SIZE") // cut off inside a line
	case err != nil:
		return err
	}
	whole, found := bytes.CutSuffix(line, []byte(r.form.text.end))
	if !found {
		return r.refuse("FILE_LAYOUT")
	}
	r.line = whole
	return nil
}

// ends reports whether the present line is the first one behind the rows.
func (r *formReader) ends() bool {
	if len(r.form.trailer) == 0 {
		return false
	}
	first := r.form.trailer[0].Columns[0]
	if r.form.text.fixed() {
		return len(r.line) >= first.Width && first.bare(string(r.line[:first.Width])) == *first.Const
	}
	cells, err := r.form.text.split(r.line)
	return err == nil && first.bare(string(cells[0])) == *first.Const
}

// frame reads a line before or behind the rows.
func (r *formReader) frame(record formRecord) error {
	cells, err := r.form.text.cells(r.line, record.Columns)
	if err != nil {
		return r.located(err)
	}
	for i, c := range record.Columns {
		if text := c.bare(string(cells[i])); !r.says(c, text) {
			return r.refuse("FILE_LAYOUT")
		}
	}
	return nil
}

// says takes down what a column says about the file, and reports whether that is true, as far as it is known yet.
func (r *formReader) says(c *formColumn, text string) bool {
	ok := true
	if c.Form != "" || c.Unit == "yuan" {
		text, ok = c.ourText(text)
	}
	switch {
	case c.Const != nil:
		return text == *c.Const
	case c.Value == "rows" || c.Value == "total" || c.Value == "answered":
		r.told[c.Value] = text
		return ok
	case c.Ignore != nil:
		return true
	}
	return ok && text == r.form.known(c.Value, r.name)
}

// row reads a line as a row.
func (r *formReader) row() error {
	cells, err := r.form.text.cells(r.line, r.form.detail.Columns)
	if err != nil {
		return r.located(err)
	}
	clear(r.values)
	ref := strconv.Itoa(r.rows + 1)
	for i, c := range r.form.detail.Columns {
		text := c.bare(string(cells[i]))
		switch {
		case c.Field != "":
			err = r.value(c, text)
		case c.Value == "ref":
			ref = text
		case c.Value == "line":
			if text != strconv.Itoa(r.rows+1) {
				err = r.refuse("FILE_LAYOUT")
			}
		case !r.says(c, text):
			err = r.refuse("FILE_LAYOUT")
		}
		if err != nil {
			return r.located(err)
		}
	}
	r.take(ref)
	return nil
}

// value takes the value of a field; a time may stand in several columns.
func (r *formReader) value(c *formColumn, cell string) error {
	ours, ok := c.ourText(cell)
	if !ok {
		return r.refuse("FILE_LAYOUT")
	}
	if r.values[c.place] != "" {
		ours = joined(r.values[c.place], ours)
	}
	if c.Form == "" && c.ours == nil {
		var err error
		if ours, err = r.form.text.inward(ours); err != nil {
			return err
		}
	}
	r.values[c.place] = ours
	return nil
}

// take writes and counts the row.
func (r *formReader) take(ref string) {
	r.rows++
	if i := slices.Index(r.form.fields, "amount"); i >= 0 {
		fen, _ := Fen([]byte(r.values[i])) // the standard layout refuses what is none
		r.fen += fen
	}
	r.record(append([]string{"D", ref}, r.values...)...)
}

// record writes a line; an error stays with the buffer and comes out of its Flush.
func (r *formReader) record(fields ...string) {
	_, _ = r.out.WriteString(strings.Join(fields, "|") + "\n")
}

// known is what a value says about the file that is called name.
func (f *Form) known(value string, name FileName) string {
	switch value {
	case "kind":
		return f.kind
	case "version":
		return strconv.Itoa(f.version)
	case "file":
		return name.String()
	case "partner":
		return name.Partner
	case "date":
		return name.Date
	case "sequence":
		return strconv.Itoa(name.Seq)
	}
	return ""
}
