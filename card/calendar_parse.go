package card

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// longestHoliday is more days than any holiday was ever arranged for; a longer one is a slip of the pen.
const longestHoliday = 31

// parseCalendar reads years in the format of calendar.csv.
func parseCalendar(text string) (map[int]CalendarYear, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace = '#', -1, true
	p := calendarParser{years: map[int]CalendarYear{}, taken: map[Day]bool{}}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, E(Invalid, "read the calendar", "", err)
		}
		line, _ := r.FieldPos(0)
		if err := p.line(fields); err != nil {
			return nil, E(Invalid, fmt.Sprintf("read the calendar: line %d", line), "", err)
		}
	}
	return p.years, nil
}

type calendarParser struct {
	years map[int]CalendarYear
	year  int
	taken map[Day]bool
}

func (p *calendarParser) line(fields []string) error {
	switch {
	case fields[0] == "year" && len(fields) == 3:
		return p.begin(fields[1], fields[2])
	case fields[0] == "off" && len(fields) == 5:
		return p.off(HolidayPeriod{First: Day(fields[1]), Last: Day(fields[2]), ZH: fields[3], EN: fields[4]})
	case fields[0] == "work" && len(fields) == 5 && fields[2] == "":
		return p.work(MakeUp{Day: Day(fields[1]), ZH: fields[3], EN: fields[4]})
	}
	return errors.New("neither year,YEAR,NOTICE nor off,FIRST,LAST,NAME,ENGLISH nor work,DAY,,NAME,ENGLISH")
}

func (p *calendarParser) begin(year, notice string) error {
	if !only(year, 4, 4, isDigit) || year < "1949" || notice == "" {
		return errors.New("not a year and the notice that arranges it")
	}
	p.year = number(year)
	if _, twice := p.years[p.year]; twice {
		return fmt.Errorf("the year %s is there twice", year)
	}
	p.years[p.year] = CalendarYear{Year: p.year, Notice: notice}
	return nil
}

func (p *calendarParser) off(h HolidayPeriod) error {
	if !validDate(string(h.First)) || !validDate(string(h.Last)) || h.Last < h.First || h.ZH == "" || h.EN == "" ||
		h.Last > h.First.Plus(longestHoliday) {
		return errors.New("not a first day, a last day and two names")
	}
	for d := h.First; d <= h.Last; d = d.Plus(1) {
		if err := p.take(d); err != nil {
			return err
		}
	}
	y := p.years[p.year]
	y.Holidays = append(y.Holidays, h)
	p.years[p.year] = y
	return nil
}

func (p *calendarParser) work(m MakeUp) error {
	if !validDate(string(m.Day)) || m.ZH == "" || m.EN == "" {
		return errors.New("not a day and two names")
	}
	if w := m.Day.Weekday(); w != time.Saturday && w != time.Sunday {
		return fmt.Errorf("%s is a %s, on which people work anyway", m.Day.Dashed(), w)
	}
	if err := p.take(m.Day); err != nil {
		return err
	}
	y := p.years[p.year]
	y.MakeUps = append(y.MakeUps, m)
	p.years[p.year] = y
	return nil
}

// take refuses a day that is arranged twice, or that lies further from its year than the turn of the year.
func (p *calendarParser) take(d Day) error {
	switch {
	case p.year == 0:
		return errors.New("comes before the line of its year")
	case d < Day(fmt.Sprintf("%04d1201", p.year-1)) || d > Day(fmt.Sprintf("%04d0131", p.year+1)):
		return fmt.Errorf("%s does not belong to %d", d.Dashed(), p.year)
	case p.taken[d]:
		return fmt.Errorf("%s is there twice", d.Dashed())
	}
	p.taken[d] = true
	return nil
}
