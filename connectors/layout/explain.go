package layout

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// Line is one line of a file, taken apart for whoever has to find out what is wrong with it. It shows personal data.
type Line struct {
	Number int    `json:"line"`
	Record string `json:"record,omitempty"` // header, detail or trailer; empty when nobody can say
	Ref    int    `json:"ref,omitempty"`
	Cells  []Cell `json:"cells"`
	Wrong  string `json:"wrong,omitempty"` // with the line as a whole
}

// Cell is what stands in one column of a line.
type Cell struct {
	Column   int    `json:"column"` // from 1
	Name     string `json:"name,omitempty"`
	Place    string `json:"place"`           // offset in bytes from the beginning of the file, from 0; of a workbook the cell, such as B7
	Raw      string `json:"raw,omitempty"`   // the bytes as they stand, in hex; of a workbook nothing
	Text     string `json:"text"`            // decoded, without quotation marks and padding
	Value    string `json:"value,omitempty"` // our value, of a field that is right
	Personal bool   `json:"personal,omitempty"`
	Wrong    string `json:"wrong,omitempty"`
}

// Right says whether nothing is wrong with the line.
func (l Line) Right() bool {
	for _, c := range l.Cells {
		if c.Wrong != "" {
			return false
		}
	}
	return l.Wrong == ""
}

// Explain takes a file apart, line by line, and does not stop at the first fault as Reader does. It looks at each line for
// itself: what is wrong with the file as a whole, Reader tells. An error, Invalid or Unavailable, is the last thing yielded.
func Explain(r io.Reader, l *Layout, f card.File) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		e := &explainer{Reader: NewReader(r, l, Expected{File: f})}
		for {
			line, err := e.line()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// explainer is a reader that goes on.
type explainer struct {
	*Reader
	headers  int
	trailers int
}

// line takes the next line apart; io.EOF behind the last.
func (e *explainer) line() (Line, error) {
	end, err := e.advance()
	var fault *Fault
	switch {
	case end:
		return Line{}, io.EOF
	case errors.As(err, &fault) && goesOn(err):
		return Line{Number: e.Reader.line, Wrong: found(fault)}, nil
	case err != nil:
		return Line{}, err
	}
	rec := e.record()
	out := Line{Number: e.Reader.line, Record: rec.name}
	if rec.mark != "" && !e.begins(rec) {
		out.Wrong = fmt.Sprintf("begins with %q and not with %q", e.lines.first(rec), rec.mark)
	}
	places := e.places(rec)
	cells, wrong := e.lines.cells(rec)
	if wrong != nil {
		out.Wrong = "found " + wrong.found + ", expected " + wrong.expected
		out.Cells = places
		return out, nil
	}
	out.Cells = e.cells(rec, cells, places)
	out.Ref = e.row.Ref
	return out, nil
}

// goesOn says whether the next line can be found behind a line with this fault.
func goesOn(err error) bool {
	reason := card.ReasonOf(err)
	return reason != card.ReasonFileLineLength && reason != card.ReasonFileRows
}

func found(f *Fault) string { return "found " + f.Found + ", expected " + f.Expected }

// record says what kind of record the line should be.
func (e *explainer) record() *record {
	l := e.layout
	if e.headers < len(l.header) {
		e.headers++
		return &l.header[e.headers-1]
	}
	if e.trailers > 0 && e.trailers < len(l.trailer) || len(l.trailer) > 0 && e.begins(&l.trailer[0]) {
		e.trailers++
		return &l.trailer[min(e.trailers, len(l.trailer))-1]
	}
	e.rows++
	return &l.detail
}

// cells checks the columns of a line one by one.
func (e *explainer) cells(rec *record, texts []string, places []Cell) []Cell {
	clear(e.row.Fields)
	out := make([]Cell, len(rec.columns))
	for i := range rec.columns {
		c := &rec.columns[i]
		out[i] = Cell{Column: i + 1, Name: c.name, Text: texts[i], Personal: c.field != nil && c.field.Personal}
		if i < len(places) {
			out[i].Place, out[i].Raw = places[i].Place, places[i].Raw
		}
		if wrong := e.check(rec, c, texts[i]); wrong != nil {
			out[i].Wrong = "found " + wrong.found + ", expected " + wrong.expected
		} else if c.field != nil {
			out[i].Value = e.row.Fields[c.index]
		}
	}
	if i, wrong := e.assemble(); wrong != nil && rec.name == "detail" {
		out[i].Wrong = "found " + wrong.found + ", expected " + wrong.expected
	}
	return out
}

func (e *explainer) check(rec *record, c *column, text string) *problem {
	switch {
	case c.source == isRef:
		ref, ok := count(text)
		if !ok || ref < 1 || ref > maxRef {
			return wrongly(card.ReasonFileLayout, describe(text), "1 to 10 digits without leading zeros")
		}
		e.row.Ref = ref
		_, wrong := e.refs.next(ref, e.lines.raw())
		return wrong
	case rec.name == "detail":
		return e.value(c, text)
	case c.source != isRows && c.source != isTotal:
		return e.constant(c, text)
	}
	if n, ok := c.count(text); !ok {
		return wrongly(card.ReasonFileLayout, describe(text), "a number")
	} else if c.source == isRows && rec.name == "trailer" && n != e.rows {
		return wrongly(card.ReasonFileRows, text, fmt.Sprintf("%d, for so many rows there are", e.rows))
	}
	return nil
}

// places tells where each column of the line stands, and its bytes.
func (e *explainer) places(rec *record) []Cell {
	switch lines := e.lines.(type) {
	case *delimitedLines:
		return lines.places()
	case *fixedLines:
		return lines.places(rec)
	case *bookLines:
		return lines.places(len(rec.columns))
	}
	return nil
}

func place(number int, offset int64, raw []byte, text string) Cell {
	return Cell{Column: number, Place: fmt.Sprint(offset), Raw: hex.EncodeToString(raw), Text: text}
}

// places finds the fields once more, by their bytes: encoding is the reverse of decoding, so lengths can be counted back.
func (d *delimitedLines) places() []Cell {
	var cells []Cell
	rest, at := string(d.text), 0
	for i, field := range d.fields {
		length := strings.Index(rest+d.l.delimiter, d.l.delimiter)
		if end := closingQuote(rest); d.l.quote != quoteNone && strings.HasPrefix(rest, `"`) && end > 0 {
			length = end + 1
		}
		raw, err := d.l.encoding.Encode(rest[:length])
		if err != nil { // it was decoded from this encoding
			return cells
		}
		cells = append(cells, place(i+1, d.start+int64(at), raw, field))
		at += len(raw) + len(d.l.delimiter)
		rest = rest[min(len(rest), length+len(d.l.delimiter)):]
	}
	return cells
}

func (f *fixedLines) places(rec *record) []Cell {
	var cells []Cell
	at := 0
	for i := range rec.columns {
		raw := f.line[min(at, len(f.line)):min(at+rec.columns[i].width, len(f.line))]
		text, err := f.l.encoding.Decode(raw)
		if err != nil {
			text = ""
		}
		cells = append(cells, place(i+1, f.start+int64(at), bytes.Clone(raw), text))
		cells[i].Name = rec.columns[i].name
		at += rec.columns[i].width
	}
	return cells
}

func (b *bookLines) places(columns int) []Cell {
	var cells []Cell
	for i := range max(columns, len(b.cell)) {
		c := Cell{Column: i + 1, Place: fmt.Sprintf("%s%d", xlsx.ColumnName(i), b.row.Number)}
		if i < len(b.cell) {
			c.Text = b.cell[i]
		}
		cells = append(cells, c)
	}
	return cells
}
