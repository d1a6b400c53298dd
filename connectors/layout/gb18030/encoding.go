// Package gb18030 reads and writes the encodings of partner files: GB18030 as GB 18030-2022 defines it, its two-byte part
// GBK, and UTF-8.
//
// It loses nobody's name. Every Unicode code point but the surrogates has exactly one GB18030 code and every valid code
// has exactly one code point, the private-use areas included, so a text survives text → file → text and a file survives
// file → text → file. What an encoding cannot carry is an error that names the position; nothing is ever replaced.
//
// golang.org/x/text cannot be used alone: of the two-byte codes it lacks 2,067 and misreads A3A0, and it writes the
// private-use code points that belong there as codes of other characters.
package gb18030

import "fmt"

// Encoding is the character encoding of a file. The zero value is GB18030.
type Encoding uint8

const (
	// GB18030 carries every Unicode code point (GB 18030-2022).
	GB18030 Encoding = iota
	// GBK is the two-byte part of GB18030 with its user-defined areas. The euro sign is A2E3, never the single byte 80; the
	// name dot is · (U+00B7, A1A4), and • (U+2022) cannot be carried.
	GBK
	// UTF8 carries every Unicode code point. Malformed UTF-8 and encoded surrogates are errors; a byte order mark is text.
	UTF8
)

// String returns the name of e as layouts write it: GB18030, GBK or UTF-8.
func (e Encoding) String() string {
	switch e {
	case GB18030:
		return "GB18030"
	case GBK:
		return "GBK"
	case UTF8:
		return "UTF-8"
	}
	return fmt.Sprintf("Encoding(%d)", uint8(e))
}

// Error says where a text cannot be converted. It never holds the text.
type Error struct {
	// Encoding is the encoding that was read or written.
	Encoding Encoding
	// Offset counts bytes from 0: of the text when encoding, of the file's bytes when decoding.
	Offset int
	// Decoding is true when the bytes at Offset are no character, false when the encoding cannot carry the character there.
	Decoding bool
}

// Error implements error.
func (e *Error) Error() string {
	if e.Decoding {
		return fmt.Sprintf("no %s character at byte %d", e.Encoding, e.Offset)
	}
	return fmt.Sprintf("%s cannot carry the character at byte %d", e.Encoding, e.Offset)
}

// CanCarry reports whether e can carry every character of s. A malformed s cannot be carried.
func (e Encoding) CanCarry(s string) bool { return e.obstacle(s) < 0 }

// Encode returns s in e. The error is an *Error.
func (e Encoding) Encode(s string) ([]byte, error) {
	b, err := e.Append(make([]byte, 0, len(s)+len(s)/2), s)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Decode returns the text that b holds in e. The error is an *Error.
func (e Encoding) Decode(b []byte) (string, error) {
	text, err := e.AppendDecoded(make([]byte, 0, len(b)+len(b)/2), b)
	return string(text), err
}
