package layout

import (
	"maps"
	"slices"
	"strings"
)

// codes are a partner's codes and ours for the same things.
type codes struct {
	read  map[string]string // theirs to ours, many to one
	write map[string]string // ours to theirs, many to one
}

func (c *codes) theirs(ours string) (string, bool) {
	text, ok := c.write[ours]
	return text, ok
}

func (c *codes) ours(theirs string) (string, bool) {
	value, ok := c.read[theirs]
	return value, ok
}

func (c *codes) words() string {
	known := slices.Sorted(maps.Keys(c.read))
	if len(known) > 24 {
		return "a code that is agreed"
	}
	return "one of " + strings.Join(known, ", ")
}

// timeForm writes a date or time as a partner does, such as YYYY-MM-DD hh:mm:ss. Ours are YYYYMMDD and YYYYMMDDHHMMSS.
type timeForm struct {
	pattern string
	places  []int // of each byte of the pattern, the digit of ours that stands there; -1 for what stands there itself
	digits  int   // of ours
}

// tokens are the parts of a time and where they stand in ours.
var tokens = []struct {
	text string
	at   int
}{{"YYYY", 0}, {"MM", 4}, {"DD", 6}, {"hh", 8}, {"mm", 10}, {"ss", 12}}

// newTimeForm reads a pattern; ok is false when it holds a part twice, or a letter or digit that is no part.
func newTimeForm(pattern string, digits int) (f *timeForm, ok bool) {
	f = &timeForm{pattern: pattern, digits: digits}
	seen := map[int]bool{}
	for rest := pattern; rest != ""; {
		i := slices.IndexFunc(tokens, func(t struct {
			text string
			at   int
		}) bool {
			return strings.HasPrefix(rest, t.text)
		})
		if i < 0 {
			if isDigit(rest[0]) || isLetter(rest[0]) {
				return nil, false
			}
			f.places = append(f.places, -1)
			rest = rest[1:]
			continue
		}
		t := tokens[i]
		if seen[t.at] || t.at >= digits {
			return nil, false
		}
		seen[t.at] = true
		for n := range t.text {
			f.places = append(f.places, t.at+n)
		}
		rest = rest[len(t.text):]
	}
	return f, len(seen) > 0
}

// covers says which digits of ours the pattern has.
func (f *timeForm) covers() []int {
	return slices.DeleteFunc(slices.Sorted(slices.Values(f.places)), func(at int) bool { return at < 0 })
}

func (f *timeForm) theirs(ours string) (string, bool) {
	if len(ours) != f.digits {
		return "", false
	}
	text := []byte(f.pattern)
	for i, at := range f.places {
		if at >= 0 {
			text[i] = ours[at]
		}
	}
	return string(text), true
}

func (f *timeForm) ours(theirs string) (string, bool) {
	var digits [len(momentLayout)]byte
	if !f.into(digits[:], theirs) {
		return "", false
	}
	return string(digits[:f.digits]), true
}

// into puts the digits of a partner's text in their places.
func (f *timeForm) into(digits []byte, theirs string) bool {
	if len(theirs) != len(f.pattern) {
		return false
	}
	for i, at := range f.places {
		switch c := theirs[i]; {
		case at < 0 && c != f.pattern[i], at >= 0 && !isDigit(c):
			return false
		case at >= 0:
			digits[at] = c
		}
	}
	return true
}

func (f *timeForm) words() string {
	if f.digits == len(dateLayout) {
		return "a date " + f.pattern
	}
	return "a time " + f.pattern
}

// yuan writes amounts in yuan with two decimals, such as 1234.50 or, with thousands, 1,234.50. Ours are in fen.
type yuan struct{ thousands bool }

func (y yuan) theirs(fen string) (string, bool) {
	for len(fen) < 3 {
		fen = "0" + fen
	}
	whole, cents := fen[:len(fen)-2], fen[len(fen)-2:]
	if !y.thousands {
		return whole + "." + cents, true
	}
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String() + "." + cents, true
}

// ours reads what theirs writes and nothing else.
func (y yuan) ours(theirs string) (string, bool) {
	whole, cents, found := strings.Cut(theirs, ".")
	if y.thousands {
		whole = strings.ReplaceAll(whole, ",", "")
	}
	if !found || len(cents) != 2 || whole == "" || len(whole) > 1 && whole[0] == '0' || !all(whole, isDigit) || !all(cents, isDigit) {
		return "", false
	}
	fen := whole + cents
	if whole == "0" {
		fen = strings.TrimLeft(cents[:1], "0") + cents[1:]
	}
	if !y.thousands {
		return fen, true
	}
	again, _ := y.theirs(fen) // are the commas where they belong?
	return fen, again == theirs
}

func (y yuan) words() string {
	if y.thousands {
		return "an amount in yuan such as 1,234.50"
	}
	return "an amount in yuan such as 1234.50"
}
