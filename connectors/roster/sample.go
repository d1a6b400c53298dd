package roster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// SampleOptions say what people a sample holds.
type SampleOptions struct {
	// Rows is how many rows there are, bad ones included.
	Rows int
	// City is the city of all of them, by code or Chinese name.
	City string
	// Banks are the banks to choose from, by prefix or Chinese name; the first ones get more people. None stands for ICBC,
	// ABC and CCB.
	Banks []string
	// Seed makes the people: the same options give the same bytes, other seeds other people.
	Seed uint64
	// Bad is the share of rows, from 0 to 1, that fail a check: each of SampleReasons in turn.
	Bad float64
	// Format is FormatCSV (UTF-8 with byte order mark, as spreadsheets write it) or FormatXLSX; empty is FormatCSV.
	Format string
}

// Sample writes a roster of synthetic people. Their numbers carry the code of a prefecture that has counties, which real
// numbers practically never do, their names and addresses are invented. Numbers are unique within a sample; samples of one
// city with few seeds share people only when together they hold more than some ten million. Wrong options are an Error of
// kind Invalid.
func Sample(w io.Writer, o SampleOptions) error {
	c, err := newCrowd(o)
	if err != nil {
		return err
	}
	switch o.Format {
	case FormatCSV, "":
		return sampleCSV(w, c)
	case FormatXLSX:
		return sampleXLSX(w, c)
	}
	return card.E(card.Invalid, "make sample", "", fmt.Errorf("unknown format %q, expected %s or %s", o.Format, FormatCSV, FormatXLSX))
}

// SamplePeople hands out the people of a sample as its rows are read, without writing a file. All of them are good; Bad and
// Format are not looked at.
func SamplePeople(o SampleOptions) (iter.Seq[card.Application], error) {
	o.Bad, o.Format = 0, FormatCSV
	c, err := newCrowd(o)
	if err != nil {
		return nil, err
	}
	return func(yield func(card.Application) bool) {
		row := 0
		for p := range c.people() {
			if row++; !yield(application(row, &p.cells)) {
				return
			}
		}
	}, nil
}

func sampleCSV(w io.Writer, c *crowd) error {
	out := bufio.NewWriterSize(w, 256<<10)
	line := appendCSV([]byte(magicUTF8), headings[:])
	_, err := out.Write(line)
	for p := range c.people() {
		line = appendCSV(line[:0], p.cells[:])
		_, e := out.Write(line)
		err = errors.Join(err, e)
		if err != nil {
			break
		}
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	return nil
}

// appendCSV appends a line; only fields that need them get quotes (RFC 4180).
func appendCSV(dst []byte, fields []string) []byte {
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !needsQuotes(f) {
			dst = append(dst, f...)
			continue
		}
		dst = append(dst, '"')
		for j := range len(f) {
			if f[j] == '"' {
				dst = append(dst, '"')
			}
			dst = append(dst, f[j])
		}
		dst = append(dst, '"')
	}
	return append(dst, '\r', '\n')
}

func needsQuotes(f string) bool {
	for i := range len(f) {
		if b := f[i]; b == ',' || b == '"' || b == '\n' || b == '\r' {
			return true
		}
	}
	return false
}

func sampleXLSX(w io.Writer, c *crowd) error {
	b := newRosterBook(peoplePaper(), 0, TemplateOptions{})
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, map[string]filler{SheetName: func(out *xlsx.RowWriter) error {
		for p := range c.people() {
			if err := writePerson(out, p, b.body); err != nil {
				return err
			}
		}
		return nil
	}})
}

func writePerson(out *xlsx.RowWriter, p *person, style int) error {
	out.Begin(0)
	for col, text := range p.cells {
		switch {
		case p.wrong == wrongNumber && col == colSSN:
			out.Bare(style, text)
		case p.wrong == wrongFormula && col == colAddress:
			out.Formula(style, text[1:])
		default:
			out.Text(style, text)
		}
	}
	if p.wrong == wrongMerge {
		out.Merge(colEmployerNo, colEmployerName)
	}
	return out.End()
}
