package layout

import (
	"fmt"

	"onecard/card"
)

// Desk is how the files of one partner are written and read. The zero Desk has the standard layouts, and refuses a file over
// every row that is wrong.
type Desk struct {
	Layouts Set
	// Refused, when set, is told of each row that cannot be written and is left out of its file, and of each row of a partner's
	// file that is refused alone because the format has it so. It is told again when a call is repeated.
	Refused func(f card.File, why error)
}

// Layout returns the partner's layout of files of a kind, of which f must be one; another is an Internal error.
func (d Desk) Layout(op string, f card.File, kind card.FileKind) (*Layout, error) {
	if f.Kind != kind {
		return nil, card.E(card.Internal, op, "", fmt.Errorf("%s is no %s", f.Name(), kind))
	}
	return d.Layouts.Of(kind)
}

// Told is who is told of refused rows of f, for Write and Expected; nil when nobody is.
func (d Desk) Told(f card.File) func(why error) {
	if d.Refused == nil {
		return nil
	}
	return func(why error) { d.Refused(f, why) }
}
