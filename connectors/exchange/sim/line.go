package sim

// maxLine is the longest line in bytes, without its line feed.
const maxLine = 4096

// maxFields bounds the fields of a line; no layout has more than 12.
const maxFields = 16

// byte classes of GB18030 text.
const (
	plain = iota
	cut
	lead
	bad
)

var classes = func() (table [256]byte) {
	for c := range table {
		switch {
		case c < 0x20 || c == 0x7f || c == 0x80 || c == 0xff:
			table[c] = bad
		case c > 0x80:
			table[c] = lead
		case c == '|':
			table[c] = cut
		}
	}
	return table
}()

// split cuts a line at every bar into its fields, which share the line's memory. The second byte of a GB18030 character
// can be the byte of '|', so the text is walked character by character.
func split(line []byte, fields [][]byte) ([][]byte, error) {
	start := 0
	for i := 0; i < len(line); {
		switch classes[line[i]] {
		case plain:
			i++
		case cut:
			fields = append(fields, line[start:i])
			i++
			start = i
		case lead:
			n := width(line[i:])
			if n == 0 {
				return fields, &Refusal{Code: "FILE_ENCODING"}
			}
			i += n
		default:
			return fields, &Refusal{Code: "FILE_ENCODING"}
		}
	}
	fields = append(fields, line[start:])
	if len(fields) > maxFields {
		return fields, &Refusal{Code: "FILE_LAYOUT"}
	}
	return fields, nil
}

// width is the length of the multi-byte GB18030 character that p begins with: 2, 4, or 0 when it is none.
func width(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	second := p[1]
	if second >= 0x40 && second != 0x7f && second != 0xff {
		return 2
	}
	if digit(second) && len(p) >= 4 && classes[p[2]] == lead && digit(p[3]) {
		return 4
	}
	return 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// rowNumber reads a ref: 1 to 10 digits without leading zeros.
func rowNumber(ref []byte) (int64, bool) {
	if len(ref) == 0 || len(ref) > 10 || ref[0] == '0' {
		return 0, false
	}
	var n int64
	for _, c := range ref {
		if !digit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
