package layout

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"onecard/card"
)

// textWriter writes delimited lines and lines of fixed widths.
type textWriter struct {
	out   *bufio.Writer
	l     *Layout
	line  []byte
	first bool
}

func newTextWriter(w io.Writer, l *Layout) *textWriter {
	t := &textWriter{out: bufio.NewWriterSize(w, 64<<10), l: l, line: make([]byte, 0, 512)}
	if l.bom {
		_, _ = t.out.WriteString(byteOrderMark) // its error shows when the lines are written
	}
	return t
}

const byteOrderMark = "\uFEFF"

func (t *textWriter) begin() { t.line, t.first = t.line[:0], true }

func (t *textWriter) cell(c *column, text string) *problem {
	if t.l.form == delimited && !t.first {
		t.line = append(t.line, t.l.delimiter...)
	}
	t.first = false
	if c.width == 0 && t.l.quote == quoteNone && (c.field == nil || c.field.Shape != Text || c.conv != nil) {
		t.line = append(t.line, text...) // nothing but plain characters, or checked with the format
		return nil
	}
	return t.content(c, text)
}

// content adds a text that may hold anything.
func (t *textWriter) content(c *column, text string) *problem {
	if c.field == nil || c.field.Shape == Text { // the other shapes are of plain characters
		if at := forbidden(text); at >= 0 || t.l.form == delimited && !t.l.delimits(text) {
			return t.characters(text, at)
		}
	}
	if !c.keeps(text, c.isNumber()) {
		return wrongly(card.ReasonFieldCharacters, "the padding character at the edge", fmt.Sprintf("content that does not begin or end with %q", c.with))
	}
	if !t.quoted(text) {
		return t.put(c, text)
	}
	t.line = append(t.line, '"')
	wrong := t.put(c, strings.ReplaceAll(text, `"`, `""`))
	t.line = append(t.line, '"')
	return wrong
}

// put adds a text in the file's encoding, padded.
func (t *textWriter) put(c *column, text string) *problem {
	from := len(t.line)
	line, err := t.l.encoding.Append(t.line, text)
	if err != nil {
		return encodingProblem(t.l.encoding, err)
	}
	length := len(line) - from
	line, ok := c.fill(line, from)
	if !ok {
		return wrongly(card.ReasonFieldTooLong, fmt.Sprintf("%d bytes", length), fmt.Sprintf("at most %d", c.width))
	}
	t.line = line
	return nil
}

func (t *textWriter) characters(text string, at int) *problem {
	expected := "no control characters"
	if t.l.form == delimited && t.l.quote == quoteNone {
		expected = "neither " + t.l.delimiter + " nor control characters"
		if i := strings.Index(text+t.l.delimiter, t.l.delimiter); at < 0 || i < at {
			at = i
		}
	}
	return wrongly(card.ReasonFieldCharacters, fmt.Sprintf("a separator or control character at byte %d", at+1), expected)
}

func (t *textWriter) quoted(text string) bool {
	switch t.l.quote {
	case quoteAlways:
		return true
	case quoteNeeded:
		return !t.l.delimitedBehind(text) || strings.Contains(text, `"`)
	case quoteNone:
	}
	return false
}

func (t *textWriter) end() (*problem, error) {
	if len(t.line) > MaxLine {
		return wrongly(card.ReasonFileLineLength, fmt.Sprintf("%d bytes", len(t.line)), fmt.Sprintf("at most %d", MaxLine)), nil
	}
	t.line = append(t.line, t.l.lineEnd...)
	_, err := t.out.Write(t.line)
	return nil, err
}

func (t *textWriter) close() error { return t.out.Flush() }

// forbidden returns the offset of the first control character (C0, DEL, C1) of s, or -1.
func forbidden[T string | []byte](s T) int {
	for i := range len(s) {
		if c := s[i]; isControl(c) || c == 0xC2 && i+1 < len(s) && s[i+1] < 0xA0 {
			return i
		}
	}
	return -1
}

func isControl(c byte) bool { return c < ' ' || c == 0x7F }
