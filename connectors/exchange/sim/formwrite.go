package sim

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// formWriter translates one file of the standard layout into one of a form.
type formWriter struct {
	form *Form
	out  *bufio.Writer
	file Manifest // of the standard layout
	told string   // the file answered
	line int      // of the rows, from 1
}

// dress writes the standard file in, whose manifest is m, as one of the form to out, and returns the manifest of that.
func (f *Form) dress(in io.Reader, m Manifest, out io.Writer) (Manifest, error) {
	digest, size := sm3.New(), tally(0)
	w := &formWriter{form: f, file: m, out: bufio.NewWriterSize(io.MultiWriter(out, digest, &size), 256<<10)}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine+1)
	for lines.Scan() {
		if err := w.record(strings.Split(lines.Text(), "|")); err != nil {
			return Manifest{}, fmt.Errorf("%s in the partner's own layout: %w", m.Name, err)
		}
	}
	if err := lines.Err(); err != nil {
		return Manifest{}, err
	}
	if err := w.out.Flush(); err != nil {
		return Manifest{}, err
	}
	m.Size, m.SM3, m.Version = int64(size), hex.EncodeToString(digest.Sum(nil)), f.version
	return m, nil
}

// tally counts the bytes that are written to it.
type tally int64

// Write counts.
func (t *tally) Write(p []byte) (int, error) {
	*t += tally(len(p))
	return len(p), nil
}

// record writes what one line of the standard layout becomes.
func (w *formWriter) record(fields []string) error {
	switch fields[0] {
	case "H":
		w.told = fields[len(fields)-1]
		if w.form.text.bom {
			_, _ = w.out.WriteString(byteOrderMark)
		}
		return w.frame(w.form.header)
	case "T":
		return w.frame(w.form.trailer)
	}
	w.line++
	return w.put(w.form.detail, func(c *formColumn) (string, error) { return w.cell(c, fields[1:]) })
}

func (w *formWriter) frame(records []formRecord) error {
	for _, r := range records {
		if err := w.put(r, func(c *formColumn) (string, error) { return w.about(c) }); err != nil {
			return err
		}
	}
	return nil
}

// put writes a line; an error of writing stays with the buffer and comes out of its Flush.
func (w *formWriter) put(r formRecord, text func(*formColumn) (string, error)) error {
	t := &w.form.text
	cells := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		cell, err := text(c)
		if err != nil {
			return err
		}
		if cell, err = t.padded(c, cell); err != nil {
			return err
		}
		if cells[i] = cell; !t.fixed() {
			cells[i] = t.quotes(cell)
		}
	}
	_, _ = w.out.WriteString(strings.Join(cells, t.delimiter) + t.end)
	return nil
}

// cell is what stands in a column of the row with these fields, the ref first.
func (w *formWriter) cell(c *formColumn, fields []string) (string, error) {
	switch {
	case c.Field != "":
		text, err := c.theirText(&w.form.text, fields[1+c.place])
		if slices.Contains([]string{"reason", "note"}, c.Field) {
			text = w.form.text.short(text, c.Width) // a bank's own words: they are as long as the bank has room
		}
		return text, err
	case c.Value == "ref":
		return fields[0], nil
	case c.Value == "line":
		return strconv.Itoa(w.line), nil
	}
	return w.about(c)
}

// about is what a column says of the file.
func (w *formWriter) about(c *formColumn) (string, error) {
	switch {
	case c.Const != nil:
		return *c.Const, nil
	case c.Ignore != nil && c.Write != nil:
		return *c.Write, nil
	case c.Ignore != nil:
		return "", nil
	}
	switch c.Value {
	case "answered":
		return w.told, nil
	case "rows":
		return strconv.Itoa(w.file.Rows), nil
	case "total":
		return c.theirText(&w.form.text, strconv.FormatInt(w.file.Total, 10))
	}
	return c.theirText(&w.form.text, w.form.known(c.Value, w.file.Name))
}

// short cuts a text between characters to at most so many bytes; 0 is as many as there are.
func (t *textForm) short(text string, most int) string {
	if most == 0 || len(text) <= most {
		return text
	}
	end := 0
	for n := t.step([]byte(text)); n > 0 && end+n <= most; n = t.step([]byte(text[end:])) {
		end += n
	}
	return text[:end]
}
