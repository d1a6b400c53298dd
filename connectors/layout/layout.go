// Package layout writes and reads the files that are exchanged with partners.
//
// A Message declares what a kind of file says: the fields of its rows, in our own codes and shapes. A format, declared in
// TOML, says how one partner wants that on file: delimited text, text of fixed widths or a workbook, in which encoding, with
// which header, columns, trailer, codes, dates and amounts. Both together are a Layout; Writer and Reader stream any file of
// a layout, and memory does not grow with the rows. The formats that ship are in formats/; a partner that brings none of its
// own gets the standard one of each message, and a new partner needs a format and no Go.
//
// Whoever writes or reads rows sees the message only: its fields in order, and the row's ref, a number of 1 to 10 digits that
// answers repeat.
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

// Layout is a message in a partner's format. It is not changed after it was made, and safe for concurrent use.
type Layout struct {
	Message *Message
	Format  string // name of the format, such as standard-acctreq
	Title   string // what the format is, for people
	Version int    // of the format, as in manifests

	form      form
	encoding  Encoding
	bom       bool
	lineEnd   string
	delimiter string
	quote     quoting
	sheet     string // name of the workbook's sheet

	header, trailer []record
	detail          record
	columnOf        []int   // of each field of the message, its first column in the detail record; -1 when it has none
	counted         bool    // refs are not on file: rows are counted
	anyOrder        bool    // refs need not ascend
	rowRefused      bool    // a row that is wrong in itself is refused alone, and not the file for its sake
	fingerprint     []int   // fields that make two rows the same
	split           []int   // fields that several columns share
	money           int     // the field whose amounts add up to the total; -1 when there is none
	answers         *string // see Answering
}

// form is the kind of file.
type form uint8

const (
	delimited form = iota
	fixed
	workbook
)

func (f form) String() string { return [...]string{"delimited", "fixed", "workbook"}[f] }

// quoting is which fields stand in quotation marks.
type quoting uint8

const (
	quoteNone quoting = iota
	quoteNeeded
	quoteAlways
)

// record is a line, or one of the lines, of a file's beginning, rows or end.
type record struct {
	name     string // header, detail, trailer
	columns  []column
	headings bool   // it holds the names of the detail's columns
	mark     string // what the first column always says, and so tells the record from the others; empty when it does not
	prefix   []byte // the mark on file, in fixed widths
	width    int    // of the whole line in bytes, in fixed widths
}

// Name returns the layout's name as it stands in manifests: kind and version, such as ACCTREQ/1.
func (l *Layout) Name() string { return fmt.Sprintf("%s/%d", l.Message.Kind, l.Version) }

// Encoding returns the encoding of the file's text; a workbook has UTF-8.
func (l *Layout) Encoding() Encoding { return l.encoding }

// IsWorkbook says whether files are workbooks and no text.
func (l *Layout) IsWorkbook() bool { return l.form == workbook }

// Answering returns the layout of one file that answers the file called name, where that does not follow from its own name;
// an empty name answers none.
func (l *Layout) Answering(name string) *Layout {
	one := *l
	one.answers = &name
	return &one
}

// answered returns the name of the file that f answers, or an empty text.
func (l *Layout) answered(f card.File) string {
	if l.answers != nil {
		return *l.answers
	}
	if l.Message.Answers == "" {
		return ""
	}
	return f.Answer(l.Message.Answers).Name()
}

// column returns the number, counted from 1, and the name of the column that holds the message's i-th field.
func (l *Layout) column(i int) (number int, name string) {
	if i < 0 || i >= len(l.Message.Fields) {
		return 0, ""
	}
	if at := l.columnOf[i]; at >= 0 {
		return at + 1, l.detail.columns[at].name
	}
	return 0, l.Message.Fields[i].Name
}

// MaxLine is the longest line in bytes, its end not counted.
const MaxLine = 4096

// maxRef is the highest ref, of ten digits.
const maxRef = 9_999_999_999
