package layout

import (
	"fmt"
	"hash/maphash"

	"onecard/card"
)

// refs checks that every row has a ref of its own.
type refs struct {
	last int
	any  map[int]uint64 // where refs stand in any order: what the row of each said
	seed maphash.Seed
}

func newRefs(l *Layout) refs {
	if !l.anyOrder {
		return refs{}
	}
	return refs{any: map[int]uint64{}, seed: maphash.MakeSeed()}
}

// ref returns the ref of the present row; again says that the row was there already as it is.
func (r *Reader) ref(rec *record, cells []string) (ref int, again bool, err error) {
	if r.layout.counted {
		return r.rows, false, nil
	}
	at := 0
	for rec.columns[at].source != isRef {
		at++
	}
	ref, ok := count(cells[at])
	if !ok || ref < 1 || ref > maxRef {
		return 0, false, r.refuse(rec, at, wrongly(card.ReasonFileLayout, describe(cells[at]), "1 to 10 digits without leading zeros"))
	}
	again, wrong := r.refs.next(ref, r.lines.raw())
	if wrong != nil {
		return 0, false, r.refuse(rec, at, wrong)
	}
	return ref, again, nil
}

// next takes the next ref, of a row that reads line.
func (s *refs) next(ref int, line []byte) (again bool, wrong *problem) {
	if s.any != nil {
		return s.inAnyOrder(ref, line)
	}
	switch {
	case ref == s.last:
		return false, wrongly(card.ReasonFileRepeatedRow, fmt.Sprintf("ref %d again, with other content", ref), "each ref once")
	case ref < s.last:
		return false, wrongly(card.ReasonFileLayout, fmt.Sprintf("ref %d after ref %d", ref, s.last), "ascending refs")
	}
	s.last = ref
	return false, nil
}

func (s *refs) inAnyOrder(ref int, line []byte) (again bool, wrong *problem) {
	sum := maphash.Bytes(s.seed, line)
	before, seen := s.any[ref]
	switch {
	case seen && before == sum:
		return true, nil
	case seen:
		return false, wrongly(card.ReasonFileRepeatedRow, fmt.Sprintf("ref %d again, with other content", ref), "each ref once")
	case len(s.any) >= maxRemembered:
		return false, wrongly(card.ReasonFileTooManyRows, "another row", fmt.Sprintf("at most %d in a file whose rows stand in any order", maxRemembered))
	}
	s.any[ref] = sum
	return false, nil
}
