package layout

import (
	"fmt"
	"strings"
)

// Place is one column of a record as a format declares it, for people.
type Place struct {
	Record string `json:"record"` // header, detail, trailer
	Line   int    `json:"line"`   // of several headers or trailers, from 1
	Number int    `json:"number"` // of the column, from 1
	From   int    `json:"from,omitempty"`
	Width  int    `json:"width,omitempty"` // in fixed widths: the first byte of the column in its line, from 1, and the length
	Name   string `json:"name"`
	Holds  string `json:"holds"` // in words
}

// Outline returns all columns of the layout in the order in which they stand on file.
func (l *Layout) Outline() []Place {
	var places []Place
	for _, group := range [][]record{l.header, {l.detail}, l.trailer} {
		for n, r := range group {
			from := 1
			for i := range r.columns {
				c := &r.columns[i]
				p := Place{Record: r.name, Line: n + 1, Number: i + 1, Name: c.name, Holds: c.holds()}
				if l.form == fixed {
					p.From, p.Width = from, c.width
					from += c.width
				}
				places = append(places, p)
			}
		}
	}
	return places
}

func (c *column) holds() string {
	switch c.source {
	case isConst:
		return fmt.Sprintf("%q", c.text)
	case isIgnored:
		return fmt.Sprintf("%q; not read", c.text)
	case isField:
		return c.expected()
	case isTotal:
		if c.conv != nil {
			return c.conv.words()
		}
		return "fen"
	case isDate:
		if c.conv != nil {
			return c.conv.words()
		}
		return "YYYYMMDD"
	case isRef, isLine, isRows, isKind, isVersion, isFile, isAnswered, isPartner, isSequence:
	}
	return "<" + c.name + ">"
}

// Form says in a few words what kind of file it is, such as "delimited by |, GBK, LF".
func (l *Layout) Form() string {
	end := "LF"
	if l.lineEnd == "\r\n" {
		end = "CRLF"
	}
	mark := ""
	if l.bom {
		mark = " with byte order mark"
	}
	switch l.form {
	case delimited:
		return fmt.Sprintf("delimited by %q, %s%s, %s", l.delimiter, l.encoding, mark, end)
	case fixed:
		return fmt.Sprintf("fixed widths, %d bytes a row, %s%s, %s", l.detail.width, l.encoding, mark, end)
	case workbook:
	}
	return "workbook, sheet " + l.sheet
}

// Notes tell what somebody who puts the format into use should know, in English and Chinese.
func (l *Layout) Notes() []string {
	var notes []string
	var absent []string
	for i, f := range l.Message.Fields {
		if l.columnOf[i] < 0 {
			absent = append(absent, f.Name)
		}
	}
	if len(absent) > 0 {
		list := strings.Join(absent, ", ")
		notes = append(notes, "fields of "+string(l.Message.Kind)+" that are not on file: "+list+" (文件中没有的字段: "+list+")")
	}
	if l.encoding == GBK {
		notes = append(notes, "GBK carries no character beyond two bytes: such a name refuses its row (GBK 放不下的生僻字姓名会使该行被拒)")
	}
	if l.counted {
		notes = append(notes, "rows bear no ref and are counted (行没有编号，按顺序计数)")
	}
	if l.anyOrder || len(l.fingerprint) > 0 {
		notes = append(notes, fmt.Sprintf("every row is remembered: at most %d rows a file (需记住每一行，每个文件最多 %d 行)", maxRemembered, maxRemembered))
	}
	return notes
}
