// Package layout writes and reads the delimited text files that are exchanged with partners. A Layout declares what a kind
// of file holds; Writer and Reader stream any file of a declared layout, and memory does not grow with the rows.
//
// A file is text in the layout's encoding. Every line ends with LF, fields are separated by |, no field contains | or a
// control character, and an empty field means that there is no value:
//
//	H|<KIND>|<version>|<file name>|<YYYYMMDD>|<name of the file that this one answers, or empty>
//	D|<ref>|<field>|…      ref: 1 to 10 digits, ascending
//	T|<rows>|<total in fen>
//
// A file is good as a whole or refused as a whole, but whether it is good is known only at its last line. So the rows that
// Reader yields may be staged as they come, and must be committed only when the iteration has ended without an error.
package layout

import (
	"fmt"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
)

// Encoding is the character encoding of a file. The zero value is GB18030.
type Encoding = gb18030.Encoding

// The encodings that a layout may have.
const (
	GB18030 = gb18030.GB18030
	GBK     = gb18030.GBK
	UTF8    = gb18030.UTF8
)

// Layout declares one kind of file.
type Layout struct {
	Kind     card.FileKind
	Version  int
	Answers  card.FileKind // the kind of file that a file of this kind answers; empty when it answers none
	Encoding Encoding
	Columns  []Column // the fields after D and ref
}

// Column declares one field of a detail line.
type Column struct {
	Name  string // as partners are told it, such as card_no
	Shape Shape
	// Min and Max bound the number of characters; a Max of 0 bounds only by the length of the line. Date and Moment have
	// their own lengths.
	Min, Max int
	// Optional fields may be empty.
	Optional bool
	// Personal fields hold personal data: errors about them tell only the shape of what was found.
	Personal bool
}

// Name returns the layout's name as it stands in manifests, such as ACCTREQ/1.
func (l *Layout) Name() string { return fmt.Sprintf("%s/%d", l.Kind, l.Version) }

// answered returns the name of the file that f answers, or an empty text.
func (l *Layout) answered(f card.File) string {
	if l.Answers == "" {
		return ""
	}
	return f.Answer(l.Answers).Name()
}

// column returns the number and the name of the layout's i-th column, counted over all fields of a line from 1.
func (l *Layout) column(i int) (number int, name string) {
	if i < 0 || i >= len(l.Columns) {
		return 0, ""
	}
	return i + recordFields + 1, l.Columns[i].Name
}

// recordFields is the number of fields before the first column: the record letter and the ref.
const recordFields = 2

// MaxLine is the longest line in bytes, its LF not counted.
const MaxLine = 4096
