package layout

import "onecard/card"

// ParseFor reads a format of a message that no partner has.
func ParseFor(text string, m *Message) (*Layout, error) {
	return parse(text, func(card.FileKind) (*Message, bool) { return m, true })
}
