package sim

// verdict is what the rules say about one row.
type verdict struct {
	code  string // refuse with it, unless empty
	omit  bool
	lost  bool // nothing is done about it
	twice bool
	wrong bool // answered with another amount
	stray bool // followed by a row that nobody asked about
}

// sieve picks a share of rows or files by their names: the same ones each time, and others for each rule and file.
type sieve struct {
	do    Do
	code  string
	seed  uint64
	limit float64
	rows  int // at most so many of a file, 0 for all
	hits  int
	hit   bool // it is for the row that was judged last
}

// FNV-1a.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func newSieve(r Rule) sieve {
	s := sieve{do: r.Do, code: r.Code, seed: fnvOffset, limit: 1, rows: r.Rows}
	s.seed = fnv(s.seed, string(r.Do))
	s.seed = fnv(s.seed, r.Code)
	if r.Share != nil {
		s.limit = *r.Share
	}
	return s
}

// of makes the sieve one file's own: what failed in one file may succeed when it is asked again in another.
func (s sieve) of(n FileName) sieve {
	s.seed = fnv(s.seed, n.String())
	return s
}

func fnv[T string | []byte](h uint64, p T) uint64 {
	for i := range len(p) {
		h = (h ^ uint64(p[i])) * fnvPrime
	}
	return h
}

// picks reports whether the rule is for the thing that has the two names.
func (s *sieve) picks(ref, number []byte) bool {
	if s.rows > 0 && s.hits == s.rows || !s.draws(ref, number) {
		return false
	}
	s.hits++
	return true
}

func (s *sieve) draws(ref, number []byte) bool {
	if s.limit >= 1 {
		return true
	}
	h := fnv(fnv((fnv(s.seed, ref)^'/')*fnvPrime, number), "\n")
	// FNV leaves the high bits of short texts alike; two rounds of mixing spread them.
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return float64((h^h>>33)>>11)/(1<<53) < s.limit
}

// judge lets the rules speak in their order: a row that one accepts is out of reach for the later ones, and the first
// refusal gives the code.
func judge(sieves []sieve, ref, number []byte) verdict {
	var v verdict
	for i := range sieves {
		sieves[i].hit = false
	}
	for i := range sieves {
		s := &sieves[i]
		if s.hit = s.picks(ref, number); !s.hit {
			continue
		}
		switch s.do {
		case Accept:
			return v
		case RefuseRow:
			if v.code == "" {
				v.code = s.code
			}
		case Omit:
			v.omit = true
		case Lose:
			v.lost = true
		case Duplicate:
			v.twice = true
		case Misstate:
			v.wrong = true
		case Stray:
			v.stray = true
		case PayBack:
			// see Answer.ComesBack
		case Reorder, Postpone, Truncate, Resend, Silent, Cut:
			// for files, not for rows
		}
	}
	return v
}
