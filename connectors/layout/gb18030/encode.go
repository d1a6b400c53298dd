package gb18030

import (
	"encoding/binary"
	"unicode/utf8"
)

// Append appends s in e to dst. When e cannot carry s, it returns dst as it was and an *Error.
func (e Encoding) Append(dst []byte, s string) ([]byte, error) {
	if e == UTF8 {
		if at := malformed(s); at >= 0 {
			return dst, &Error{Encoding: e, Offset: at}
		}
		return append(dst, s...), nil
	}
	out := dst
	for i := 0; i < len(s); {
		if end := plain(s, i); end > i {
			out = append(out, s[i:end]...)
			i = end
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		code := e.code(r, size)
		if code == 0 {
			return dst, &Error{Encoding: e, Offset: i}
		}
		out = appendCode(out, code)
		i += size
	}
	return out, nil
}

// obstacle returns the offset of the first character of s that e cannot carry, or -1.
func (e Encoding) obstacle(s string) int {
	if e == UTF8 {
		return malformed(s)
	}
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if e.code(r, size) == 0 {
			return i
		}
		i += size
	}
	return -1
}

// code returns the code of r, which took size bytes of UTF-8, or 0 when there is none or the UTF-8 was malformed.
func (e Encoding) code(r rune, size int) uint32 {
	switch {
	case r == utf8.RuneError && size <= 1:
		return 0
	case r > 0xFFFF && e == GBK:
		return 0
	case r > 0xFFFF:
		return quadCode(int(r) - 0x10000 + astralQuad)
	}
	code := tables().encode[r]
	if e == GBK && code > 0xFFFF {
		return 0
	}
	return code
}

func appendCode(dst []byte, code uint32) []byte {
	if code > 0xFFFF {
		return binary.BigEndian.AppendUint32(dst, code)
	}
	return binary.BigEndian.AppendUint16(dst, uint16(code))
}

// plain returns the end of the ASCII characters of s that begin at i.
func plain(s string, i int) int {
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// malformed returns the offset of the first byte of s that is not UTF-8, or -1.
func malformed(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
			return i
		}
	}
	return -1
}
