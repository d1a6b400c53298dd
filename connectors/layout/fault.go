package layout

import (
	"errors"
	"fmt"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
)

const (
	opRead  = "layout.read"
	opWrite = "layout.write"
)

// Fault tells where a file is not as its layout declares, so exactly that the partner can mend it. It holds no personal
// data: of a personal field, and of every longer one, it tells the shape only.
type Fault struct {
	File   string // the file's name
	Line   int    // from 1; 0 when the fault is not in a line
	Ref    int    // the row's ref; 0 when it is not known
	Column int    // the field's number in the line, from 1, the record letter included; 0 when the whole line is meant
	Name   string // the column's name; empty when the whole line is meant
	// Found and Expected say what is there and what should be.
	Found, Expected string
}

// Error implements error.
func (f *Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where += fmt.Sprintf(" line %d", f.Line)
	}
	if f.Ref > 0 {
		where += fmt.Sprintf(" ref %d", f.Ref)
	}
	if f.Column > 0 {
		where += fmt.Sprintf(" column %d", f.Column)
	}
	if f.Name != "" {
		where += " (" + f.Name + ")"
	}
	return fmt.Sprintf("%s: found %s, expected %s", where, f.Found, f.Expected)
}

// show tells what stands in column c: short codes themselves, anything else by its shape.
func (c *Column) show(field string) string {
	if c.Personal {
		return describe(field)
	}
	return showCode(field)
}

// showCode quotes a field that is too short to be anybody's data, for a column may hold another column's value.
func showCode(field string) string {
	if field == "" || len(field) > 4 || !all(field, isCode) {
		return describe(field)
	}
	return fmt.Sprintf("%q", field)
}

// encodingFault words an error of the encoding.
func encodingFault(err error) string {
	var e *gb18030.Error
	switch {
	case !errors.As(err, &e):
		return err.Error()
	case e.Decoding:
		return fmt.Sprintf("no %s character at byte %d of the line", e.Encoding, e.Offset+1)
	}
	return fmt.Sprintf("a character that %s cannot carry at byte %d of the UTF-8 text", e.Encoding, e.Offset+1)
}

func refusal(op string, reason card.Reason, f *Fault) error {
	return card.E(card.Invalid, op, reason, f)
}
