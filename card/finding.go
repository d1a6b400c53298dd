package card

import (
	"errors"
	"fmt"
	"strings"
)

// Finding says where a partner's file is not as agreed, so exactly that the partner can mend it. It holds no personal
// data: of a field it tells the shape only. The zero Finding says nothing.
type Finding struct {
	Reason Reason `json:"reason,omitempty"`
	Ref    int    `json:"ref,omitempty"`    // of the row; 0 when the file as a whole is meant
	Line   int    `json:"line,omitempty"`   // in the file, from 1; 0 when no line is meant
	Column int    `json:"column,omitempty"` // the field's number in the line, from 1; 0 when no field is meant
	Name   string `json:"name,omitempty"`   // of the column, or of the line of a manifest
	// Found and Expected say in English what is there and what should be; either may be empty.
	Found    string `json:"found,omitempty"`
	Expected string `json:"expected,omitempty"`
}

// String returns the finding in one line.
func (f Finding) String() string {
	s := string(f.Reason)
	for _, part := range []struct {
		name string
		n    int
	}{{"row", f.Ref}, {"line", f.Line}, {"column", f.Column}} {
		if part.n > 0 {
			s += fmt.Sprintf(" %s %d", part.name, part.n)
		}
	}
	if f.Name != "" {
		s += " (" + f.Name + ")"
	}
	if f.Found != "" {
		s += ": found " + f.Found
	}
	if f.Expected != "" {
		s += ", expected " + f.Expected
	}
	return s
}

// finder is an error that knows where.
type finder interface{ Finding() Finding }

// FindingOf returns what the errors in err's chain know of the place, under the reason of err.
func FindingOf(err error) Finding {
	var where finder
	f := Finding{}
	if errors.As(err, &where) {
		f = where.Finding()
	}
	f.Reason = ReasonOf(err)
	return f
}

// Misplaced is the error of a check: what it found, and nothing else.
type Misplaced Finding

// Error returns the place and what stands there; the reason is the Error's around it.
func (m Misplaced) Error() string {
	m.Reason = ""
	return strings.TrimPrefix(Finding(m).String(), ": ")
}

// Finding returns the finding.
func (m Misplaced) Finding() Finding { return Finding(m) }

// Refuse makes the Invalid Error of a check that a partner's file does not pass.
func Refuse(op string, f Finding) error { return E(Invalid, op, f.Reason, Misplaced(f)) }

// edition is an error about certain bytes.
type edition struct {
	error
	sm3 string
}

func (e edition) Unwrap() error   { return e.error }
func (e edition) Edition() string { return e.sm3 }

// WithEdition says of which bytes err speaks: sm3 is their digest in 64 hex digits.
func WithEdition(err error, sm3 string) error {
	if err == nil {
		return nil
	}
	return edition{err, sm3}
}

// EditionOf returns the digest of the bytes of which err speaks, or an empty text.
func EditionOf(err error) string {
	var e interface{ Edition() string }
	if errors.As(err, &e) {
		return e.Edition()
	}
	return ""
}

// refusedRow is an error about one row of a file that goes on without it.
type refusedRow struct{ error }

func (r refusedRow) Unwrap() error { return r.error }

// RefuseRow says that err speaks of one row alone: whoever reads the file may go on without that row.
func RefuseRow(err error) error { return refusedRow{err} }

// IsRefusedRow says whether err refuses one row alone and not the file that holds it. Whoever does not ask takes it for an
// error about the file, so that no row is left out unseen.
func IsRefusedRow(err error) bool {
	var r refusedRow
	return errors.As(err, &r)
}
