package xlsx

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

var errXMLEntity = errors.New("the XML uses an entity that a workbook never has")

// attr returns the value of an attribute as it stands; nil when it is not there. The name may have a namespace prefix.
func attr(attrs []byte, name string) []byte {
	for len(attrs) > 0 {
		eq := bytes.IndexByte(attrs, '=')
		if eq < 0 {
			return nil
		}
		key, rest := attrs[:eq], attrs[eq+1:]
		for len(rest) > 0 && rest[0] <= ' ' {
			rest = rest[1:]
		}
		if len(rest) == 0 || (rest[0] != '"' && rest[0] != '\'') {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if named(key, name) {
			return rest[1 : end+1]
		}
		attrs = rest[end+2:]
	}
	return nil
}

// named tells whether key is name with blanks round it and perhaps a prefix before it.
func named(key []byte, name string) bool {
	for len(key) > 0 && key[len(key)-1] <= ' ' {
		key = key[:len(key)-1]
	}
	before := len(key) - len(name)
	if before < 0 || string(key[before:]) != name {
		return false
	}
	return before == 0 || key[before-1] <= ' ' || key[before-1] == ':'
}

// appendText appends an XML text to dst with its entities resolved.
func appendText(dst, text []byte) ([]byte, error) {
	for {
		amp := bytes.IndexByte(text, '&')
		if amp < 0 {
			return append(dst, text...), nil
		}
		dst = append(dst, text[:amp]...)
		text = text[amp+1:]
		end := bytes.IndexByte(text[:min(len(text), 12)], ';')
		if end < 0 {
			return dst, errXMLEntity
		}
		r, err := entity(text[:end])
		if err != nil {
			return dst, err
		}
		dst = utf8.AppendRune(dst, r)
		text = text[end+1:]
	}
}

func entity(name []byte) (rune, error) {
	switch string(name) {
	case "amp":
		return '&', nil
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, errXMLEntity
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, errXMLEntity
	}
	return rune(n), nil
}

// unescapeX resolves the _xHHHH_ by which workbooks write characters that XML cannot hold (ECMA-376, ST_Xstring), in place.
func unescapeX(text []byte) []byte {
	i := bytes.Index(text, []byte("_x"))
	if i < 0 {
		return text
	}
	out := text[:i]
	for ; i < len(text); i++ {
		if n, ok := escapeX(text[i:]); ok {
			out = utf8.AppendRune(out, n)
			i += 6
			continue
		}
		out = append(out, text[i])
	}
	return out
}

func escapeX(text []byte) (rune, bool) {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(uint16(n)), err == nil
}
