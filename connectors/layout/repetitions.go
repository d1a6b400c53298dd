package layout

import (
	"fmt"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// maxRemembered is the most rows of a file in which every row has to be remembered: such a file is in any order, or has
// fingerprints. It bounds the memory to some 60 MiB.
const maxRemembered = 1_000_000

// repetitions remembers rows by their fingerprints.
type repetitions struct {
	layout *Layout
	seen   map[[16]byte]struct{}
}

// newRepetitions returns nil for a layout without fingerprint.
func newRepetitions(l *Layout) *repetitions {
	if len(l.fingerprint) == 0 {
		return nil
	}
	return &repetitions{layout: l, seen: map[[16]byte]struct{}{}}
}

// check returns the fingerprint of a row, and a problem when a row that was kept has the same one.
func (r *repetitions) check(values []string) (sum [16]byte, again *problem) {
	if r == nil {
		return sum, nil
	}
	whole := r.layout.Fingerprint(values)
	copy(sum[:], whole[:])
	if _, seen := r.seen[sum]; seen {
		return sum, wrongly(card.ReasonFileRepeatedRow, "another row with the same "+r.layout.fingerprintNames(), "each once")
	}
	if len(r.seen) >= maxRemembered {
		return sum, wrongly(card.ReasonFileTooManyRows, "another row", fmt.Sprintf("at most %d in a file whose rows must differ", maxRemembered))
	}
	return sum, nil
}

func (r *repetitions) keep(sum [16]byte) {
	if r != nil {
		r.seen[sum] = struct{}{}
	}
}

// Fingerprint returns the SM3 digest of the fields that the format declares to make two rows the same: each field's text in
// UTF-8, followed by the unit separator 0x1F. It is zero when the format declares none.
func (l *Layout) Fingerprint(values []string) (sum [32]byte) {
	if len(l.fingerprint) == 0 {
		return sum
	}
	text := make([]byte, 0, 128)
	for _, i := range l.fingerprint {
		text = append(append(text, values[i]...), 0x1F)
	}
	return sm3.Sum(text)
}

func (l *Layout) fingerprintNames() string {
	names := ""
	for n, i := range l.fingerprint {
		if n > 0 {
			names += ", "
		}
		names += l.Message.Fields[i].Name
	}
	return names
}
