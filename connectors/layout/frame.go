package layout

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"onecard/card"
)

// header reads the first line and checks that this is the file that is expected.
func (r *Reader) header() error {
	if m := r.want.Manifest; m != nil && m.Layout != r.layout.Name() {
		return refusal(opRead, card.ReasonFileLayout, &Fault{
			File: r.want.File.Name(), Found: "a manifest of layout " + showLayout(m.Layout), Expected: r.layout.Name(),
		})
	}
	if _, err := r.read("the first line H|<kind>|…"); err != nil {
		return err
	}
	f := r.want.File
	want := []struct {
		name, value string
		reason      card.Reason
	}{
		{"record", "H", card.ReasonFileLayout},
		{"kind", string(r.layout.Kind), card.ReasonFileLayout},
		{"version", strconv.Itoa(r.layout.Version), card.ReasonFileLayout},
		{"file name", f.Name(), card.ReasonFileName},
		{"date", f.Date, card.ReasonFileName},
		{"file answered", r.layout.answered(f), card.ReasonFileName},
	}
	if len(r.fields) != len(want) {
		return r.refuseLine(card.ReasonFileLayout, fmt.Sprintf("a first line of %d fields", len(r.fields)), strconv.Itoa(len(want)))
	}
	for i, w := range want {
		if r.fields[i] != w.value {
			return refusal(opRead, w.reason, &Fault{
				File: f.Name(), Line: r.line, Column: i + 1, Name: w.name, Found: showName(r.fields[i]), Expected: quoted(w.value),
			})
		}
	}
	return nil
}

// trailer checks the last line, and that nothing comes after it.
func (r *Reader) trailer() error {
	if len(r.fields) != 3 {
		return r.refuseLine(card.ReasonFileLayout, fmt.Sprintf("a last line of %d fields", len(r.fields)), "3")
	}
	if err := r.totals(); err != nil {
		return err
	}
	switch _, err := r.in.ReadByte(); {
	case err == nil:
		return r.refuseLine(card.ReasonFileLayout, "more after the last line", "the end of the file")
	case !errors.Is(err, io.EOF):
		return card.E(card.Unavailable, opRead, "", fmt.Errorf("%s after line %d: %w", r.want.File.Name(), r.line, err))
	}
	return nil
}

// totals compares what was read with the last line and with the manifest.
func (r *Reader) totals() error {
	rows, ok := count(r.fields[1])
	if !ok || rows != r.rows {
		return r.refuseLine(card.ReasonFileRows, fmt.Sprintf("%d rows and a last line that says %s", r.rows, showCount(rows, ok)), "the same number")
	}
	if fen, ok := count(r.fields[2]); !ok || fen != 0 {
		return r.refuseLine(card.ReasonFileTotal, "a total of "+showCount(fen, ok), "0, for the rows hold no money")
	}
	m := r.want.Manifest
	switch {
	case m == nil:
		return nil
	case m.Rows != rows:
		return r.refuseLine(card.ReasonFileRows, fmt.Sprintf("%d rows", rows), fmt.Sprintf("%d as the manifest says", m.Rows))
	case m.TotalFen != 0:
		return r.refuseLine(card.ReasonFileTotal, "a total of 0", fmt.Sprintf("%d as the manifest says", m.TotalFen))
	}
	return nil
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
