package sim

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// byteOrderMark begins files in UTF-8 of some programs.
const byteOrderMark = "\xef\xbb\xbf"

// textForm is how the lines of a form are encoded and cut. Inside, a partner has GB18030.
type textForm struct {
	encoding  string // GB18030, GBK or UTF-8
	bom       bool
	end       string
	delimiter string // empty for fixed widths
	quote     string // none, needed or always
}

func (d *declaration) text() (textForm, error) {
	t := textForm{encoding: cmp.Or(d.Encoding, "GB18030"), bom: d.BOM, end: "\n"}
	if d.LineEnd == "CRLF" {
		t.end = "\r\n"
	}
	switch {
	case d.Workbook != nil:
		return t, errors.New("simulated partners speak no workbooks")
	case (d.Fixed == nil) == (d.Delimited == nil):
		return t, errors.New("there must be one of [delimited] and [fixed]")
	case t.encoding != "GB18030" && t.encoding != "GBK" && t.encoding != "UTF-8":
		return t, fmt.Errorf("encoding %q is unknown", t.encoding)
	}
	if d.Delimited != nil {
		t.delimiter, t.quote = d.Delimited.Delimiter, cmp.Or(d.Delimited.Quote, "none")
		if t.delimiter == "" {
			return t, errors.New("the delimiter is missing")
		}
	}
	return t, nil
}

func (t *textForm) fixed() bool { return t.delimiter == "" }

// step is the length of the character that p begins with, or 0 when it is none of the encoding.
func (t *textForm) step(p []byte) int {
	if t.encoding == "UTF-8" {
		if r, n := utf8.DecodeRune(p); r != utf8.RuneError || n > 1 {
			return n
		}
		return 0
	}
	if classes[p[0]] != lead {
		return 1
	}
	if n := width(p); n == 2 || t.encoding == "GB18030" {
		return n
	}
	return 0 // of four bytes, which GBK does not have
}

// cells cuts a line into what stands in its columns, padding and all, in the encoding of the form.
func (t *textForm) cells(line []byte, columns []*formColumn) ([][]byte, error) {
	if t.fixed() {
		return t.widths(line, columns)
	}
	cells, err := t.split(line)
	if err == nil && len(cells) != len(columns) {
		return nil, &Refusal{Code: "FILE_LAYOUT"}
	}
	return cells, err
}

// widths cuts a line by widths in bytes; no column may end inside of a character.
func (t *textForm) widths(line []byte, columns []*formColumn) ([][]byte, error) {
	cells := make([][]byte, 0, len(columns))
	for _, c := range columns {
		if len(line) < c.Width {
			return nil, &Refusal{Code: "FILE_LAYOUT"}
		}
		cells = append(cells, line[:c.Width])
		if err := t.whole(line[:c.Width]); err != nil {
			return nil, err
		}
		line = line[c.Width:]
	}
	if len(line) > 0 {
		return nil, &Refusal{Code: "FILE_LAYOUT"}
	}
	return cells, nil
}

func (t *textForm) whole(cell []byte) error {
	for len(cell) > 0 {
		n := t.step(cell)
		if n == 0 || n == 1 && classes[cell[0]] == bad {
			return &Refusal{Code: "FILE_ENCODING"}
		}
		cell = cell[n:]
	}
	return nil
}

// split cuts a line at its delimiters, character by character: a byte of the delimiter may be the second one of a character.
func (t *textForm) split(line []byte) ([][]byte, error) {
	var cells [][]byte
	start, quoted := 0, false
	for i := 0; i < len(line); {
		switch {
		case line[i] == '"' && t.quote != "none":
			quoted = !quoted
			i++
		case !quoted && bytes.HasPrefix(line[i:], []byte(t.delimiter)):
			cells = append(cells, t.unquoted(line[start:i]))
			i += len(t.delimiter)
			start = i
		default:
			n := t.step(line[i:])
			if n == 0 || n == 1 && classes[line[i]] == bad {
				return nil, &Refusal{Code: "FILE_ENCODING"}
			}
			i += n
		}
	}
	if quoted {
		return nil, &Refusal{Code: "FILE_LAYOUT"}
	}
	return append(cells, t.unquoted(line[start:])), nil
}

func (t *textForm) unquoted(cell []byte) []byte {
	if t.quote == "none" || len(cell) < 2 || cell[0] != '"' {
		return cell
	}
	return bytes.ReplaceAll(cell[1:len(cell)-1], []byte(`""`), []byte(`"`))
}

// quotes puts a cell in quotation marks where the form wants them.
func (t *textForm) quotes(cell string) string {
	if t.quote == "always" || t.quote == "needed" && (strings.Contains(cell, t.delimiter) || strings.Contains(cell, `"`)) {
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}

// encode turns texts of the declaration into the encoding of the form.
func (t *textForm) encode(texts ...*string) error {
	if t.encoding == "UTF-8" {
		return nil
	}
	for _, text := range texts {
		if text == nil {
			continue
		}
		out, err := simplifiedchinese.GB18030.NewEncoder().String(*text)
		if err != nil || t.whole([]byte(out)) != nil {
			return fmt.Errorf("%q does not go into %s", *text, t.encoding)
		}
		*text = out
	}
	return nil
}

// Private characters, which rare names are written in, the library mistakes for others. Inside, a partner has them in plane 15.
const (
	firstPrivate, lastPrivate = 0xE000, 0xF8FF
	plane15                   = 0xF0000 - firstPrivate
)

// inward returns a cell in GB18030.
func (t *textForm) inward(cell string) (string, error) {
	if t.encoding != "UTF-8" {
		return cell, nil
	}
	lifted := strings.Map(func(r rune) rune {
		if r >= firstPrivate && r <= lastPrivate {
			return r + plane15
		}
		return r
	}, cell)
	out, err := simplifiedchinese.GB18030.NewEncoder().String(lifted)
	if err != nil {
		return "", &Refusal{Code: "FILE_ENCODING"}
	}
	if back, err := t.outward(out); err != nil || back != cell { // the few others that it mistakes
		return "", &Refusal{Code: "FILE_ENCODING"}
	}
	return out, nil
}

// outward returns what the partner has in GB18030 in the encoding of the form.
func (t *textForm) outward(text string) (string, error) {
	if t.encoding != "UTF-8" {
		return text, t.whole([]byte(text))
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().String(text)
	return strings.Map(func(r rune) rune {
		if r >= firstPrivate+plane15 && r <= lastPrivate+plane15 {
			return r - plane15
		}
		return r
	}, out), err
}

// padded fills a text up to the column's width.
func (t *textForm) padded(c *formColumn, text string) (string, error) {
	if c.Width == 0 {
		return text, nil
	}
	short := c.Width - len(text)
	if short < 0 {
		return "", fmt.Errorf("column %s: %d bytes are too many for its width of %d", c.title(), len(text), c.Width)
	}
	with := cmp.Or(c.Pad, " ")
	if text == "" {
		with = " "
	}
	if c.Align == "right" {
		return strings.Repeat(with, short) + text, nil
	}
	return text + strings.Repeat(with, short), nil
}
