package layout

import (
	"slices"

	"onecard/card"
)

// Message declares what a kind of file says, whatever a partner's file looks like: the fields of its rows in our own
// codes and shapes. Formats say how it stands on file.
type Message struct {
	Kind    card.FileKind
	Answers card.FileKind // the kind of file that a file of this kind answers; empty when it answers none
	Inward  bool          // partners write it and the hub reads it; otherwise the other way round
	Fields  []Field       // of a row, beside its ref
}

// Field is one field of a message's rows.
type Field struct {
	Name  string // such as card_no
	Shape Shape
	// Min and Max bound the number of characters; a Max of 0 bounds only by the length of the line. Date, Moment and Amount
	// have their own lengths.
	Min, Max int
	// Optional fields may be empty.
	Optional bool
	// Needed fields must be on file also where the hub writes it: without them the partner cannot do what it is told.
	Needed bool
	// Personal fields hold personal data: errors about them tell only the shape of what was found.
	Personal bool
	// Codes are the codes that the field may hold; nil for all that its shape allows.
	Codes []string
}

// MessageOf returns the message of files of kind k.
func MessageOf(k card.FileKind) (*Message, bool) {
	i := slices.IndexFunc(messages, func(m Message) bool { return m.Kind == k })
	if i < 0 {
		return nil, false
	}
	return &messages[i], true
}

// Kinds returns the kinds of files that there are messages for, in the order in which a card goes through them.
func Kinds() []card.FileKind {
	kinds := make([]card.FileKind, len(messages))
	for i := range messages {
		kinds[i] = messages[i].Kind
	}
	return kinds
}

// field returns the index of the field called name, or -1.
func (m *Message) field(name string) int {
	return slices.IndexFunc(m.Fields, func(f Field) bool { return f.Name == name })
}

// money returns the index of the field whose amounts add up to the file's total, or -1. Balances are no such amounts.
func (m *Message) money() int { return m.field(amount.Name) }

// unsolicited says whether nothing is matched by the refs of its rows.
func (m *Message) unsolicited() bool { return m.Inward && m.Answers == "" }

func (m *Message) fieldNames() []string {
	names := make([]string, len(m.Fields))
	for i := range m.Fields {
		names[i] = m.Fields[i].Name
	}
	return names
}
