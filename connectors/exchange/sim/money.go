package sim

import (
	"iter"
	"strconv"
)

// Fen reads an amount of money in fen: digits without sign or leading zeros, at most 15.
func Fen(text []byte) (fen int64, ok bool) {
	if len(text) == 0 || len(text) > 15 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		fen = fen*10 + int64(c-'0')
	}
	return fen, true
}

// ComesBack yields, for a row that was paid, each file of its own in which the rules want it told that the money has come
// back, and with which code.
func (a *Answer) ComesBack() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range a.job.sieves {
			s := &a.job.sieves[i]
			if s.do == PayBack && s.hit && !yield(i, s.code) {
				return
			}
		}
	}
}

// Tell writes a row, with its fields after the ref, in the file that ComesBack has named.
func (a *Answer) Tell(file int, fields ...[]byte) {
	if out := a.job.aside(file); out != nil {
		out.row(a.ref, fields, false)
	}
}

// Strays reports whether the rules want a row in the answer that nobody asked about.
func (a *Answer) Strays() bool { return a.verdict.stray }

// Stray puts such a row at the end of the answer, under a ref that was not in the request.
func (a *Answer) Stray(fields ...[]byte) {
	if out := a.job.output(0); out != nil {
		out.stray(fields)
	}
}

// aside is the file in which the rule of this number has money told that came back, begun when it is first needed.
func (j *job) aside(rule int) *output {
	key := -1 - rule // beside the answers, which count from 0
	if out := j.outputs[key]; out != nil || j.err != nil {
		return out
	}
	name := j.name.Answer(j.desk.Aside)
	name.Date = j.now.Format("20060102")
	name.Seq = j.partner.sequence[name.series()] + 1
	for number := range j.outputs {
		if number < 0 {
			name.Seq++
		}
	}
	out := j.begin(key, name, "")
	if out != nil {
		out.later = j.rules[rule].After
	}
	return out
}

// series is what the sequence of a name counts within.
func (n FileName) series() string { return n.Kind + n.Date }

// misstated returns the fields with one fen more in that of this number.
func misstated(fields [][]byte, money int) [][]byte {
	fen, _ := Fen(fields[money])
	out := append([][]byte(nil), fields...)
	out[money] = strconv.AppendInt(nil, fen+1, 10)
	return out
}
