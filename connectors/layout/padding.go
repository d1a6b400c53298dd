package layout

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// blanks are copied, which is faster than writing them one by one.
const blanks = "                                                                                                                                "

// padding fills a column up to its width in bytes of the file's encoding.
type padding struct {
	width int  // 0 for a column that is as long as its content
	right bool // the content stands at the right
	with  byte // a plain character
	exact bool // the content always fills the width
}

// strip returns the content of a padded column. Nothing but blanks is no content.
func (p padding) strip(cell string, number bool) string {
	if p.width == 0 {
		return cell
	}
	if strings.Trim(cell, " ") == "" {
		return ""
	}
	if p.exact {
		return cell
	}
	if !p.right {
		return strings.TrimRight(cell, string(rune(p.with)))
	}
	content := strings.TrimLeft(cell, string(rune(p.with)))
	if content == "" && number || p.with == '0' && number && content[0] == '.' {
		return "0" + content
	}
	return content
}

// keeps says whether content comes back as it is.
func (p padding) keeps(content string, number bool) bool {
	return p.width == 0 || content == "" || p.strip(content, number) == content
}

// fill pads the content that stands in line from an offset on; ok is false when it is longer than the width.
func (p padding) fill(line []byte, from int) (filled []byte, ok bool) {
	length := len(line) - from
	if p.width == 0 || length == p.width {
		return line, true
	}
	if length > p.width {
		return line, false
	}
	with := p.with
	if length == 0 {
		with = ' '
	}
	line = pad(line, with, p.width-length)
	if p.right {
		copy(line[len(line)-length:], line[from:from+length])
		for i := from; i < len(line)-length; i++ {
			line[i] = with
		}
	}
	return line, true
}

func pad(line []byte, with byte, n int) []byte {
	for ; with == ' ' && n > len(blanks); n -= len(blanks) {
		line = append(line, blanks...)
	}
	if with == ' ' {
		return append(line, blanks[:n]...)
	}
	for range n {
		line = append(line, with)
	}
	return line
}

// bare takes off the bytes of a column that strip would take off, as far as they need not be decoded for that: a blank is
// never part of a longer character.
func (p padding) bare(raw []byte) []byte {
	if p.right || p.exact || p.with != ' ' {
		return raw
	}
	return trimBlanks(raw)
}

// eightBlanks is the text of so many blanks, as a number.
const eightBlanks = 0x2020202020202020

// trimBlanks takes the blanks off the end, eight at a time: columns of fixed widths are blanks for the most part.
func trimBlanks(b []byte) []byte {
	for len(b) >= 8 && binary.LittleEndian.Uint64(b[len(b)-8:]) == eightBlanks {
		b = b[:len(b)-8]
	}
	return bytes.TrimRight(b, " ")
}
