package card

import (
	"errors"
	"time"
)

// Month is a month of the population match as YYYY-MM, in Asia/Shanghai. Months compare in the order of time.
type Month string

var errMonth = errors.New("not a month YYYY-MM")

// ParseMonth reads a month as YYYY-MM; anything else is an Invalid Error.
func ParseMonth(s string) (Month, error) {
	if len(s) != 7 || s[4] != '-' || !validDate(s[:4]+s[5:]+"01") {
		return "", E(Invalid, "parse month", ReasonMonthShape, errMonth)
	}
	return Month(s), nil
}

// MonthOf returns the month in Asia/Shanghai to which t belongs.
func MonthOf(t time.Time) Month { return Month(t.In(Shanghai).Format("2006-01")) }

// Back returns the beginning of the month n months earlier.
func (m Month) Back(n int) time.Time {
	return time.Date(number(string(m[:4])), time.Month(number(string(m[5:]))-n), 1, 0, 0, 0, 0, Shanghai)
}

// Match is the name under which the match of the month stands where batches and files name what they belong to: M202611.
func (m Month) Match() RolloutID { return RolloutID("M" + string(m[:4]) + string(m[5:])) }

// ReviewCause is what the population match has found out about a person, for which a person has to look at the case.
type ReviewCause string

// The causes.
const (
	ReviewDeceased     ReviewCause = "deceased"     // civil affairs says that the holder has died
	ReviewRenamed      ReviewCause = "renamed"      // civil affairs knows the holder by another name
	ReviewUnregistered ReviewCause = "unregistered" // civil affairs does not know somebody who was paid
)

// ReviewCauses returns every cause.
func ReviewCauses() []ReviewCause {
	return []ReviewCause{ReviewDeceased, ReviewRenamed, ReviewUnregistered}
}

// CauseOf returns for what a person has to look at somebody about whom civil affairs answered so; empty for an answer that is no
// cause.
func CauseOf(answer Reason) ReviewCause {
	for cause, c := range causes {
		if c.answer == answer {
			return cause
		}
	}
	return ""
}

// causes is what follows from each cause.
var causes = map[ReviewCause]struct {
	name   Name
	answer Reason
	event  PayEvent
	hold   Reason
}{
	ReviewDeceased:     {Name{"deceased", "死亡", "deceased"}, ReasonMatchDeceased, PayDeathReported, ReasonDeathReported},
	ReviewRenamed:      {Name{"renamed", "姓名不符", "other name"}, ReasonMatchNameDiffers, PayRenamed, ReasonRenamed},
	ReviewUnregistered: {Name{"unregistered", "已发放但查无此人", "paid, not registered"}, ReasonMatchUnknown, PayUnregistered, ReasonUnregistered},
}

// Name returns the code and the names of c; its texts are empty when c is unknown.
func (c ReviewCause) Name() Name { return causes[c].name }

// Event returns what the cause is to the payments of the person.
func (c ReviewCause) Event() PayEvent { return causes[c].event }

// HoldReason returns why payments of the person are held until the review has decided.
func (c ReviewCause) HoldReason() Reason { return causes[c].hold }

// ReviewOutcome is what a person decides about a review.
type ReviewOutcome string

// The outcomes.
const (
	ReviewKeep ReviewOutcome = "keep" // the finding is wrong or mended: the person is paid on
	ReviewStop ReviewOutcome = "stop" // the finding is right: nothing is paid any more
	// ReviewRename: the finding is right, and the name in the ledger becomes the one that civil affairs has.
	ReviewRename ReviewOutcome = "rename"
)

// ReviewOutcomes returns every outcome of a review for the cause.
func (c ReviewCause) ReviewOutcomes() []ReviewOutcome {
	if c == ReviewRenamed {
		return []ReviewOutcome{ReviewKeep, ReviewStop, ReviewRename}
	}
	return []ReviewOutcome{ReviewKeep, ReviewStop}
}

var outcomeNames = map[ReviewOutcome]Name{
	ReviewKeep: {"keep", "继续发放", "pay on"},
	ReviewStop: {"stop", "停止发放", "pay no more"},

	ReviewRename: {"rename", "更正姓名", "correct the name"},
}

// Name returns the code and the names of o; its texts are empty when o is unknown.
func (o ReviewOutcome) Name() Name { return outcomeNames[o] }

// SecondPerson says whether an outcome takes two people: when money is to flow again to somebody said to be dead, and when somebody's
// name becomes another.
func (c ReviewCause) SecondPerson(o ReviewOutcome) bool {
	return c == ReviewDeceased && o == ReviewKeep || o == ReviewRename
}

// Event returns what an outcome of a review for the cause is to the payments of the person.
func (o ReviewOutcome) Event(c ReviewCause) PayEvent {
	switch {
	case o == ReviewKeep:
		return PayCleared
	case o == ReviewRename:
		return PayNameCorrected
	case c == ReviewDeceased:
		return PayDied
	}
	return PayBarred
}
