package card

import "time"

// Promise is one file that a partner has promised for a business date.
type Promise struct {
	Partner  string
	Kind     FileKind
	Day      Day
	CutOff   time.Time // by when it was promised
	Deadline time.Time // the cut-off and the grace that was agreed; after it the file is missed
}

// PromiseState is what became of a promise.
type PromiseState string

// The states of a promise.
const (
	PromiseWaiting PromiseState = "waiting"
	PromiseMet     PromiseState = "met"    // the file came by its deadline
	PromiseMissed  PromiseState = "missed" // the deadline has passed without the file
	PromiseLate    PromiseState = "late"   // the file came after its deadline
)

// AlertCause is why a partner is to be called.
type AlertCause string

// The causes of alerts.
const (
	AlertMissed  AlertCause = "missed"  // a promised file has not come by its deadline
	AlertOverdue AlertCause = "overdue" // the answer to a request of ours has not come in the agreed time
	AlertSilent  AlertCause = "silent"  // no file and no connection for longer than was agreed
)

// Silence is since when nothing was heard of a partner, and when that is too long.
type Silence struct {
	Partner  string
	Since    time.Time
	Deadline time.Time
}

// Alert says that a partner is to be called. It holds no person's data.
type Alert struct {
	Cause      AlertCause
	Partner    string
	Subject    string // the promised kind and day, such as REPORT/20261120; the answer that is overdue; empty for silence
	Batch      string // that waits for the answer, else empty
	Deadline   time.Time
	RaisedAt   time.Time
	ResolvedAt time.Time // zero while it stands
}

// Lookout is what a check of the timetable goes by, as the ledger knows it.
type Lookout struct {
	Unmet []Promise            // whose deadline has passed, and whose files the ledger does not have
	Heard map[string]time.Time // of each watched partner: the last file, the last connection, or the begin of the watch
}

// TimetableCheck is what a check of the timetable found.
type TimetableCheck struct {
	Raised   []Alert
	Resolved []Alert
	Next     time.Time // the next deadline; zero when there is none
}
