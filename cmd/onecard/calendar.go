package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

func calendarCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calendar [YEAR]",
		Short: "Print the holidays and make-up working days of a year, for checking (节假日与调休上班日)",
		Example: `  onecard calendar
  onecard calendar 2026 -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return fmt.Errorf("%w: %w", errUse, err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			year := card.DayOf(time.Now()).Year()
			if len(args) == 1 {
				n, err := strconv.Atoi(args[0])
				if err != nil || n < 1949 || n > 9998 {
					return fmt.Errorf("%w: the year is four digits, such as 2026", errUse)
				}
				year = n
			}
			c, err := s.calendar()
			if err != nil {
				return err
			}
			v := viewYear(c, year)
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return printYear(cmd.OutOrStdout(), v)
		},
	}
	formatFlag(cmd, s)
	return cmd
}

// calendar is that of the configuration, or what the program knows where there is none.
func (s *settings) calendar() (*card.Calendar, error) {
	cfg, err := config.Load(s.configFile())
	if err != nil && card.KindOf(err) != card.NotFound {
		return nil, err
	}
	return cfg.Timetable.Calendar()
}

// yearView is what `calendar -o json` prints.
type yearView struct {
	Year        int          `json:"year"`
	Known       bool         `json:"known"`
	Notice      string       `json:"notice,omitempty"`
	WorkingDays int          `json:"working_days"`
	Periods     []periodView `json:"periods"`
}

// periodView is a holiday, or a make-up day with First and Last the same.
type periodView struct {
	First  card.Day `json:"first"`
	Last   card.Day `json:"last"`
	Works  bool     `json:"works"` // a make-up day
	NameZH string   `json:"name_zh"`
	NameEN string   `json:"name_en"`
}

func viewYear(c *card.Calendar, year int) yearView {
	y := c.Year(year)
	v := yearView{Year: year, Known: c.Known(year), Notice: y.Notice, Periods: []periodView{}}
	for d := card.Day(fmt.Sprintf("%04d0101", year)); d.Year() == year; d = d.Plus(1) {
		if c.WorkingDay(d) {
			v.WorkingDays++
		}
	}
	for _, h := range y.Holidays {
		v.Periods = append(v.Periods, periodView{h.First, h.Last, false, h.ZH, h.EN})
	}
	for _, m := range y.MakeUps {
		v.Periods = append(v.Periods, periodView{m.Day, m.Day, true, m.ZH, m.EN})
	}
	slices.SortFunc(v.Periods, func(a, b periodView) int { return cmp.Compare(a.First, b.First) })
	return v
}

func printYear(w io.Writer, v yearView) error {
	if !v.Known {
		_, err := fmt.Fprintf(w, "%s\n", unknownYear(v.Year))
		return err
	}
	_, _ = fmt.Fprintf(w, "%d  %s  working days (工作日) %d\n", v.Year, v.Notice, v.WorkingDays)
	t := table{{"from 起", "to 止", "days 天数", "what 安排", "name 名称"}}
	for _, p := range v.Periods {
		what, days := "off 放假", 1
		if p.Works {
			what = "works 上班"
		}
		for d := p.First; d < p.Last; d = d.Plus(1) {
			days++
		}
		t = append(t, []string{dated(p.First), dated(p.Last), strconv.Itoa(days), what, p.NameZH + " " + p.NameEN})
	}
	return t.write(w)
}

// unknownYear says by what a schedule goes in a year that the State Council had not arranged when this program was made.
func unknownYear(year int) string {
	return fmt.Sprintf("注意：%d年的节假日安排尚未登记，仅按周末推算；国务院公布后请写入文件并在 timetable.holidays 中指定。\n"+
		"warning: the holidays of %d are not known, so only weekends count as days off; once the State Council has arranged them, name a file with them in timetable.holidays.", year, year)
}

// dated writes a day with its weekday.
func dated(d card.Day) string {
	return d.Dashed() + " " + [...]string{"周日 Sun", "周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat"}[d.Weekday()]
}
