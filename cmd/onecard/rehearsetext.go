package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"onecard/card"
)

var (
	rehearsalResults = map[string]card.Name{
		resultDone:     {ZH: "全部办结", EN: "every payment is explained"},
		resultStopped:  {ZH: "发放会自动停止", EN: "the rollout would stop by itself"},
		resultWaiting:  {ZH: "有单位不答复，或始终不知道结果，无法办结", EN: "somebody does not answer, or still does not know, so that it does not end"},
		resultPatience: {ZH: "演练超时，未完成", EN: "the rehearsal took too long and was broken off"},
	}
	rehearsalPhases = map[string]string{
		"checks": "checks 核对", "block": "money blocked 冻结资金", "canary": "canary 首批", "delivered": "files delivered 文件送达", "answered": "answered 答复",
	}
)

// tell writes the report for people or for programs.
func (r rehearsalReport) tell(w io.Writer, asJSON bool) error {
	if asJSON {
		return writeJSON(w, r)
	}
	return r.write(w)
}

// write tells people, in Chinese and English, what was found.
func (r rehearsalReport) write(w io.Writer) error {
	name := rehearsalResults[r.Result]
	_, _ = fmt.Fprintf(w, "%s %s  演练 rehearsal\n  %s %s\n", r.Rollout, statusText(r.Status), name.ZH, name.EN)
	if r.Note != "" {
		_, _ = fmt.Fprintf(w, "  %s\n", noteText(r.Note))
	}
	for _, x := range r.Waiting {
		_, _ = fmt.Fprintf(w, "  等待 waiting for %s: %s\n", x.For, x.What)
	}
	r.writeFaults(w)
	_, _ = fmt.Fprintln(w)
	for _, part := range []func(io.Writer) error{r.writeTime, r.writeMoney, r.writeExceptions, r.writeLate, r.writeAnswers, r.writeProof} {
		if err := part(w); err != nil {
			return err
		}
	}
	if r.Kept == nil {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n已保留（含姓名和账号明文，用毕请加--remove删除） kept, with names and accounts in the clear; --remove removes it:\n  schema %s\n  namespace %s\n  folder %s\n",
		r.Kept.Schema, r.Kept.Namespace, r.Kept.Folder)
	return err
}

func (r rehearsalReport) writeFaults(w io.Writer) {
	if r.Faults.File == "" {
		_, _ = fmt.Fprintln(w, "  没有故障文件，模拟单位不出错 no faults file: the simulated partners make no mistakes")
		return
	}
	_, _ = fmt.Fprintf(w, "  故障文件 faults %s: %d rules 条规则, sm3 %.16s…\n", r.Faults.File, r.Faults.Rules, r.Faults.SM3)
}

func (r rehearsalReport) writeTime(w io.Writer) error {
	t := table{{"phase 阶段", "rehearsed 演练用时", "agreed 约定天数", "late 逾期天数"}}
	for _, p := range r.Time.Phases {
		took := fmt.Sprintf("%.1f s", p.Seconds)
		if !p.Reached {
			took = "not reached 未完成"
		}
		t = append(t, []string{rehearsalPhases[p.Phase], took, oneDigit(p.Days), oneDigit(p.Late)})
	}
	t = append(t, []string{"public notice 公示", "not waited 不等待", strconv.Itoa(r.Time.NoticeDays), ""})
	if err := t.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "  演练实际用时 %.1f 秒，其中等待按 %.0f 倍加快\n  the rehearsal took %.1f seconds, waits played %.0f times as fast\n",
		r.Time.Seconds, r.Time.Faster, r.Time.Seconds, r.Time.Faster)
	if err == nil && r.Time.FinishedBy != nil {
		_, err = fmt.Fprintf(w, "  按日历最多 %s 天，即 %s 前完成（决定不耽搁时）\n  by the calendar at most %s days, until %s, when it is decided about at once\n",
			oneDigit(r.Time.Days), clock(*r.Time.FinishedBy), oneDigit(r.Time.Days), clock(*r.Time.FinishedBy))
	}
	_, _ = fmt.Fprintln(w)
	return err
}

func oneDigit(days float64) string { return strconv.FormatFloat(days, 'f', 1, 64) }

func (r rehearsalReport) writeMoney(w io.Writer) error {
	_, _ = fmt.Fprintln(w, "money held (占用资金，元)")
	t := table{{"bank 银行", "must stand there 账户须有", "blocked 冻结", "released 退回", "for days 冻结天数（最多）", ""}}
	for _, b := range r.Banks {
		note := string(b.Reason)
		if b.Open {
			note = "still blocked 未解冻"
		}
		t = append(t, []string{bankName(b.Bank), yuan(b.MustStand), yuan(b.Blocked), yuan(b.Released), oneDigit(b.Days), note})
	}
	return t.write(w)
}

func (r rehearsalReport) writeExceptions(w io.Writer) error {
	m := r.Money
	_, _ = fmt.Fprintf(w, "\n已入账 paid %d, %s 元 yuan; of 共 %d\n", m.Paid.Rows, yuan(m.Paid.Fen), m.Intended.Rows)
	if len(r.Exceptions) == 0 {
		_, err := fmt.Fprintln(w, "没有异常 no exceptions")
		return err
	}
	_, _ = fmt.Fprintln(w, "exceptions to expect (预计异常)")
	t := table{{"state 状态", "bank 银行", "rows 笔", "yuan 元", "already 演练前已有", "reason 原因"}}
	for _, e := range r.Exceptions {
		text := e.Reason.Text()
		t = append(t, []string{stateText(e.status), placeName(bankName, e.Bank), strconv.Itoa(e.Sum.Rows), yuan(e.Sum.Fen), strconv.Itoa(e.Already.Rows),
			strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Reason, text.ZH, text.EN))})
	}
	return t.write(w)
}

func (r rehearsalReport) writeLate(w io.Writer) error {
	_, _ = fmt.Fprintf(w, "\n查询 enquiries: %d files 份, %d rows 笔\n", r.Enquiries.Files, r.Enquiries.Rows)
	if len(r.Late) == 0 {
		return nil
	}
	t := table{{"partner 单位", "request 请求", "answered late 逾期答复", "days past 最长逾期天数", "not answered 未答复"}}
	for _, l := range r.Late {
		t = append(t, []string{l.Partner, string(l.Kind), strconv.Itoa(l.Late), oneDigit(l.Days), strconv.Itoa(l.Never)})
	}
	return t.write(w)
}

func (r rehearsalReport) writeAnswers(w io.Writer) error {
	if len(r.Answers) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(w, "\nwrong in what the partners sent (对方文件中的问题)")
	t := table{{"partner 单位", "file 文件", "what 范围", "count 数量", "reason 原因"}}
	for _, a := range r.Answers {
		what := "rows 行"
		if a.Whole {
			what = "whole files 整份"
		}
		text := a.Reason.Text()
		t = append(t, []string{a.Partner, string(a.Kind), what, strconv.Itoa(a.Count), fmt.Sprintf("%s %s %s", a.Reason, text.ZH, text.EN)})
	}
	return t.write(w)
}

func (r rehearsalReport) writeProof(w io.Writer) error {
	_, _ = fmt.Fprintf(w, "\n模拟银行账 by the simulated banks' own books: %d 笔 credited, %s 元 yuan; 重复入账 credited twice: %d; 与台账相符 agrees: %s\n",
		r.Books.Rows, yuan(r.Books.Fen), r.Books.Twice, yesNo(r.Books.Agrees))
	t := table{{"holds", "name", "figure"}}
	for _, i := range r.Invariants {
		t = append(t, []string{yesNo(i.Holds), i.Name, i.Figure})
	}
	return t.write(w)
}
