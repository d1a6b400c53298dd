package card

import (
	_ "embed"
	"maps"
	"slices"
	"time"
)

//go:embed calendar.csv
var mainland string

// DayKind is what the calendar says of a day.
type DayKind uint8

// The kinds of days.
const (
	WorkingDay DayKind = iota // Monday to Friday
	Weekend
	Holiday
	MakeUpDay // a Saturday or Sunday on which everybody works in exchange for a holiday
)

// Works says whether people work on such a day.
func (k DayKind) Works() bool { return k == WorkingDay || k == MakeUpDay }

// Calendar tells working days from others in mainland China. Of a year that it does not know (Known) it says what the weekend
// says: the State Council arranges the holidays of a year only in the November before. A Calendar is not changed once made.
type Calendar struct {
	years map[int]CalendarYear
	days  map[Day]DayKind // those that are not as the weekend says
}

// CalendarYear is the arrangement of one year.
type CalendarYear struct {
	Year     int
	Notice   string // the State Council's notice that arranges it
	Holidays []HolidayPeriod
	MakeUps  []MakeUp
}

// HolidayPeriod is a holiday from its first to its last day.
type HolidayPeriod struct {
	First, Last Day
	ZH, EN      string
}

// MakeUp is a day of a weekend on which everybody works in exchange for a holiday.
type MakeUp struct {
	Day    Day
	ZH, EN string
}

// NewCalendar returns the calendar as the State Council has arranged it so far. The texts, each in the format of
// calendar.csv, add years and replace them, so that a new arrangement needs no new program; a wrong one is an Invalid Error
// that names its line.
func NewCalendar(texts ...string) (*Calendar, error) {
	c := &Calendar{years: map[int]CalendarYear{}}
	for _, text := range append([]string{mainland}, texts...) {
		years, err := parseCalendar(text)
		if err != nil {
			return nil, err
		}
		maps.Copy(c.years, years)
	}
	c.days = map[Day]DayKind{}
	for _, year := range c.Years() {
		c.years[year].mark(c.days)
	}
	return c, nil
}

func (y CalendarYear) mark(days map[Day]DayKind) {
	for _, h := range y.Holidays {
		for d := h.First; d <= h.Last; d = d.Plus(1) {
			days[d] = Holiday
		}
	}
	for _, m := range y.MakeUps {
		days[m.Day] = MakeUpDay
	}
}

// Known says whether the arrangement of a year is known.
func (c *Calendar) Known(year int) bool {
	_, known := c.years[year]
	return known
}

// Years returns the years that are known, in their order.
func (c *Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// Year returns the arrangement of a year; that of an unknown year has no notice and no holidays.
func (c *Calendar) Year(year int) CalendarYear {
	if y, known := c.years[year]; known {
		return y
	}
	return CalendarYear{Year: year}
}

// Kind returns what the calendar says of a day.
func (c *Calendar) Kind(d Day) DayKind {
	if kind, arranged := c.days[d]; arranged {
		return kind
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return Weekend
	}
	return WorkingDay
}

// WorkingDay says whether people work on d.
func (c *Calendar) WorkingDay(d Day) bool { return c.Kind(d).Works() }

// Add returns the n-th working day after d, or before it when n is negative. With n = 0 it returns d itself, whatever day
// that is.
func (c *Calendar) Add(d Day, n int) Day {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d = d.Plus(step); c.WorkingDay(d) {
			n--
		}
	}
	return d
}

// OnOrAfter returns d when it is a working day, else the next one.
func (c *Calendar) OnOrAfter(d Day) Day { return c.Add(d.Plus(-1), 1) }

// OnOrBefore returns d when it is a working day, else the last one before it.
func (c *Calendar) OnOrBefore(d Day) Day { return c.Add(d.Plus(1), -1) }

// After returns the moment at which span has passed since t when only working days count, each from midnight to midnight: 48
// hours from Friday noon end on Tuesday noon.
func (c *Calendar) After(t time.Time, span time.Duration) time.Time {
	for {
		d := DayOf(t)
		midnight := d.Plus(1).start()
		if c.WorkingDay(d) {
			left := midnight.Sub(t)
			if span <= left {
				return t.Add(span)
			}
			span -= left
		}
		t = midnight
	}
}
