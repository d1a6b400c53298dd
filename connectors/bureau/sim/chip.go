package sim

import (
	"bytes"

	exchange "onecard/connectors/exchange/sim"
)

// chip examines the records that are to be written into one card. Its buffers are used again for the next card.
type chip struct {
	raw  []byte
	area [3]byte // the issuing city, from the initialising organisation
}

// record is a tag that a file must have, with the length of its value.
type record struct {
	tag, length byte
	optional    bool
}

// Records 2 to 7 of EF05; record 1 is the identification code, which the bureau makes.
var issuerRecords = []record{{0x02, 1, false}, {0x03, 4, false}, {0x04, 12, false}, {0x05, 4, false}, {0x06, 4, false}, {0x07, 9, false}}

// All records of EF06; 4E holds what of a name does not fit in 09.
var holderRecords = []record{
	{0x08, 18, false}, {0x09, 30, false}, {0x4e, 20, true}, {0x0a, 1, false}, {0x0b, 1, false}, {0x0c, 3, false}, {0x0d, 4, false},
}

// examine returns in a few words what is wrong with a production row, naming the column or tag, or "".
func (c *chip) examine(r exchange.Row) string {
	switch {
	case string(r[face]) != faceVersion:
		return "face version"
	case !cardNumber(r[cardNo]):
		return "card_no"
	case !payment(r[pan]):
		return "pan"
	case len(r[name]) == 0:
		return "name"
	case len(r[number]) == 0 || len(r[number]) > 18:
		return "number"
	}
	if fault := c.issuer(r); fault != "" {
		return "EF05 " + fault
	}
	if fault := c.holder(r); fault != "" {
		return "EF06 " + fault
	}
	return ""
}

// values cuts joined TLVs into the values of the records wanted, in their order; absent optional ones are nil.
func values(raw []byte, wanted []record, into [][]byte) ([][]byte, bool) {
	into = into[:0]
	for _, w := range wanted {
		if len(raw) < 2 || raw[0] != w.tag {
			if !w.optional {
				return into, false
			}
			into = append(into, nil)
			continue
		}
		if raw[1] != w.length || len(raw) < 2+int(w.length) {
			return into, false
		}
		into = append(into, raw[2:2+int(w.length)])
		raw = raw[2+int(w.length):]
	}
	return into, len(raw) == 0
}

// issuer checks EF05: category, version, initialising organisation, issue date, valid until, card number.
func (c *chip) issuer(r exchange.Row) string {
	var ok bool
	if c.raw, ok = unhex(c.raw, r[ef05]); !ok {
		return "not hex"
	}
	var space [8][]byte
	v, ok := values(c.raw, issuerRecords, space[:0])
	if !ok {
		return "records"
	}
	switch {
	case v[1][0] != '3':
		return "tag 03"
	case !bytes.HasPrefix(v[2], []byte{0x91, 0x56, 0x00, 0x00, 0x02}) || !decimal(v[2][5:11]):
		return "tag 04"
	case !date(v[3]):
		return "tag 05"
	case !date(v[4]) || bytes.Compare(v[4], v[3]) <= 0:
		return "tag 06"
	case !bytes.Equal(v[5], r[cardNo]):
		return "tag 07"
	}
	copy(c.area[:], v[2][8:11]) // of the two areas the second is the city
	return ""
}

// holder checks EF06: number, name and its extension, sex, ethnic group, place and date of birth.
func (c *chip) holder(r exchange.Row) string {
	var ok bool
	if c.raw, ok = unhex(c.raw, r[ef06]); !ok {
		return "not hex"
	}
	var space [8][]byte
	v, ok := values(c.raw, holderRecords, space[:0])
	if !ok {
		return "records"
	}
	switch {
	case !padded(v[0], r[number]):
		return "tag 08"
	case !names(v[1], v[2], r[name]):
		return "tags 09 and 4E"
	case v[3][0] != '0' && v[3][0] != '1' && v[3][0] != '2' && v[3][0] != '9':
		return "tag 0A"
	case !decimal(v[4]) && v[4][0] != 0xff: // none for people from outside the mainland
		return "tag 0B"
	case !decimal(v[5]) && !bytes.Equal(v[5], []byte{0xff, 0xff, 0xff}):
		return "tag 0C"
	case !birth(v[6], r[number]):
		return "tag 0D"
	}
	return ""
}

// padded reports whether an "an" value is want, filled up with zero bytes.
func padded(value, want []byte) bool {
	return len(want) <= len(value) && bytes.HasPrefix(value, want) && len(bytes.Trim(value[len(want):], "\x00")) == 0
}

// names joins 09 and 4E: together they are the name, and the cut between them is between two characters.
func names(first, rest, want []byte) bool {
	first = bytes.TrimRight(first, "\x00")
	rest = bytes.TrimRight(rest, "\x00")
	if len(first)+len(rest) != len(want) || !bytes.HasPrefix(want, first) || !bytes.HasSuffix(want, rest) {
		return false
	}
	at := 0
	for at < len(first) {
		at += charWidth(want[at:])
	}
	return at == len(first)
}

// charWidth is the length of the GB18030 character that p begins with.
func charWidth(p []byte) int {
	switch {
	case p[0] < 0x81:
		return 1
	case len(p) > 1 && p[1] >= '0' && p[1] <= '9':
		return 4
	default:
		return 2
	}
}

// birth compares the date in the chip with the one in an 18-digit number.
func birth(value, number []byte) bool {
	if !date(value) {
		return false
	}
	if len(number) != 18 || number[0] == '9' {
		return true // passports and the like say nothing about the birth
	}
	var space [8]byte
	return bytes.Equal(appendUpperHex(space[:0], value), number[6:14])
}
