package card

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule says on which days something is due, and by when on such a day, in Asia/Shanghai. Calendar.Schedule makes it.
type Schedule struct {
	Days   string // as it was written
	CutOff Clock

	calendar *Calendar
	nominal  func(Day) bool
	shift    int // to which working day a day moves on which nobody works: -1 the one before, 1 the one after, 0 none
}

// The words of Schedule.Days.
const (
	daysWorking = "working"
	daysDaily   = "daily"
	daysOfMonth = "day"
	shiftBefore = "working-before"
	shiftAfter  = "working-after"
)

var errDays = errors.New(`not "working", "daily", weekdays such as "mon,thu", or "day 20"; the last two may be followed by ` +
	`"working-before" or "working-after"`)

// Schedule makes a schedule of days and of a cut-off HH:MM. Days are one of
//
//	working            every working day
//	daily              every day
//	mon,wed,fri        these days of the week
//	day 20             this day of the month; in a month that is shorter, its last day
//
// The last two may be followed by working-before or working-after: what falls on a day on which nobody works is then due on
// the working day before or after it. Anything else is an Invalid Error.
func (c *Calendar) Schedule(days, cutOff string) (Schedule, error) {
	s := Schedule{Days: days, calendar: c}
	clock, err := ParseClock(cutOff)
	if err != nil {
		return s, err
	}
	s.CutOff = clock
	words := strings.Fields(days)
	if words, s.shift = cutShift(words); s.shift == 0 && len(words) == 1 {
		switch words[0] {
		case daysWorking:
			s.nominal = c.WorkingDay
			return s, nil
		case daysDaily:
			s.nominal = func(Day) bool { return true }
			return s, nil
		}
	}
	if s.nominal = ofWeek(words); s.nominal == nil {
		s.nominal = ofMonth(words)
	}
	if s.nominal == nil {
		return s, E(Invalid, "parse days", "", errDays)
	}
	return s, nil
}

func cutShift(words []string) ([]string, int) {
	if n := len(words) - 1; n > 0 {
		switch words[n] {
		case shiftBefore:
			return words[:n], -1
		case shiftAfter:
			return words[:n], 1
		}
	}
	return words, 0
}

// ofWeek returns whether a day is one of a list of weekdays, or nil when words are none.
func ofWeek(words []string) func(Day) bool {
	if len(words) != 1 {
		return nil
	}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	var meant [7]bool
	for name := range strings.SplitSeq(words[0], ",") {
		n := slices.Index(names, name)
		if n < 0 || meant[n] {
			return nil
		}
		meant[n] = true
	}
	return func(d Day) bool { return meant[d.Weekday()] }
}

// ofMonth returns whether a day is that of the month, or nil when words name none.
func ofMonth(words []string) func(Day) bool {
	if len(words) != 2 || words[0] != daysOfMonth {
		return nil
	}
	n, err := strconv.Atoi(words[1])
	if err != nil || n < 1 || n > 31 {
		return nil
	}
	return func(d Day) bool {
		year, month, day := d.start().Date()
		return day == min(n, daysIn(year, int(month)))
	}
}

// Expected says whether something is due on d.
func (s Schedule) Expected(d Day) bool {
	if s.shift == 0 {
		return s.nominal(d)
	}
	if !s.calendar.WorkingDay(d) {
		return false
	}
	if s.nominal(d) {
		return true
	}
	for e := d.Plus(-s.shift); !s.calendar.WorkingDay(e); e = e.Plus(-s.shift) {
		if s.nominal(e) {
			return true
		}
	}
	return false
}

// Due returns by when what is expected on d is due.
func (s Schedule) Due(d Day) time.Time { return d.At(s.CutOff) }

// NextCutOff returns the first cut-off after t, and the business date for which it is.
func (s Schedule) NextCutOff(t time.Time) (Day, time.Time) {
	d := DayOf(t).Plus(-2) // whose cut-off may lie as late as today's midnight
	for !s.Expected(d) || !s.Due(d).After(t) {
		d = d.Plus(1)
	}
	return d, s.Due(d)
}

// Between returns the business dates whose cut-offs lie after from and not after to, in their order.
func (s Schedule) Between(from, to time.Time) []Day {
	var days []Day
	for {
		d, due := s.NextCutOff(from)
		if due.After(to) {
			return days
		}
		days, from = append(days, d), due
	}
}

// Known says whether the State Council has arranged the year of d; else the schedule goes by the weekends alone.
func (s Schedule) Known(d Day) bool { return s.calendar.Known(d.Year()) }

// String returns the schedule as it is written, such as "working 16:00".
func (s Schedule) String() string { return fmt.Sprintf("%s %s", s.Days, s.CutOff) }
