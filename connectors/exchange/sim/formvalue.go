package sim

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

// title is what the column is called in a line of headings.
func (c *formColumn) title() string {
	switch {
	case c.As != "":
		return c.As
	case c.Ignore != nil:
		return *c.Ignore
	}
	return cmp.Or(c.Field, c.Value)
}

// bare takes the padding off.
func (c *formColumn) bare(cell string) string {
	pad := cmp.Or(c.Pad, " ")
	switch {
	case c.Width == 0:
		return cell
	case strings.Trim(cell, " ") == "":
		return ""
	case pad != " " && (c.Const != nil || c.ours != nil || c.Form != "" || c.Value == "date"):
		return cell // as long as the column
	case c.Align != "right":
		return strings.TrimRight(cell, pad)
	}
	text := strings.TrimLeft(cell, pad)
	if c.number && (text == "" || text[0] == '.') {
		text = "0" + text
	}
	return text
}

// ourText returns what the partner's text means in the standard layout.
func (c *formColumn) ourText(text string) (string, bool) {
	switch {
	case text == "" || text == c.Empty:
		return "", true
	case c.Form != "":
		return fromPattern(c.Form, text)
	case c.ours != nil:
		ours, ok := c.ours[text]
		return ours, ok
	case c.Unit == "yuan":
		return fromYuan(text, c.Thousands)
	}
	return text, true
}

// theirText returns how the partner writes, in the encoding of the form, what stands in the standard layout.
func (c *formColumn) theirText(t *textForm, text string) (string, error) {
	switch {
	case text == "":
		return c.Empty, nil
	case c.Form != "":
		return inPattern(c.Form, text), nil
	case c.ours != nil:
		theirs, ok := c.theirs[text]
		if !ok {
			return "", fmt.Errorf("column %s: no code for %s", c.title(), text)
		}
		return theirs, nil
	case c.Unit == "yuan":
		return inYuan(text, c.Thousands), nil
	}
	return t.outward(text)
}

// timeMarks are the parts of a time in a pattern and where they stand in YYYYMMDDHHMMSS.
var timeMarks = []struct {
	mark string
	at   int
}{{"YYYY", 0}, {"MM", 4}, {"DD", 6}, {"hh", 8}, {"mm", 10}, {"ss", 12}}

// inPattern writes a date or time by a pattern.
func inPattern(pattern, time string) string {
	for _, m := range timeMarks {
		if end := m.at + len(m.mark); end <= len(time) {
			pattern = strings.Replace(pattern, m.mark, time[m.at:end], 1)
		}
	}
	return pattern
}

// fromPattern reads a date or time; digits that the pattern does not have are dots, which another column may fill.
func fromPattern(pattern, text string) (string, bool) {
	if len(text) != len(pattern) {
		return "", false
	}
	digits := []byte("........")
	if strings.ContainsAny(pattern, "hs") {
		digits = []byte("..............")
	}
	for _, m := range timeMarks {
		if i := strings.Index(pattern, m.mark); i >= 0 {
			copy(digits[m.at:], text[i:i+len(m.mark)])
		}
	}
	whole := bytes.ReplaceAll(digits, []byte("."), nil)
	return string(digits), rest(whole) && inPattern(pattern, strings.ReplaceAll(string(digits), ".", "0")) == text
}

// rest reports whether there is nothing but digits.
func rest(text []byte) bool { return len(bytes.Trim(text, "0123456789")) == 0 }

// joined puts together two readings of one time.
func joined(one, other string) string {
	if len(one) < len(other) {
		one, other = other, one
	}
	both := []byte(one)
	for i := range other {
		if both[i] == '.' {
			both[i] = other[i]
		}
	}
	return string(both)
}

// inYuan writes fen as yuan with two decimals.
func inYuan(fen string, thousands bool) string {
	fen = strings.Repeat("0", max(0, 3-len(fen))) + fen
	whole, cents := fen[:len(fen)-2], fen[len(fen)-2:]
	if thousands {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	return whole + "." + cents
}

// fromYuan reads what inYuan writes, and nothing else.
func fromYuan(yuan string, thousands bool) (string, bool) {
	fen := strings.TrimLeft(strings.NewReplacer(",", "", ".", "").Replace(yuan), "0")
	fen = cmp.Or(fen, "0")
	_, ok := Fen([]byte(fen))
	return fen, ok && inYuan(fen, thousands) == yuan
}
