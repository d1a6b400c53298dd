package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"onecard/card"
)

const (
	minSilence = time.Minute
	maxGrace   = 7 * 24 * time.Hour
)

var fileKind = regexp.MustCompile(`^[A-Z]{3,12}$`)

// Calendar returns the working-day calendar with the years of the file that is named. The error is Invalid and says on which
// line of that file.
func (t Timetable) Calendar() (*card.Calendar, error) {
	if t.Holidays == "" {
		return card.NewCalendar()
	}
	text, err := os.ReadFile(t.Holidays)
	if err != nil {
		return nil, fmt.Errorf("read timetable.holidays: %w", err)
	}
	c, err := card.NewCalendar(string(text))
	if err != nil {
		return nil, fmt.Errorf("read timetable.holidays %s: %w", t.Holidays, err)
	}
	return c, nil
}

// Schedule returns by when the file is expected, by the calendar c.
func (e Expect) Schedule(c *card.Calendar) (card.Schedule, error) {
	return c.Schedule(e.Days, e.CutOff)
}

// Window returns when the bank takes payment files, by the calendar c; nil when it takes them at any time.
func (t PayTimes) Window(c *card.Calendar) (*card.Window, error) {
	if t == (PayTimes{}) {
		return nil, nil //nolint:nilnil // no window is no error
	}
	s, err := c.Schedule(t.Days, t.CutOff)
	if err != nil {
		return nil, err
	}
	opens, err := card.ParseClock(cmp.Or(t.Opens, "00:00"))
	return &card.Window{Schedule: s, Opens: opens}, err
}

func (t PayTimes) check(table string) []fault {
	r := rules{table: table}
	if t == (PayTimes{}) {
		return nil
	}
	cutOff, err := card.ParseClock(t.CutOff)
	r.must(err == nil, "cut_off", `must be a time such as "16:30", up to "48:00" for the night and the day after`)
	opens, wrong := card.ParseClock(cmp.Or(t.Opens, "00:00"))
	r.must(wrong == nil && opens <= 24*60, "opens", `must be a time such as "08:30"`)
	r.must(err != nil || wrong != nil || opens < cutOff, "opens", "must be before cut_off")
	r.must(rightDays(t.Days) == nil, "days", "is %v", cause(rightDays(t.Days)))
	return r.faults
}

// rightDays says what is wrong with days.
func rightDays(days string) error {
	c, err := card.NewCalendar()
	if err == nil {
		_, err = c.Schedule(days, "00:00")
	}
	return err
}

func (p Partner) wrongTimetable(table string) []fault {
	r := rules{table: table}
	r.must(p.SilentAfter == 0 || p.SilentAfter >= minSilence, "silent_after", "must be at least %s, or 0 for never", minSilence)
	r.must(p.Kind == Bank || p.Payments == (PayTimes{}), "payments", "is for partners of the kind bank only")
	faults := append(r.faults, p.Payments.check(table+".payments")...)
	seen := map[string]bool{}
	for n, e := range p.Expect {
		r := rules{table: fmt.Sprintf("%s.expect[%d]", table, n+1)}
		r.must(!seen[e.Kind], "kind", "%s is there twice", e.Kind)
		seen[e.Kind] = true
		e.check(&r)
		faults = append(faults, r.faults...)
	}
	return faults
}

func (e Expect) check(r *rules) {
	r.must(fileKind.MatchString(e.Kind), "kind", "must be 3 to 12 of A-Z, as in file names")
	_, err := card.ParseClock(e.CutOff)
	r.must(err == nil, "cut_off", `must be a time such as "17:00", up to "48:00" for the night and the day after`)
	wrong := rightDays(e.Days)
	r.must(wrong == nil, "days", "is %v", cause(wrong))
	r.must(e.Grace >= 0 && e.Grace <= maxGrace, "grace", "must be within 0 and %s", maxGrace)
}

// cause is the innermost text of err.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}
