package gb18030

import (
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	leads      = 0xFE - 0x81 + 1 // lead bytes 81…FE
	trails     = 0xFE - 0x40     // trail bytes 40…FE without 7F
	pairs      = leads * trails  // two-byte codes
	bmpQuads   = 39420           // four-byte codes of the basic plane, 8130 8130 … 8431 A439
	astralQuad = 189000          // number of 9030 8130, the four-byte code of U+10000
	lastQuad   = astralQuad + 0x10FFFF - 0x10000
)

// table holds both directions for the basic plane. The other planes are a formula.
type table struct {
	decode2 [pairs]uint16    // code point of a two-byte code
	decode4 [bmpQuads]uint16 // code point of a four-byte code
	encode  [0x10000]uint32  // the code as a big-endian number of two or four bytes; 0 for ASCII and surrogates
}

// tables builds the table once: the ideographs from golang.org/x/text, the rest from areas.go.
var tables = sync.OnceValue(build)

func build() *table {
	t := new(table)
	t.ideographs()
	t.userDefined()
	t.reserve()
	t.fourBytes()
	t.move()
	t.invert()
	return t
}

// ideographs takes what golang.org/x/text knows; userDefined overwrites its A3A0, which is wrong.
func (t *table) ideographs() {
	decoder := simplifiedchinese.GBK.NewDecoder()
	var src, dst [16]byte
	for i := range t.decode2 {
		code := pairCode(i)
		binary.BigEndian.PutUint16(src[:], uint16(code)) //nolint:gosec // a code of two bytes
		n, _, err := decoder.Transform(dst[:], src[:2], true)
		if err != nil {
			panic(fmt.Sprintf("gb18030: the table of golang.org/x/text does not read %04X: %v", code, err))
		}
		if r := []rune(string(dst[:n])); len(r) == 1 && r[0] != '\uFFFD' {
			t.decode2[i] = uint16(r[0]) //nolint:gosec // two-byte codes are all in the basic plane
		}
	}
}

func (t *table) userDefined() {
	for _, g := range userAreas {
		point := g.point
		for lead := g.lead; lead <= g.lastLead; lead++ {
			for trail := g.trail; trail <= g.lastTrail; trail++ {
				if trail == 0x7F {
					continue
				}
				t.decode2[pairIndex(byte(lead), byte(trail))] = point //nolint:gosec // areas.go holds bytes
				point++
			}
		}
	}
}

func (t *table) reserve() {
	for _, r := range reserved {
		first := pairIndex(byte(r.code>>8), byte(r.code)) //nolint:gosec // the two halves of the code
		for k := range r.length {
			t.decode2[first+k] = r.point + uint16(k)
		}
	}
}

// fourBytes numbers the code points of the basic plane that have no two-byte code, in order, as GB 18030-2000 did.
func (t *table) fourBytes() {
	var taken [0x10000]bool
	for _, point := range t.decode2 {
		taken[point] = true
	}
	next := 0
	for point := 0x80; point < 0x10000; point++ {
		if taken[point] || surrogate(point) {
			continue
		}
		t.decode4[next] = uint16(point)
		next++
	}
	if next != bmpQuads {
		panic(fmt.Sprintf("gb18030: %d four-byte codes instead of %d", next, bmpQuads))
	}
}

// move applies the changes of GB 18030-2005 and GB 18030-2022.
func (t *table) move() {
	now := make(map[uint16]uint16, 2*len(moved))
	for _, pair := range moved {
		now[pair[0]], now[pair[1]] = pair[1], pair[0]
	}
	for _, points := range [][]uint16{t.decode2[:], t.decode4[:]} {
		for i, point := range points {
			if to, ok := now[point]; ok {
				points[i] = to
			}
		}
	}
}

func (t *table) invert() {
	for i, point := range t.decode2 {
		t.encode[point] = pairCode(i)
	}
	for i, point := range t.decode4 {
		t.encode[point] = quadCode(i)
	}
}

func surrogate(point int) bool { return point >= 0xD800 && point <= 0xDFFF }

// pairIndex numbers the two-byte codes from 0; the bytes must be a valid pair.
func pairIndex(lead, trail byte) int {
	i := int(lead-0x81)*trails + int(trail) - 0x40
	if trail > 0x7F {
		i--
	}
	return i
}

func pairCode(i int) uint32 {
	trail := i%trails + 0x40
	if trail >= 0x7F {
		trail++
	}
	return uint32(i/trails+0x81)<<8 | uint32(trail) //nolint:gosec // i < pairs
}

// quadIndex numbers the four-byte codes from 0; ok is false when the bytes have not the shape of one.
func quadIndex(b []byte) (i int, ok bool) {
	if !between(b[0], 0x81, 0xFE) || !between(b[1], '0', '9') || !between(b[2], 0x81, 0xFE) || !between(b[3], '0', '9') {
		return 0, false
	}
	return ((int(b[0]-0x81)*10+int(b[1]-'0'))*126+int(b[2]-0x81))*10 + int(b[3]-'0'), true
}

func quadCode(i int) uint32 {
	b3, i := i%10, i/10
	b2, i := i%126, i/126
	b1, b0 := i%10, i/10
	return uint32(b0+0x81)<<24 | uint32(b1+'0')<<16 | uint32(b2+0x81)<<8 | uint32(b3+'0') //nolint:gosec // i ≤ lastQuad
}

func between(b, low, high byte) bool { return low <= b && b <= high }
