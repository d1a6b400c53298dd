package sim

import (
	"bytes"
	"encoding/csv"
	"errors"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Entry is one line of a partner's ledger. In an Entry that is read, all fields share memory that is valid only until the
// next one.
type Entry struct {
	Time    []byte // RFC 3339 with milliseconds, Asia/Shanghai
	Event   []byte
	File    []byte // the file that caused it
	Ref     []byte
	Number  []byte // the person's number
	CardNo  []byte
	PAN     []byte
	Account []byte
	Result  []byte
	Detail  []byte
}

// ledgerHeader is the first line of every ledger.
const ledgerHeader = "time,event,file,ref,number,card_no,pan,account,result,detail\n"

// ledgerColumns is the number of columns.
const ledgerColumns = 10

func (e *Entry) columns() [ledgerColumns]*[]byte {
	return [ledgerColumns]*[]byte{
		&e.Time, &e.Event, &e.File, &e.Ref, &e.Number, &e.CardNo, &e.PAN, &e.Account, &e.Result, &e.Detail,
	}
}

// appendTo appends the entry as one CSV line (RFC 4180 quoting, UTF-8).
func (e *Entry) appendTo(line []byte) []byte {
	for i, column := range e.columns() {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendCell(line, *column)
	}
	return append(line, '\n')
}

func appendCell(line, cell []byte) []byte {
	simple := true
	for _, c := range cell {
		if c >= 0x80 || c < 0x20 || c == ',' || c == '"' {
			simple = false
			break
		}
	}
	if simple {
		return append(line, cell...)
	}
	return appendQuoted(line, cell)
}

// appendQuoted is for what came over the wire in GB18030 or with characters that CSV gives a meaning.
func appendQuoted(line, cell []byte) []byte {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(cell)
	if err != nil {
		text = bytes.ToValidUTF8(cell, []byte("?"))
	}
	line = append(line, '"')
	for _, c := range text {
		if c == '"' {
			line = append(line, '"')
		}
		if c >= 0x20 {
			line = append(line, c)
		}
	}
	return append(line, '"')
}

// parse reads one line of a ledger, without its line feed.
func (e *Entry) parse(line []byte) error {
	if bytes.IndexByte(line, '"') >= 0 {
		return e.parseQuoted(line)
	}
	for i, column := range e.columns() {
		cell, rest, found := bytes.Cut(line, []byte(","))
		if found != (i < ledgerColumns-1) {
			return errors.New("ledger line: wrong number of columns")
		}
		*column, line = cell, rest
	}
	return nil
}

func (e *Entry) parseQuoted(line []byte) error {
	r := csv.NewReader(bytes.NewReader(line))
	r.FieldsPerRecord = ledgerColumns
	cells, err := r.Read()
	if err != nil {
		return errors.New("ledger line: not CSV")
	}
	for i, column := range e.columns() {
		*column = []byte(cells[i])
	}
	return nil
}
