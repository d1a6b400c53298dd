package roster

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
	"onecard/connectors/layout/xlsx"
)

// A row of a CSV file may break its line inside of quotes, but not without end: a quote that is never closed would swallow
// the rows behind it.
const (
	csvLineBytes = 256 << 10
	csvRowLines  = 10
)

// csvFile reads the rows of a CSV file.
type csvFile struct {
	in       *bufio.Reader
	encoding gb18030.Encoding
	comma    byte
	keep     int // bytes that are kept of a cell
	line     int
	text     []byte // the present row, decoded
	fields   []byte // its fields, when quotes had to be taken off
	spans    []span
	garbled  bool // some field of the present row is no text
}

type span struct{ from, to int }

func newCSV(r io.Reader, encoding gb18030.Encoding, comma byte, limits Limits) *csvFile {
	return &csvFile{in: bufio.NewReaderSize(r, csvLineBytes), encoding: encoding, comma: comma, keep: 4 * (limits.CellRunes + 1)}
}

// Close does nothing: the file is its opener's.
func (f *csvFile) Close() error { return nil }

// Next reads the next row that has something in it.
func (f *csvFile) Next(rec *xlsx.Row) error {
	rec.Merged, rec.Cells = nil, rec.Cells[:0]
	for {
		f.text = f.text[:0]
		if err := f.readLine(); err != nil {
			return err
		}
		rec.Number = f.line
		if err := f.split(rec); err != nil {
			return err
		}
		if len(rec.Cells) > 0 {
			return nil
		}
	}
}

// readLine appends the next line, decoded and without its end, to the present row.
func (f *csvFile) readLine() error {
	line, err := f.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return f.broken("一行过长", "a line is too long")
	}
	if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
		return err
	}
	f.line++
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	f.text = f.decode(f.text, line)
	return nil
}

// decode appends a line to dst. Bytes that are no character of the encoding become U+FFFD: they spoil their cell only.
func (f *csvFile) decode(dst, line []byte) []byte {
	for {
		out, err := f.encoding.AppendDecoded(dst, line)
		var bad *gb18030.Error
		if !errors.As(err, &bad) {
			return out
		}
		dst, _ = f.encoding.AppendDecoded(dst, line[:bad.Offset]) // what stands before it is good
		dst = utf8.AppendRune(dst, utf8.RuneError)
		line = line[bad.Offset+1:]
	}
}

// broken refuses the file because of the row that begins on the present line.
func (f *csvFile) broken(zh, en string) error {
	return refuse(card.ReasonFileUnreadable, "第 %d 行%s / line %d: %s", f.line, zh, f.line, en)
}

// split finds the fields of the present row.
func (f *csvFile) split(rec *xlsx.Row) error {
	if bytes.IndexByte(f.text, '"') >= 0 {
		if err := f.unquote(); err != nil {
			return err
		}
	} else {
		f.cut()
	}
	all := string(f.fields)
	f.garbled = strings.Contains(all, "\uFFFD")
	for col, s := range f.spans {
		if s.from == s.to || col >= xlsx.MaxColumns {
			continue
		}
		rec.Cells = append(rec.Cells, f.cell(col, all[s.from:s.to]))
	}
	return nil
}

// cut finds the fields of a row without quotes.
func (f *csvFile) cut() {
	f.fields, f.spans = append(f.fields[:0], f.text...), f.spans[:0]
	for from := 0; ; {
		i := bytes.IndexByte(f.fields[from:], f.comma)
		if i < 0 {
			f.spans = append(f.spans, span{from, len(f.fields)})
			return
		}
		f.spans = append(f.spans, span{from, from + i})
		from += i + 1
	}
}

// unquote finds the fields of a row some of which stand in quotes (RFC 4180).
func (f *csvFile) unquote() error {
	f.fields, f.spans = f.fields[:0], f.spans[:0]
	begin := f.line
	for at := 0; ; {
		from := len(f.fields)
		next, err := f.field(at, begin)
		if err != nil {
			return err
		}
		f.spans = append(f.spans, span{from, len(f.fields)})
		if next < 0 {
			return nil
		}
		at = next
	}
}

// field appends the field at offset at and returns where the next one begins, or -1.
func (f *csvFile) field(at, begin int) (int, error) {
	if at >= len(f.text) || f.text[at] != '"' {
		rest := f.text[at:]
		if i := bytes.IndexByte(rest, f.comma); i >= 0 {
			f.fields = append(f.fields, rest[:i]...)
			return at + i + 1, nil
		}
		f.fields = append(f.fields, rest...)
		return -1, nil
	}
	at, err := f.quoted(at+1, begin)
	if err != nil || at == len(f.text) {
		return -1, err
	}
	if f.text[at] != f.comma {
		return 0, f.broken("引号后有多余字符", "text behind a closing quote")
	}
	return at + 1, nil
}

// quoted appends the inside of quotes, over several lines if need be, and returns the offset behind the closing one.
func (f *csvFile) quoted(at, begin int) (int, error) {
	for {
		i := bytes.IndexByte(f.text[at:], '"')
		switch {
		case i < 0:
			f.fields = append(append(f.fields, f.text[at:]...), '\n')
			at = len(f.text)
			if err := f.more(begin); err != nil {
				return 0, err
			}
		case at+i+1 < len(f.text) && f.text[at+i+1] == '"':
			f.fields = append(f.fields, f.text[at:at+i+1]...)
			at += i + 2
		default:
			f.fields = append(f.fields, f.text[at:at+i]...)
			return at + i + 1, nil
		}
	}
}

// more reads a further line of a row that began on line begin.
func (f *csvFile) more(begin int) error {
	last := f.line
	err := f.readLine()
	if errors.Is(err, io.EOF) || f.line-begin >= csvRowLines {
		f.line = begin
		return f.broken("引号没有结束", "a quote is not closed")
	}
	if err != nil {
		f.line = last
	}
	return err
}

func (f *csvFile) cell(col int, text string) xlsx.Cell {
	c := xlsx.Cell{Col: col, Text: text}
	if len(text) > f.keep {
		c.Text, c.Marks = text[:f.keep], xlsx.TooLong
	}
	if text[0] == '=' {
		c.Marks |= xlsx.Formula
	}
	if f.garbled && strings.ContainsRune(text, utf8.RuneError) {
		c.Marks |= xlsx.Garbled
	}
	return c
}
