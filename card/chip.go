package card

import (
	"errors"
	"fmt"
)

// Tags of the records of EF05 (发卡机构数据) and EF06 (持卡人基本信息). Records are found by tag, for their numbers differ
// between the generations of cards.
const (
	TagIdentCode   = 0x01
	TagCategory    = 0x02
	TagSpecVersion = 0x03
	TagInitOrg     = 0x04
	TagIssueDate   = 0x05
	TagValidUntil  = 0x06
	TagCardNo      = 0x07
	TagSSN         = 0x08
	TagName        = 0x09
	TagSex         = 0x0A
	TagEthnic      = 0x0B
	TagBirthplace  = 0x0C
	TagBirth       = 0x0D
	TagNameExt     = 0x4E
)

// Bytes of a name in its record and in the one that continues it.
const (
	nameBytes    = 30
	nameExtBytes = 20
)

// EF05Data is the issuer's data on the chip. Dates are YYYYMMDD, InitOrg is up to 24 digits, SpecVersion such as 3.00. An
// empty field is written as the chip's own kind of empty.
type EF05Data struct {
	IdentCode   IdentCode
	Category    string
	SpecVersion string
	InitOrg     string
	IssueDate   string
	ValidUntil  string
	CardNo      Number
}

// EF05 returns the records of EF05 as joined TLVs, in the order of their record numbers: 1 to 7, or 2 to 7 without
// identification code, which only the maker of the chip knows. A field longer than its record is cut.
func EF05(d EF05Data) []byte {
	b := make([]byte, 0, 64)
	if d.IdentCode != "" {
		b = appendBCD(b, TagIdentCode, 16, string(d.IdentCode))
	}
	b = appendText(b, TagCategory, 1, []byte(d.Category))
	b = appendText(b, TagSpecVersion, 4, []byte(d.SpecVersion))
	b = appendBCD(b, TagInitOrg, 12, d.InitOrg)
	b = appendBCD(b, TagIssueDate, 4, d.IssueDate)
	b = appendBCD(b, TagValidUntil, 4, d.ValidUntil)
	return appendText(b, TagCardNo, 9, []byte(d.CardNo))
}

// EF06Data is what the chip says about the holder, apart from the name. Birthplace is a GB/T 2260 code, Birth YYYYMMDD.
type EF06Data struct {
	SSN        string
	Sex        Sex
	Ethnic     string
	Birthplace string
	Birth      string
}

var errDocLength = errors.New("the document number does not fit its record")

// EF06 returns the seven records of EF06 of cards of generation 2 and 3 as joined TLVs. name is in GB18030; what does not
// fit tag 09 goes to tag 4E, split between characters. A name that fits no more, or is not GB18030, is an Invalid Error
// with NAME_TOO_LONG or NAME_UNENCODABLE, and a number beyond 18 bytes one with DOC_SHAPE.
func EF06(d EF06Data, name []byte) ([]byte, error) {
	head, rest, err := splitName(name)
	if err != nil {
		return nil, err
	}
	if len(d.SSN) > maxDocLength {
		return nil, E(Invalid, "lay out EF06", ReasonDocShape, errDocLength)
	}
	b := make([]byte, 0, 96)
	b = appendText(b, TagSSN, maxDocLength, []byte(d.SSN))
	b = appendText(b, TagName, nameBytes, head)
	b = appendText(b, TagNameExt, nameExtBytes, rest)
	b = appendText(b, TagSex, 1, []byte(d.Sex))
	b = appendBCD(b, TagEthnic, 1, d.Ethnic)
	b = appendBCD(b, TagBirthplace, 3, d.Birthplace)
	return appendBCD(b, TagBirth, 4, d.Birth), nil
}

// splitName cuts a GB18030 name after the last whole character within the first record.
func splitName(name []byte) (head, rest []byte, err error) {
	cut := 0
	for at := 0; at < len(name); {
		width := widthGB18030(name[at:])
		if width == 0 {
			return nil, nil, E(Invalid, "lay out EF06", ReasonNameUnencodable, fmt.Errorf("no GB18030 character at byte %d", at))
		}
		at += width
		if at <= nameBytes {
			cut = at
		}
	}
	if len(name)-cut > nameExtBytes {
		return nil, nil, E(Invalid, "lay out EF06", ReasonNameTooLong, fmt.Errorf("%d bytes of name", len(name)))
	}
	return name[:cut], name[cut:], nil
}

// widthGB18030 returns how many bytes the character at the start of b takes, or 0 when none stands there. A zero byte is no
// character, for the chip pads with it.
func widthGB18030(b []byte) int {
	switch {
	case b[0] > 0 && b[0] < 0x80:
		return 1
	case len(b) < 2 || !leadByte(b[0]):
		return 0
	case b[1] >= 0x40 && b[1] != 0x7F && b[1] != 0xFF:
		return 2
	case len(b) >= 4 && fourthByte(b[1]) && leadByte(b[2]) && fourthByte(b[3]):
		return 4
	}
	return 0
}

func leadByte(c byte) bool { return c >= 0x81 && c <= 0xFE }

func fourthByte(c byte) bool { return c >= 0x30 && c <= 0x39 }

// appendText appends a record of type an or b: left-aligned, padded with zero bytes.
func appendText(b []byte, tag, size byte, value []byte) []byte {
	b = append(b, tag, size)
	for i := range int(size) {
		if i < len(value) {
			b = append(b, value[i])
		} else {
			b = append(b, 0)
		}
	}
	return b
}

// appendBCD appends a record of type cn: digits left-aligned, right nibbles F. The identification code may hold the hex
// digits A to F as well.
func appendBCD(b []byte, tag, size byte, digits string) []byte {
	b = append(b, tag, size)
	for i := range int(size) {
		b = append(b, nibble(digits, 2*i)<<4|nibble(digits, 2*i+1))
	}
	return b
}

func nibble(digits string, i int) byte {
	switch {
	case i >= len(digits):
		return 0xF
	case isDigit(digits[i]):
		return digits[i] - '0'
	case isUpperHex(digits[i]):
		return digits[i] - 'A' + 10
	}
	return 0xF
}
