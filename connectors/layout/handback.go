package layout

import "onecard/card"

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

// handedBack is the row that goes with an error, nil when the whole file is refused or nobody is handed rows.
func (r *Reader) handedBack(err error) *Row {
	if !r.layout.roster() || !card.IsRefusedRow(err) {
		return nil
	}
	return &r.row
}
