package layout

import (
	"strconv"
	"strings"

	"onecard/card"
)

// column is one place in a record.
type column struct {
	name   string // for errors and headings
	title  string // what the partner calls it; empty when nobody said
	source source
	text   string // of a constant; of an ignored column what is written there
	index  int    // of the field in the message
	field  *Field // nil for what is no field
	padding
	conv     conversion // between the partner's writing and ours; nil when they are the same
	part     *timeForm  // of a time that several columns share
	empty    string     // what the partner writes for no value
	preset   string     // our value where there is none
	required bool       // also where the message does not need it
	unknown  bool       // a code that nobody knows refuses the row alone
}

// source is where a column's content comes from.
type source uint8

const (
	isConst source = iota
	isIgnored
	isField
	isRef
	isLine
	isRows
	isTotal
	isKind
	isVersion
	isFile
	isAnswered
	isPartner
	isDate
	isSequence
)

// values are the sources that formats call by name. Rows and totals count what the detail records hold.
var values = []struct {
	key    string
	source source
	name   string // in errors
	detail bool   // in detail records
	frame  bool   // in headers and trailers
}{
	{"ref", isRef, "ref", true, false},
	{"line", isLine, "line number", true, false},
	{"rows", isRows, "rows", false, true},
	{"total", isTotal, "total", false, true},
	{"kind", isKind, "kind", true, true},
	{"version", isVersion, "version", true, true},
	{"file", isFile, "file name", true, true},
	{"answered", isAnswered, "file answered", true, true},
	{"partner", isPartner, "partner", true, true},
	{"date", isDate, "date", true, true},
	{"sequence", isSequence, "sequence", true, true},
}

// conversion is between a partner's writing of a value and ours.
type conversion interface {
	// theirs returns how the partner writes our value; ok is false when there is no way.
	theirs(ours string) (text string, ok bool)
	// ours returns our value of the partner's text; ok is false when it is none.
	ours(theirs string) (value string, ok bool)
	// words say what the partner may write.
	words() string
}

// content returns what stands in the column without its padding.
func (c *column) content(cell string) string {
	if c.width == 0 {
		return cell
	}
	return c.strip(cell, c.isNumber())
}

// read returns our value of what stands in the column of a field.
func (c *column) read(cell string) (string, *problem) {
	value := cell
	switch {
	case cell == "" || cell == c.empty:
		value = c.preset
	case c.conv != nil:
		ours, ok := c.conv.ours(cell)
		if !ok {
			return "", wrongly(card.ReasonFileLayout, c.show(cell), c.expected())
		}
		value = ours
	}
	if !c.field.accepts(value) || value == "" && c.required {
		return "", wrongly(card.ReasonFileLayout, c.show(cell), c.expected())
	}
	return value, nil
}

// write returns how the partner writes our value in the column of a field. What would not come back as it is, is a problem.
func (c *column) write(value string) (string, *problem) {
	if value == "" {
		value = c.preset
	}
	if !c.field.accepts(value) || value == "" && c.required {
		return "", wrongly(card.ReasonFileLayout, c.show(value), c.field.expected())
	}
	if value == "" {
		return c.empty, nil
	}
	text := value
	if c.conv != nil {
		var ok bool
		if text, ok = c.conv.theirs(value); !ok {
			return "", wrongly(card.ReasonFileLayout, c.show(value), "a value that the partner has a code for")
		}
	}
	if text == c.empty {
		return "", wrongly(card.ReasonFileLayout, "what the partner takes for no value", c.expected())
	}
	return text, nil
}

// expected says in words what may stand in the column.
func (c *column) expected() string {
	what := c.field.expected()
	if c.conv != nil {
		what = c.conv.words()
		if c.field.Optional {
			what += " or nothing"
		}
	}
	if c.required || c.preset != "" && !c.field.Optional {
		what = strings.TrimSuffix(what, " or nothing")
	}
	return what
}

// show tells what stands in the column: short codes themselves, anything else by its shape.
func (c *column) show(cell string) string {
	if c.field != nil && c.field.Personal {
		return describe(cell)
	}
	return showCode(cell)
}

// number writes a count as the column has it.
func (c *column) number(n int64) string {
	text := strconv.FormatInt(n, 10)
	if c.conv != nil {
		text, _ = c.conv.theirs(text) // a count has a writing in every unit
	}
	return text
}

// count reads a count as the column has it.
func (c *column) count(cell string) (n int, ok bool) {
	if c.conv == nil {
		return count(cell)
	}
	ours, ok := c.conv.ours(cell)
	if !ok {
		return 0, false
	}
	return count(ours)
}

// constant is what the column always says about file f, and for what reason a file is refused that says otherwise.
func (c *column) constant(l *Layout, f card.File) (text string, reason card.Reason) {
	switch c.source {
	case isConst:
		return c.text, card.ReasonFileLayout
	case isKind:
		return string(l.Message.Kind), card.ReasonFileLayout
	case isVersion:
		return strconv.Itoa(l.Version), card.ReasonFileLayout
	case isFile:
		return f.Name(), card.ReasonFileName
	case isAnswered:
		return l.answered(f), card.ReasonFileAnswered
	case isPartner:
		return f.Partner, card.ReasonFileName
	case isDate:
		return c.date(f.Date), card.ReasonFileName
	case isSequence:
		return strconv.Itoa(f.Seq), card.ReasonFileName
	case isIgnored:
		return c.text, ""
	case isField, isRef, isLine, isRows, isTotal:
	}
	return "", ""
}

func (c *column) date(day string) string {
	if c.conv == nil {
		return day
	}
	text, _ := c.conv.theirs(day) // the file's date is one
	return text
}

// isNumber says whether leading zeros mean nothing.
func (c *column) isNumber() bool {
	switch c.source {
	case isRef, isLine, isRows, isTotal, isSequence:
		return true
	case isField:
		return c.field.Shape == Amount
	case isConst, isIgnored, isKind, isVersion, isFile, isAnswered, isPartner, isDate:
	}
	return false
}
