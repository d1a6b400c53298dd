package sim

import (
	"encoding/binary"
	"encoding/hex"
)

// testKey is the published test key; a real issuer's key never leaves its encryption machine.
func testKey() []byte {
	return []byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10}
}

// rid is the registered identifier of the social security card.
var rid = [5]byte{0xd1, 0x56, 0x00, 0x00, 0x05}

const upperHex = "0123456789ABCDEF"

func appendUpperHex(p, raw []byte) []byte {
	for _, c := range raw {
		p = append(p, upperHex[c>>4], upperHex[c&15])
	}
	return p
}

// appendIdent appends a card identification code as 32 hex characters: area, RID, serial and the check value, which is the
// SM4-CBC-MAC (IV 0) over the 12 bytes before it and 80 00 00 00, its four words folded by XOR.
func (b *Bureau) appendIdent(p []byte, area [3]byte, serial int64) []byte {
	block, mac := b.block[:], b.mac[:]
	copy(block, area[:])
	copy(block[3:], rid[:])
	binary.BigEndian.PutUint32(block[8:], uint32(serial)) //nolint:gosec // four bytes are the format's
	copy(block[12:], []byte{0x80, 0, 0, 0})
	b.key.Encrypt(mac, block) // the message is a single block, so that CBC with IV 0 is one encryption
	for i := range 4 {
		block[12+i] = mac[i] ^ mac[4+i] ^ mac[8+i] ^ mac[12+i]
	}
	return appendUpperHex(p, block)
}

// appendATR appends the 13 historical bytes as 26 hex characters: chip maker, operating system, card maker, and a card
// serial of area and number.
func appendATR(p []byte, area [3]byte, serial int64) []byte {
	history := [13]byte{0x00, 0x81, 0x54, 0x4b, 0x31, 0x86, 0x9b}
	copy(history[7:], area[:])
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(serial)) //nolint:gosec // the card's serial has three bytes
	copy(history[10:], number[1:])
	return appendUpperHex(p, history[:])
}

// unhex decodes hex of either case into space, which it grows when needed.
func unhex(space, text []byte) ([]byte, bool) {
	n := hex.DecodedLen(len(text))
	if cap(space) < n {
		space = make([]byte, n)
	}
	space = space[:n]
	_, err := hex.Decode(space, text)
	return space, err == nil
}
