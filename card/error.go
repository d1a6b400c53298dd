package card

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind tells what kind of trouble an error is, so that whoever receives it can decide between retry, refusal and alarm.
// The zero Kind means that nobody has said; KindOf reads it as Internal.
type Kind uint8

// The kinds of trouble.
const (
	Invalid     Kind = iota + 1 // the input is wrong; the same input will be refused again
	NotFound                    // the thing named does not exist
	Conflict                    // the thing is in a state in which this cannot be done
	Denied                      // this user or partner may not do it
	Later                       // no answer yet; ask again at a fixed interval
	Unavailable                 // partner, network or database is down; retry with backoff
	Breach                      // an invariant does not hold; final, and a batch is frozen over it
	Internal                    // a fault of the hub itself
)

var kindNames = [...]string{"unspecified", "invalid", "not found", "conflict", "denied", "later", "unavailable", "breach", "internal"}

// String returns the kind in lower-case English.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is an error about which somebody must decide. Op names the operation that failed, Reason (which may be empty) the
// reason shown to people, Err the cause. None of them carries personal data.
type Error struct {
	Kind   Kind
	Op     string
	Reason Reason
	Err    error
}

// E makes an Error; reason may be empty and err may be nil.
func E(kind Kind, op string, reason Reason, err error) *Error {
	return &Error{Kind: kind, Op: op, Reason: reason, Err: err}
}

// Error returns operation, reason (or, without one, kind) and cause, joined by colons. A reason that the cause's text names is not
// named twice.
func (e *Error) Error() string {
	parts := make([]string, 0, 3)
	if e.Op != "" {
		parts = append(parts, e.Op)
	}
	switch {
	case e.Reason != "" && e.Err != nil && names(e.Err.Error(), e.Reason):
	case e.Reason != "":
		parts = append(parts, string(e.Reason))
	case e.Err == nil || e.Op == "":
		parts = append(parts, e.Kind.String())
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// names says whether a text names the reason, as a word of its own.
func names(text string, r Reason) bool {
	return slices.Contains(strings.FieldsFunc(text, func(c rune) bool { return c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') }), string(r))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost Error in err's chain. Without one, a cancelled or expired context counts as
// Unavailable and everything else as Internal. The kind of a nil error is 0.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		if e.Kind == 0 {
			return Internal
		}
		return e.Kind
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// ReasonOf returns the reason of the outermost Error in err's chain that names one, or an empty reason.
func ReasonOf(err error) Reason {
	var e *Error
	for errors.As(err, &e) {
		if e.Reason != "" {
			return e.Reason
		}
		err = e.Err
	}
	return ""
}
