package main

import (
	"fmt"
	"io"
	"time"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

func printTimetable(w io.Writer, v timetableView) error {
	_, _ = fmt.Fprintf(w, "timetable as of %s (时间表)\n", clock(v.AsOf))
	for _, year := range v.UnknownYears {
		_, _ = fmt.Fprintln(w, unknownYear(year))
	}
	for _, p := range v.Partners {
		_, _ = fmt.Fprintf(w, "\n%s  %s\n", p.Partner, partnerKindText(p.Kind))
		for _, line := range p.heading() {
			_, _ = fmt.Fprintln(w, "  "+line)
		}
		for _, t := range []table{p.alertTable(v.AsOf), p.expectedTable(), p.fileTable(), p.awaitedTable()} {
			if len(t) < 2 {
				continue
			}
			if err := t.write(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// heading says whom to call and when the partner was last heard of.
func (v *partnerTimetable) heading() []string {
	var lines []string
	if v.Contact != "" {
		lines = append(lines, "call 联系 "+v.Contact)
	}
	if v.LastFile != nil {
		lines = append(lines, "last file 最近来件 "+clock(*v.LastFile))
	}
	if v.LastConnection != nil {
		lines = append(lines, "last login 最近登录 "+clock(*v.LastConnection))
	}
	if v.SilentFrom != nil {
		lines = append(lines, fmt.Sprintf("silence is raised from 失联告警起点 %s (after %s of working time 工作日时长)", clock(*v.SilentFrom), v.SilentAfter))
	}
	if len(v.Expected) == 0 {
		lines = append(lines, "no timetable, answers only 无定期文件，仅回件")
	}
	return lines
}

func (v *partnerTimetable) alertTable(now time.Time) table {
	t := table{{"alert 告警", "what 内容", "batch 批次", "since 起", "for 历时", "over 解除"}}
	for _, a := range v.Alerts {
		end, over := now, "no 未解除"
		if a.ResolvedAt != nil {
			end, over = *a.ResolvedAt, clock(*a.ResolvedAt)
		}
		t = append(t, []string{causeText(a.Cause), a.Subject, a.Batch, clock(a.Deadline), span(end.Sub(a.Deadline)), over})
	}
	return t
}

func (v *partnerTimetable) expectedTable() table {
	t := table{{"expected 约定文件", "days 报送日", "cut-off 截止", "grace 宽限", "next date 下一业务日", "next cut-off 下一截止"}}
	for _, e := range v.Expected {
		t = append(t, []string{e.Kind, e.Days, e.CutOff, e.Grace, e.NextDay.Dashed(), clock(e.NextCutOff)})
	}
	return t
}

func (v *partnerTimetable) fileTable() table {
	t := table{{"date 业务日", "kind 种类", "cut-off 截止", "state 状态", "came 到达", "file 文件"}}
	for _, f := range v.Files {
		came := ""
		if f.CameAt != nil {
			came = clock(*f.CameAt)
		}
		t = append(t, []string{f.Day.Dashed(), string(f.Kind), clock(f.CutOff), promiseText(f), came, f.File})
	}
	return t
}

func (v *partnerTimetable) awaitedTable() table {
	t := table{{"answer awaited 待回文件", "batch 批次", "until 截止"}}
	for _, w := range v.Awaited {
		until := clock(w.Until)
		if w.Overdue {
			until += " overdue 已超期"
		}
		t = append(t, []string{w.What, w.Batch, until})
	}
	return t
}

func causeText(c card.AlertCause) string {
	switch c {
	case card.AlertMissed:
		return "missed 缺件"
	case card.AlertOverdue:
		return "overdue 回件超期"
	case card.AlertSilent:
		return "silent 失联"
	}
	return string(c)
}

func promiseText(f postgres.PromiseView) string {
	switch f.State {
	case card.PromiseWaiting:
		return "waiting 待到"
	case card.PromiseMet:
		return "in time 按时"
	case card.PromiseMissed:
		return "MISSED 缺件"
	case card.PromiseLate:
		return "late 迟到 " + span(time.Duration(f.LateMinutes)*time.Minute)
	}
	return string(f.State)
}

func partnerKindText(k config.Kind) string {
	switch k {
	case config.Bank:
		return "bank 银行"
	case config.Bureau:
		return "bureau 卡商"
	case config.Civil:
		return "civil affairs 民政"
	case config.Outlet:
		return "outlets 网点"
	}
	return "not configured any more 已不在配置中"
}

// span writes a length of time in days, hours and minutes, as far as they matter.
func span(d time.Duration) string {
	d = d.Round(time.Minute)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d min", minutes)
}
