package card

import (
	"errors"
	"fmt"
	"time"
)

// Shanghai is the time zone of the programme and of all its partners: UTC+8, without summer time since 1991.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Day is a business date YYYYMMDD in Asia/Shanghai, as it stands in file names. Days compare in the order of time.
type Day string

// ParseDay reads a day as YYYYMMDD or YYYY-MM-DD; anything else is an Invalid Error.
func ParseDay(s string) (Day, error) {
	digits := s
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		digits = s[:4] + s[5:7] + s[8:]
	}
	if !validDate(digits) {
		return "", E(Invalid, "parse day", "", errors.New("not a day YYYYMMDD or YYYY-MM-DD"))
	}
	return Day(digits), nil
}

// DayOf returns the day in Asia/Shanghai to which t belongs.
func DayOf(t time.Time) Day { return Day(t.In(Shanghai).Format("20060102")) }

// Dashed returns the day as people read it: 2026-11-21.
func (d Day) Dashed() string { return string(d[:4] + "-" + d[4:6] + "-" + d[6:]) }

// Year returns the year of the day.
func (d Day) Year() int { return number(string(d[:4])) }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.start().Weekday() }

// Plus returns the day n calendar days later, or earlier when n is negative.
func (d Day) Plus(n int) Day { return DayOf(d.start().AddDate(0, 0, n)) }

// At returns the moment of the day at which a clock in Asia/Shanghai shows c.
func (d Day) At(c Clock) time.Time { return d.start().Add(time.Duration(c) * time.Minute) }

// start returns the midnight with which the day begins. The day has been checked by whoever made it.
func (d Day) start() time.Time {
	s := string(d)
	return time.Date(number(s[:4]), time.Month(number(s[4:6])), number(s[6:]), 0, 0, 0, 0, Shanghai)
}

// Clock is a time of a day in minutes from its midnight. From 24:00 to 48:00 it lies in the day after: 26:30 is half past
// two in the night that follows.
type Clock int

// ParseClock reads HH:MM from 00:00 to 48:00; anything else is an Invalid Error.
func ParseClock(s string) (Clock, error) {
	if len(s) == 5 && s[2] == ':' && only(s[:2]+s[3:], 4, 4, isDigit) {
		hours, minutes := number(s[:2]), number(s[3:])
		if c := Clock(hours*60 + minutes); minutes < 60 && c <= 48*60 {
			return c, nil
		}
	}
	return 0, E(Invalid, "parse time of day", "", errors.New("not a time HH:MM from 00:00 to 48:00"))
}

// String returns the time as HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }
