package layout

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Shape is what a field looks like, whatever it means.
type Shape uint8

const (
	// Text is any characters but | and control characters.
	Text Shape = iota
	// Digits are 0–9.
	Digits
	// Code is A–Z, a–z, 0–9, dot, hyphen and underscore.
	Code
	// Hex is an even number of 0–9, A–F, a–f.
	Hex
	// Date is a day YYYYMMDD of the calendar.
	Date
	// Moment is a second YYYYMMDDHHMMSS of the calendar; which zone is the partner's affair.
	Moment
	// Amount is a sum of money in fen without sign or leading zeros, at most 15 digits.
	Amount
)

const (
	dateLayout   = "20060102"
	momentLayout = "20060102150405"
)

var shapeWords = [...]string{
	"characters", "digits", "letters and digits", "hexadecimal digits", "a date YYYYMMDD", "a time YYYYMMDDHHMMSS", "an amount in fen",
}

// accepts reports whether the value may stand in field f.
func (f *Field) accepts(value string) bool {
	if value == "" {
		return f.Optional
	}
	switch f.Shape {
	case Text:
		return f.long(utf8.RuneCountInString(value))
	case Digits:
		return f.long(len(value)) && all(value, isDigit)
	case Code:
		return f.long(len(value)) && all(value, isCode)
	case Hex:
		return f.long(len(value)) && len(value)%2 == 0 && all(value, isHex)
	case Date:
		return isTime(value, dateLayout)
	case Moment:
		return isTime(value, momentLayout)
	case Amount:
		_, ok := count(value)
		return ok
	}
	return false
}

func (f *Field) long(n int) bool { return n >= f.Min && (f.Max == 0 || n <= f.Max) }

// expected says in words what may stand in column f.
func (f *Field) expected() string {
	what := shapeWords[f.Shape]
	if f.Shape <= Hex {
		what = f.bounds() + what
	}
	if f.Optional {
		what += " or nothing"
	}
	return what
}

func (f *Field) bounds() string {
	least := f.Min
	if !f.Optional {
		least = max(least, 1)
	}
	switch {
	case f.Max == 0 && least == 0:
		return ""
	case f.Max == 0:
		return fmt.Sprintf("at least %d ", least)
	case f.Max == least:
		return fmt.Sprintf("%d ", least)
	}
	return fmt.Sprintf("%d to %d ", least, f.Max)
}

func all(s string, in func(byte) bool) bool {
	for i := range len(s) {
		if !in(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(b byte) bool { return b-'0' < 10 }

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func isHex(b byte) bool { return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }

func isCode(b byte) bool { return isDigit(b) || isLetter(b) || b == '-' || b == '.' || b == '_' }

func isTime(s, layout string) bool {
	if len(s) != len(layout) || !all(s, isDigit) {
		return false
	}
	_, err := time.Parse(layout, s)
	return err == nil
}

// describe tells what a field looks like without telling what it says: its length, and its shape as runs of 9 (a digit),
// A, a (a letter), 字 (a character beyond ASCII) and the signs themselves, such as A9{8} for a card number.
func describe(field string) string {
	n := utf8.RuneCountInString(field)
	if n == 0 {
		return "nothing"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d characters ", n)
	last, length, runs := "", 0, 0
	for _, r := range field {
		if class := classOf(r); class != last {
			writeRun(&b, last, length)
			last, length = class, 0
			if runs++; runs > 12 {
				return b.String() + "…"
			}
		}
		length++
	}
	writeRun(&b, last, length)
	return b.String()
}

func writeRun(b *strings.Builder, class string, length int) {
	b.WriteString(class)
	if length > 1 {
		b.WriteString("{" + strconv.Itoa(length) + "}")
	}
}

func classOf(r rune) string {
	switch {
	case r >= utf8.RuneSelf:
		return "字"
	case r >= '0' && r <= '9':
		return "9"
	case r >= 'A' && r <= 'Z':
		return "A"
	case r >= 'a' && r <= 'z':
		return "a"
	case r < ' ' || r == 0x7F:
		return fmt.Sprintf("<%02X>", r)
	}
	return string(r)
}
