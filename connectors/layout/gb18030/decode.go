package gb18030

import (
	"encoding/binary"
	"unicode/utf8"
)

const highBits = 0x8080808080808080

// AppendDecoded appends the text that src holds in e to dst, as UTF-8. When src holds a byte that is no character of e, a
// code cut short at its end included, it returns dst as it was and an *Error.
func (e Encoding) AppendDecoded(dst, src []byte) ([]byte, error) {
	if e == UTF8 {
		if !utf8.Valid(src) {
			return dst, &Error{Encoding: e, Offset: malformed(string(src)), Decoding: true}
		}
		return append(dst, src...), nil
	}
	out := dst
	for i := 0; i < len(src); {
		if end := ascii(src, i); end > i {
			out = append(out, src[i:end]...)
			i = end
			continue
		}
		r, size := e.read(src[i:])
		if size == 0 {
			return dst, &Error{Encoding: e, Offset: i, Decoding: true}
		}
		out = utf8.AppendRune(out, r)
		i += size
	}
	return out, nil
}

// read returns the character at the beginning of b, which is not ASCII, and the length of its code; 0 when there is none.
func (e Encoding) read(b []byte) (r rune, size int) {
	if len(b) < 2 || !between(b[0], 0x81, 0xFE) {
		return 0, 0
	}
	if trail := b[1]; between(trail, 0x40, 0xFE) && trail != 0x7F {
		return rune(tables().decode2[pairIndex(b[0], trail)]), 2
	}
	if e == GBK || len(b) < 4 {
		return 0, 0
	}
	i, ok := quadIndex(b)
	switch {
	case !ok:
		return 0, 0
	case i < bmpQuads:
		return rune(tables().decode4[i]), 4
	case i >= astralQuad && i <= lastQuad:
		return rune(i - astralQuad + 0x10000), 4
	}
	return 0, 0
}

// ascii returns the end of the ASCII bytes of b that begin at i.
func ascii(b []byte, i int) int {
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&highBits == 0 {
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}
