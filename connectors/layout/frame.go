package layout

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"onecard/card"
)

// header reads the lines before the rows and checks that this is the file that is expected.
func (r *Reader) header() error {
	if m := r.want.Manifest; m != nil && m.Layout != r.layout.Name() {
		return refusal(opRead, card.ReasonFileLayout, &Fault{
			File: r.want.File.Name(), Found: "a manifest of layout " + showLayout(m.Layout), Expected: r.layout.Name(),
		})
	}
	for n := range r.layout.header {
		if err := r.headerLine(&r.layout.header[n], n); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) headerLine(rec *record, n int) error {
	what := "the first line"
	if n > 0 {
		what = fmt.Sprintf("header line %d", n+1)
	}
	switch end, err := r.advance(); {
	case err != nil:
		return err
	case end:
		return r.refuseLine(card.ReasonFileRows, "the end of the file", what+" "+r.layout.sketch(rec))
	}
	return r.frame(rec, what)
}

// frame checks a line before or behind the rows.
func (r *Reader) frame(rec *record, what string) error {
	cells, wrong := r.lines.cells(rec)
	if wrong != nil {
		if wrong.at == 0 {
			wrong.found = "a" + strings.TrimPrefix(what, "the") + " of " + wrong.found
		}
		return r.refuse(rec, -1, wrong)
	}
	for i := range rec.columns {
		c := &rec.columns[i]
		if c.source == isRows || c.source == isTotal {
			if err := r.counted(rec, i, cells[i]); err != nil {
				return err
			}
			continue
		}
		if wrong := r.constant(c, cells[i]); wrong != nil {
			if rec.headings {
				wrong.reason = card.ReasonFileHeadings
			}
			return r.refuse(rec, i, wrong)
		}
	}
	return nil
}

// constant checks a column that always says the same about the file.
func (r *Reader) constant(c *column, cell string) *problem {
	want, reason := c.constant(r.layout, r.want.File)
	if c.source == isIgnored || cell == want {
		return nil
	}
	return wrongly(reason, showName(cell), quoted(want))
}

// counted takes a count that the header makes, or checks one that the trailer makes.
func (r *Reader) counted(rec *record, i int, cell string) error {
	c := &rec.columns[i]
	n, ok := c.count(cell)
	if rec.name == "header" {
		if !ok {
			return r.refuse(rec, i, wrongly(card.ReasonFileLayout, describe(cell), "a number"))
		}
		r.claims = append(r.claims, claim{r.line, i + 1, c.name, c.source, n})
		return nil
	}
	if c.source == isRows {
		if !ok || n != r.rows {
			return r.refuseLine(card.ReasonFileRows, fmt.Sprintf("%d rows and a last line that says %s", r.rows, showCount(n, ok)), "the same number")
		}
		return nil
	}
	switch {
	case ok && (r.unread || int64(n) == r.fen):
		return nil
	case r.layout.money < 0:
		return r.refuseLine(card.ReasonFileTotal, "a total of "+showCount(n, ok), "0, for the rows hold no money")
	}
	return r.refuseLine(card.ReasonFileTotal, fmt.Sprintf("rows of %d fen together and a last line that says %s", r.fen, showCount(n, ok)), "the same amount")
}

// trailer checks the lines behind the rows, and that nothing comes after them.
func (r *Reader) trailer() error {
	for n := range r.layout.trailer {
		if n > 0 {
			switch end, err := r.advance(); {
			case err != nil:
				return err
			case end:
				return r.refuseLine(card.ReasonFileRows, "the end of the file", r.layout.sketch(&r.layout.trailer[n]))
			}
		}
		if err := r.frame(&r.layout.trailer[n], "the last line"); err != nil {
			return err
		}
	}
	if err := r.totals(); err != nil {
		return err
	}
	_, wrong, err := r.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case wrong != nil, err == nil, card.KindOf(err) == card.Invalid:
		return r.refuseLine(card.ReasonFileLayout, "more after the last line", "the end of the file")
	}
	return card.E(card.Unavailable, opRead, "", fmt.Errorf("%s after line %d: %w", r.want.File.Name(), r.line, err))
}

// end is reached when no line is left.
func (r *Reader) end() error {
	if len(r.layout.trailer) > 0 {
		return r.refuseLine(card.ReasonFileRows, "the end of the file", "the last line "+r.layout.sketch(&r.layout.trailer[0]))
	}
	r.line-- // the end is no line
	return r.totals()
}

// totals compares what was read with the header and with the manifest.
func (r *Reader) totals() error {
	for _, c := range r.claims {
		if err := r.claimed(c); err != nil {
			return err
		}
	}
	m := r.want.Manifest
	switch {
	case m == nil:
		return nil
	case m.Rows != r.rows:
		return r.refuseLine(card.ReasonFileRows, fmt.Sprintf("%d rows", r.rows), fmt.Sprintf("%d as the manifest says", m.Rows))
	case m.TotalFen != r.fen:
		return r.refuseLine(card.ReasonFileTotal, fmt.Sprintf("a total of %d", r.fen), fmt.Sprintf("%d as the manifest says", m.TotalFen))
	}
	return nil
}

// claimed holds a count of the header against what was read.
func (r *Reader) claimed(c claim) error {
	f := &Fault{File: r.want.File.Name(), Line: c.line, Column: c.column, Name: c.name}
	switch {
	case c.source == isRows && c.value != r.rows:
		f.Found, f.Expected = strconv.Itoa(c.value), fmt.Sprintf("%d, for so many rows follow", r.rows)
		return refusal(opRead, card.ReasonFileRows, f)
	case c.source == isTotal && !r.unread && int64(c.value) != r.fen:
		f.Found, f.Expected = fmt.Sprintf("%d fen", c.value), fmt.Sprintf("%d fen, for that is what the rows hold together", r.fen)
		return refusal(opRead, card.ReasonFileTotal, f)
	}
	return nil
}

// sketch shows the shape of a record, such as T|<rows>|<total>.
func (l *Layout) sketch(rec *record) string {
	parts := make([]string, len(rec.columns))
	for i := range rec.columns {
		if c := &rec.columns[i]; c.source == isConst {
			parts[i] = c.text
		} else {
			parts[i] = "<" + c.name + ">"
		}
	}
	return strings.Join(parts, l.delimiter)
}

// showName quotes a field of the first line when it has the form of one.
func showName(field string) string {
	if f, err := card.ParseFileName(field); err == nil {
		return quoted(f.Name())
	}
	if len(field) <= len("20261121") && all(field, isCode) {
		return quoted(field)
	}
	return describe(field)
}

func showLayout(name string) string {
	if len(name) <= 16 {
		return quoted(name)
	}
	return describe(name)
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return strconv.Quote(s)
}

func showCount(n int, ok bool) string {
	if !ok {
		return "no number"
	}
	return strconv.Itoa(n)
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
