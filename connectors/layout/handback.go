package layout

import (
	"errors"
	"strings"
	"unicode"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
)

// roster says whether rows are handed back to whoever sent them, together with what was wrong.
func (l *Layout) roster() bool { return l.Message.Kind == card.PayList }

// handBack prepares a row of a roster that is refused alone: its fields as far as they can be read, and else as they stand in the
// file. Its money counts; when that cannot be read, the total that the file may tell cannot be checked.
func (r *Reader) handBack(cells []string) {
	clear(r.row.Fields)
	for i := range r.layout.detail.columns {
		c := &r.layout.detail.columns[i]
		if c.source != isField {
			continue
		}
		value, wrong := c.read(cells[i])
		if wrong != nil {
			value = cells[i]
		}
		r.row.Fields[c.index] = value
		if c.index == r.layout.money {
			r.countOwn(value, wrong)
		}
	}
}

// countOwn counts the money of a row that is handed back.
func (r *Reader) countOwn(fen string, wrong *problem) {
	if wrong != nil {
		r.row.Fen, r.unread = -1, true
		return
	}
	before := r.fen
	r.addMoney(fen)
	r.row.Fen = r.fen - before
}

// refuseShape refuses a line that does not fall into the columns of a row. That of a roster goes back alone, where the format has it so,
// with its text; which part of it is its money nobody can tell.
func (r *Reader) refuseShape(wrong *problem) error {
	refused := r.refuse(&r.layout.detail, -1, wrong)
	if !r.layout.roster() || !r.layout.rowRefused || wrong.at > 0 {
		return refused
	}
	clear(r.row.Fields)
	r.row.Line, r.row.Fen, r.unread = r.line, -1, true
	if r.layout.counted {
		r.row.Ref = r.rows
	}
	r.row.Misshapen, r.row.Text = true, r.layout.legible(r.lines.raw())
	r.last = append(r.last[:0], r.lines.raw()...)
	return card.RefuseRow(refused)
}

// legible is a line for people: bytes that are no character show as U+FFFD, control characters as spaces.
func (l *Layout) legible(line []byte) string {
	if l.form == workbook {
		return spaced(string(line))
	}
	var text []byte
	for {
		var err error
		var broken *gb18030.Error
		if text, err = l.encoding.AppendDecoded(text, line); !errors.As(err, &broken) {
			return spaced(string(text))
		}
		text, _ = l.encoding.AppendDecoded(text, line[:broken.Offset]) // right up to there
		text, line = append(text, "\uFFFD"...), line[broken.Offset+1:]
	}
}

func spaced(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text)
}

// handedBack is the row that goes with an error, nil when the whole file is refused or nobody is handed rows.
func (r *Reader) handedBack(err error) *Row {
	if !r.layout.roster() || !card.IsRefusedRow(err) {
		return nil
	}
	return &r.row
}
