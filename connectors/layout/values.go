package layout

import (
	"fmt"

	"onecard/card"
)

// values checks the columns of a row and takes its values.
func (r *Reader) values(rec *record, cells []string) (found bool, err error) {
	clear(r.row.Fields)
	for i := range rec.columns {
		c := &rec.columns[i]
		if wrong := r.value(c, cells[i]); wrong != nil {
			return false, r.refuseCell(i, cells, wrong)
		}
	}
	if i, wrong := r.assemble(); wrong != nil {
		return false, r.refuseCell(i, cells, wrong)
	}
	return r.accept()
}

// refuseCell refuses the row because of its i-th column. Its money counts all the same: the partner has counted it.
func (r *Reader) refuseCell(i int, cells []string, wrong *problem) error {
	rec := &r.layout.detail
	alone := r.layout.rowRefused
	if _, isCode := rec.columns[i].conv.(*codes); isCode {
		alone = rec.columns[i].unknown
	}
	refused := refuseRow(refusal(opRead, wrong.reason, r.fault(rec, i, wrong)), alone)
	if !alone || r.layout.money < 0 {
		return refused
	}
	if r.layout.roster() {
		r.handBack(cells)
		return refused
	}
	if err := r.countMoney(cells); err != nil {
		return err
	}
	return refused
}

// countMoney adds the money of a row that is not taken; when it cannot be read, the total cannot be checked.
func (r *Reader) countMoney(cells []string) error {
	rec, at := &r.layout.detail, r.layout.columnOf[r.layout.money]
	fen, wrong := rec.columns[at].read(cells[at])
	if wrong != nil {
		return r.refuse(rec, at, wrong)
	}
	r.addMoney(fen)
	return nil
}

func (r *Reader) addMoney(fen string) {
	n, _ := count(fen) // it was accepted
	r.fen += int64(n)
}

// value checks one column of a row.
func (r *Reader) value(c *column, cell string) *problem {
	switch c.source {
	case isField:
		if c.conv == nil && cell != "" && cell != c.empty { // most columns
			if c.field.accepts(cell) {
				r.row.Fields[c.index] = cell
				return nil
			}
		}
		if c.part != nil {
			return r.part(c, cell)
		}
		value, wrong := c.read(cell)
		r.row.Fields[c.index] = value
		return wrong
	case isIgnored, isRef:
		return nil
	case isLine:
		if n, ok := count(cell); !ok || n != r.rows {
			return wrongly(card.ReasonFileLayout, showCode(cell), fmt.Sprint(r.rows))
		}
		return nil
	case isConst, isRows, isTotal, isKind, isVersion, isFile, isAnswered, isPartner, isDate, isSequence:
	}
	return r.constant(c, cell)
}

// accept takes a row whose columns are right.
func (r *Reader) accept() (found bool, err error) {
	if m := r.layout.money; m >= 0 {
		before := r.fen
		r.addMoney(r.row.Fields[m])
		r.row.Fen = r.fen - before
	}
	sum, again := r.seen.check(r.row.Fields)
	if again != nil {
		return false, refuseRow(refusal(opRead, again.reason, r.fault(nil, -1, again)), r.layout.rowRefused)
	}
	r.seen.keep(sum)
	return true, nil
}
