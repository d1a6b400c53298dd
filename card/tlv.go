package card

import (
	"errors"
	"fmt"
)

// TLV is one record of a chip file: a tag, and a value of at most MaxTLVValue bytes.
type TLV struct {
	Tag   byte
	Value []byte
}

// Limits of ParseTLV: a file of the chip is small, whatever a foreign line claims.
const (
	MaxTLVBytes = 4096
	MaxTLVValue = 253
)

var (
	errTLVSize     = fmt.Errorf("more than %d bytes", MaxTLVBytes)
	errTLVTag      = errors.New("tag 00 or FF")
	errTLVRepeated = errors.New("tag occurs twice")
	errTLVCut      = errors.New("value is cut short")
	errTLVLength   = fmt.Errorf("value longer than %d bytes", MaxTLVValue)
)

// ParseTLV reads joined records of one-byte tag, one-byte length and value. Every byte must belong to a record and no tag may
// occur twice; else the Error is Invalid with FILE_LAYOUT and names the position, never the content. The values share b.
func ParseTLV(b []byte) ([]TLV, error) {
	if len(b) > MaxTLVBytes {
		return nil, E(Invalid, "parse chip records", ReasonFileLayout, errTLVSize)
	}
	var (
		seen    [256]bool
		records []TLV
	)
	for at := 0; at < len(b); {
		record, err := oneTLV(b[at:])
		if err == nil && seen[record.Tag] {
			err = errTLVRepeated
		}
		if err != nil {
			return nil, E(Invalid, "parse chip records", ReasonFileLayout, fmt.Errorf("byte %d: %w", at, err))
		}
		seen[record.Tag] = true
		records = append(records, record)
		at += 2 + len(record.Value)
	}
	return records, nil
}

func oneTLV(b []byte) (TLV, error) {
	if b[0] == 0x00 || b[0] == 0xFF {
		return TLV{}, errTLVTag
	}
	if len(b) < 2 {
		return TLV{}, errTLVCut
	}
	length := int(b[1])
	switch {
	case length > MaxTLVValue:
		return TLV{}, errTLVLength
	case 2+length > len(b):
		return TLV{}, errTLVCut
	}
	return TLV{Tag: b[0], Value: b[2 : 2+length]}, nil
}
