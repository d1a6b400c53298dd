package layout

import "onecard/card"

// ParseFor reads a format of a message that no partner has.
func ParseFor(text string, m *Message) (*Layout, error) {
	return parse(text, func(card.FileKind) (*Message, bool) { return m, true })
}

// Lossless says whether every value of the i-th field comes back as it was.
func (l *Layout) Lossless(i int) bool {
	if l.counted || l.columnOf[i] < 0 {
		return false
	}
	c := &l.detail.columns[l.columnOf[i]]
	list, coded := c.conv.(*codes)
	if !coded {
		return c.preset == ""
	}
	for ours, theirs := range list.write {
		if list.read[theirs] != ours {
			return false
		}
	}
	return true
}
