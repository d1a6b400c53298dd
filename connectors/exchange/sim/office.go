package sim

import (
	"slices"
	"time"
)

// Office is the business of a simulated partner.
type Office interface {
	// Desks lists what the partner does, one desk for each kind of file that it takes.
	Desks() []Desk
	// Replay tells the office of one line of its own ledger: all lines at the start, then each line once it is written.
	// What an office knows beyond its settings it knows from here, so a restart loses nothing. The entry is valid during
	// the call only.
	Replay(*Entry)
}

// Desk says how a partner deals with one kind of request.
type Desk struct {
	Kind   string // of the request
	Fields int    // of its detail lines after the D, the ref included
	Person int    // the field that, with the ref, picks the rows of a rule
	Answer string // kind of the answer
	// Fen is the field of a row that holds money in fen, and AnswerFen that of an answer's row, the ref included; 0 for none.
	Fen, AnswerFen int
	// Aside is the kind of the unsolicited files that tell of money that came back; see Answer.ComesBack.
	Aside string
	// Unsolicited answers have a sequence of the partner's own per date, and there can be several, or none.
	Unsolicited bool
	// Codes are the results that a rule may refuse with.
	Codes []string
	// Begin, when set, is called before the first row of a request. Nothing came of a request before that Replay was not told of.
	Begin func()
	// Look, when set, is shown the rows page by page before Row is called for each, to look them up in the ledger.
	Look func(*Ledger, []Row) error
	// Row deals with one row.
	Row func(Row, *Answer)
}

// obeys reports whether a rule makes sense for requests of this kind.
func (d *Desk) obeys(r *Rule) bool {
	switch {
	case r.Do == PayBack && d.Aside == "", (r.Do == Misstate || r.Do == Stray) && d.AnswerFen == 0:
		return false
	}
	return r.Code == "" || slices.Contains(d.Codes, r.Code)
}

// Beijing is the time zone of every date and time in files.
func Beijing() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// Answer takes down what a desk does about one row.
type Answer struct {
	job     *job
	ref     []byte
	person  []byte
	verdict verdict
}

// Code is the result that the rules want this row refused with, or empty.
func (a *Answer) Code() string { return a.verdict.code }

// File is the name of the request.
func (a *Answer) File() FileName { return a.job.name }

// Stamp is the partner's time as YYYYMMDDHHMMSS in Asia/Shanghai.
func (a *Answer) Stamp() []byte { return a.job.stamp }

// Time is the partner's time as it stands in the ledger.
func (a *Answer) Time() []byte { return a.job.time }

// Serial draws the partner's next serial number, from 1; none is drawn twice, whatever happens in between.
func (a *Answer) Serial() int64 {
	a.job.serial++
	return a.job.serial
}

// Reply answers with the fields after the ref.
func (a *Answer) Reply(fields ...[]byte) { a.ReplyIn(0, fields...) }

// ReplyIn answers in one of several files, counted from 0; only unsolicited answers have more than one.
func (a *Answer) ReplyIn(number int, fields ...[]byte) {
	if a.verdict.omit {
		return
	}
	if a.job.partner.cfg.Profile.Mangles {
		fields = a.job.mangled(fields)
	}
	out := a.job.output(number)
	if out == nil {
		return
	}
	if a.verdict.wrong && out.money >= 0 {
		fields = misstated(fields, out.money)
	}
	out.row(a.ref, fields, a.verdict.twice)
}

// Record writes a line in the ledger; time, file and ref are filled in.
func (a *Answer) Record(e Entry) {
	e.Time, e.File, e.Ref = a.job.time, a.job.file, a.ref
	a.job.record(&e)
}
