package layout

import "onecard/card"

// part takes one column of a time that several columns share.
func (r *Reader) part(c *column, cell string) *problem {
	t := &r.times[c.index]
	if cell == "" || cell == c.empty {
		return nil
	}
	if !c.part.into(t[:], cell) {
		return wrongly(card.ReasonFileLayout, c.show(cell), c.expected())
	}
	return nil
}

// assemble puts together the times that several columns share, and returns the first column of one that is wrong.
func (r *Reader) assemble() (first int, wrong *problem) {
	for _, i := range r.layout.split {
		t := &r.times[i]
		value := string(t[:])
		clear(t[:])
		if value == noTime {
			value = ""
		}
		first = r.layout.columnOf[i]
		if c := &r.layout.detail.columns[first]; !c.field.accepts(value) || value == "" && c.required {
			return first, wrongly(card.ReasonFileLayout, describe(value), c.field.expected()+" in its columns together")
		}
		r.row.Fields[i] = value
	}
	return 0, nil
}

// noTime is what is left of a time none of whose columns holds anything.
const noTime = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
