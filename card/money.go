package card

import (
	"errors"
	"strconv"
	"strings"
)

// maxYuanDigits keeps an amount in yuan within what fen in 15 digits hold, as every file carries them.
const maxYuanDigits = 13

var errYuan = errors.New("not an amount in yuan such as 12345.67")

// ParseYuan reads an amount in yuan with at most two decimals, such as 150, 150.5 or 1,234.50, as fen. It does not round and
// uses no floating point; signs, currency marks, more decimals and more than 13 digits of yuan are an Invalid Error, which does
// not repeat the text.
func ParseYuan(s string) (int64, error) {
	whole, cents, dotted := strings.Cut(s, ".")
	whole, grouped := ungroup(whole)
	if !grouped || !only(whole, 1, maxYuanDigits, isDigit) || dotted && !only(cents, 1, 2, isDigit) {
		return 0, E(Invalid, "read an amount", ReasonAmountShape, errYuan)
	}
	fen := int64(0)
	for i := range len(whole) {
		fen = fen*10 + int64(whole[i]-'0')
	}
	fen *= 100
	if len(cents) > 0 {
		fen += int64(cents[0]-'0') * 10
	}
	if len(cents) > 1 {
		fen += int64(cents[1] - '0')
	}
	return fen, nil
}

// ungroup takes the commas between thousands out; false when they stand anywhere else.
func ungroup(s string) (string, bool) {
	if strings.IndexByte(s, ',') < 0 {
		return s, true
	}
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || g == "" || len(g) > 3 {
			return s, false
		}
	}
	return strings.Join(groups, ""), true
}

// FormatYuan writes fen as yuan with two decimals, such as 1234.50.
func FormatYuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	b := strconv.AppendInt(append(make([]byte, 0, 24), sign...), fen/100, 10)
	return string(append(b, '.', byte('0'+fen/10%10), byte('0'+fen%10)))
}
