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
	Column int    // the column's number in the line, from 1; 0 when the whole line is meant
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

// problem is what is wrong with a column or a line, before it is known where.
type problem struct {
	reason          card.Reason
	found, expected string
	at              int // the number of the column, from 1; 0 for the line, or for the column that is being looked at
}

// wrongly makes a problem of the column that is being looked at, or of the line.
func wrongly(reason card.Reason, found, expected string) *problem {
	return &problem{reason: reason, found: found, expected: expected}
}

// showCode quotes a field that is too short to be anybody's data, for a column may hold another column's value.
func showCode(field string) string {
	if field == "" || len(field) > 4 || !all(field, isCode) {
		return describe(field)
	}
	return fmt.Sprintf("%q", field)
}

// encodingProblem words an error of the encoding.
func encodingProblem(e Encoding, err error) *problem {
	var at *gb18030.Error
	switch {
	case !errors.As(err, &at):
		return wrongly(card.ReasonFileEncoding, err.Error(), e.String()+" text")
	case at.Decoding:
		return wrongly(card.ReasonFileEncoding, fmt.Sprintf("no %s character at byte %d of the line", e, at.Offset+1), e.String()+" text")
	}
	found := fmt.Sprintf("a character that %s cannot carry at byte %d of the UTF-8 text", e, at.Offset+1)
	return wrongly(card.ReasonNameUnencodable, found, "characters of "+e.String())
}

func refusal(op string, reason card.Reason, f *Fault) error {
	return card.E(card.Invalid, op, reason, f)
}
