package layout

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"onecard/card"
)

// lines are the lines of a file, one after the other.
type lines interface {
	// next moves on to the next line and returns its number, from 1; io.EOF behind the last one. The problem is with the line
	// as a whole.
	next() (line int, wrong *problem, err error)
	// first returns what would stand in the first column of the line if it were a rec.
	first(rec *record) string
	// cells returns what stands in the columns of the line when it is a rec. They are valid until the next line, their texts
	// for good.
	cells(rec *record) ([]string, *problem)
	// raw returns the line as it stands, to be compared.
	raw() []byte
}

// lines returns what reads the layout's kind of file.
func (l *Layout) lines(r io.Reader) lines {
	if l.form == workbook {
		return &bookLines{in: r, l: l}
	}
	text := textLines{in: bufio.NewReaderSize(r, 64<<10), l: l}
	if l.form == fixed {
		return &fixedLines{textLines: text}
	}
	return &delimitedLines{text}
}

// textLines cuts a text into lines.
type textLines struct {
	in      *bufio.Reader
	l       *Layout
	number  int
	start   int64  // of the line in the file, in bytes from 0
	behind  int64  // of the next line
	line    []byte // without its end
	started bool
	text    []byte
	fields  []string
}

// rawLine reads the next line.
func (t *textLines) rawLine() (*problem, error) {
	t.number++
	if err := t.takeMark(); err != nil {
		return nil, err
	}
	line, err := t.in.ReadSlice('\n')
	t.start, t.behind = t.behind, t.behind+int64(len(line))
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > MaxLine+len(t.l.lineEnd):
		return wrongly(card.ReasonFileLineLength, fmt.Sprintf("more than %d bytes", MaxLine), fmt.Sprintf("lines of at most %d", MaxLine)), nil
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return wrongly(card.ReasonFileRows, "the end of the file inside a line", t.endName()+" at the end of every line"), nil
	case err != nil:
		return nil, err
	}
	whole, found := bytes.CutSuffix(line, []byte(t.l.lineEnd))
	if !found {
		return wrongly(card.ReasonFileLayout, "a line that ends with LF alone", "CRLF at the end of every line"), nil
	}
	t.line = whole
	return nil, nil
}

func (t *textLines) endName() string {
	if t.l.lineEnd == "\n" {
		return "LF"
	}
	return "CRLF"
}

// takeMark takes the byte order mark off. A file that lacks it though its format has one is read all the same.
func (t *textLines) takeMark() error {
	if t.started || !t.l.bom {
		return nil
	}
	t.started = true
	head, err := t.in.Peek(len(byteOrderMark))
	if string(head) == byteOrderMark {
		t.behind = int64(len(byteOrderMark))
		_, err = t.in.Discard(len(byteOrderMark))
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (t *textLines) raw() []byte { return t.line }

// delimitedLines are lines whose fields are separated.
type delimitedLines struct{ textLines }

func (d *delimitedLines) next() (line int, wrong *problem, err error) {
	if wrong, err := d.rawLine(); wrong != nil || err != nil {
		return d.number, wrong, err
	}
	if d.text, err = d.l.encoding.AppendDecoded(d.text[:0], d.line); err != nil {
		return d.number, encodingProblem(d.l.encoding, err), nil
	}
	d.fields = d.fields[:0]
	switch {
	case d.l.quote != quoteNone:
		return d.number, d.unquote(string(d.text)), nil
	case len(d.l.delimiter) == 1:
		return d.number, d.split(string(d.text), d.l.delimiter[0]), nil
	}
	return d.number, d.cut(string(d.text)), nil
}

// split cuts a line at a delimiter of one byte.
func (d *delimitedLines) split(text string, delimiter byte) *problem {
	start := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == delimiter:
			d.fields = append(d.fields, text[start:i])
			start = i + 1
		case isControl(c), c == 0xC2 && text[i+1] < 0xA0:
			return d.control()
		}
	}
	d.fields = append(d.fields, text[start:])
	return nil
}

func (d *delimitedLines) control() *problem {
	return wrongly(card.ReasonFileLayout, fmt.Sprintf("a control character in field %d", len(d.fields)+1), "none")
}

// cut cuts a line at a delimiter of several bytes.
func (d *delimitedLines) cut(text string) *problem {
	for more := true; more; {
		var field string
		field, text, more = strings.Cut(text, d.l.delimiter)
		if forbidden(field) >= 0 {
			return d.control()
		}
		d.fields = append(d.fields, field)
	}
	return nil
}

// unquote cuts a line some of whose fields stand in quotation marks (RFC 4180).
func (d *delimitedLines) unquote(text string) *problem {
	for more := true; more; {
		var field string
		if strings.HasPrefix(text, `"`) {
			end := closingQuote(text)
			if end < 0 {
				return d.quotes("a quotation mark that is not closed")
			}
			field = text[1:end]
			if strings.Contains(field, `"`) {
				field = strings.ReplaceAll(field, `""`, `"`)
			}
			if text = text[end+1:]; text != "" && !strings.HasPrefix(text, d.l.delimiter) {
				return d.quotes("more behind a closing quotation mark")
			}
			_, text, more = strings.Cut(text, d.l.delimiter)
		} else if field, text, more = strings.Cut(text, d.l.delimiter); strings.Contains(field, `"`) {
			return d.quotes("a quotation mark inside of a field without them")
		}
		if forbidden(field) >= 0 {
			return d.control()
		}
		d.fields = append(d.fields, field)
	}
	return nil
}

func (d *delimitedLines) quotes(found string) *problem {
	return wrongly(card.ReasonFileLayout, fmt.Sprintf("%s in field %d", found, len(d.fields)+1), `fields with quotation marks as "…", and "" for one inside`)
}

// closingQuote returns where the quotation mark is closed that begins text, or -1.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		return i
	}
	return -1
}

func (d *delimitedLines) first(rec *record) string { return rec.columns[0].content(d.fields[0]) }

func (d *delimitedLines) cells(rec *record) ([]string, *problem) {
	if len(d.fields) != len(rec.columns) {
		return nil, wrongly(card.ReasonFileLayout, fmt.Sprintf("%d fields", len(d.fields)), fmt.Sprint(len(rec.columns)))
	}
	for i := range rec.columns {
		d.fields[i] = rec.columns[i].content(d.fields[i])
	}
	return d.fields, nil
}

// fixedLines are lines whose columns have widths in bytes.
type fixedLines struct {
	textLines
	ends []int
}

func (f *fixedLines) next() (line int, wrong *problem, err error) {
	wrong, err = f.rawLine()
	return f.number, wrong, err
}

func (f *fixedLines) first(rec *record) string {
	c := &rec.columns[0]
	text, err := f.l.encoding.Decode(f.line[:min(c.width, len(f.line))])
	if err != nil {
		return ""
	}
	return c.content(text)
}

func (f *fixedLines) cells(rec *record) ([]string, *problem) {
	if len(f.line) != rec.width {
		return nil, wrongly(card.ReasonFileLayout, fmt.Sprintf("%d bytes", len(f.line)), fmt.Sprint(rec.width))
	}
	f.text, f.ends, f.fields = f.text[:0], f.ends[:0], f.fields[:0]
	at := 0
	for i := range rec.columns {
		c := &rec.columns[i]
		if wrong := f.decode(i, c.bare(f.line[at:at+c.width])); wrong != nil {
			return nil, wrong
		}
		at += c.width
	}
	text, from := string(f.text), 0
	for i, end := range f.ends {
		f.fields = append(f.fields, rec.columns[i].content(text[from:end]))
		from = end
	}
	return f.fields, nil
}

// decode adds a column's text. The widths are in bytes, so a column may end inside of a character.
func (f *fixedLines) decode(i int, raw []byte) *problem {
	from := len(f.text)
	text, err := f.l.encoding.AppendDecoded(f.text, raw)
	if err != nil {
		return &problem{card.ReasonFileEncoding, fmt.Sprintf("bytes that are no whole %s characters", f.l.encoding), f.l.encoding.String() + " text", i + 1}
	}
	if at := forbidden(text[from:]); at >= 0 {
		return &problem{card.ReasonFileLayout, "a control character", "none", i + 1}
	}
	f.text = text
	f.ends = append(f.ends, len(text))
	return nil
}
