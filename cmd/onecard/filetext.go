package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

// shownRows is how many refused rows are shown to people; programs get all.
const shownRows = 20

func fileTable(files []postgres.FileRecord) table {
	t := table{{"file 文件", "state 状态", "rows 行", "written/seen 写成/发现", "confirmed 确认", "acknowledged 签收", "processed 入账", "note 说明"}}
	for _, f := range files {
		begun := cmp.Or(f.Written, &f.Reserved)
		t = append(t, []string{f.Name, stageText(f), strconv.Itoa(f.Rows), short(begun), short(f.Confirmed), short(f.Acknowledged), short(f.Processed), fileNote(f)})
	}
	return t
}

// short writes a time without its year.
func short(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(postgres.Shanghai).Format("01-02 15:04:05")
}

func fileNote(f postgres.FileRecord) string {
	switch {
	case f.ReplacedBy != "":
		return "-> " + f.ReplacedBy
	case f.Called != "" && f.Reason != "":
		return string(f.Reason) + " " + f.Called
	}
	return string(f.Reason)
}

// stageText is a stage in both languages; the way of the file tells some of them apart.
func stageText(f postgres.FileRecord) string {
	words := map[string]string{"reserved": "已取名", "written": "已写成", "seen": "已发现", "confirmed": "已送达", "acknowledged": "对方已取走",
		"processed": "已办结", "quarantined": "对方拒收", "withdrawn": "已撤回"}
	if f.Direction == "in" {
		words = map[string]string{"reserved": "待收", "seen": "已发现", "confirmed": "已收妥", "acknowledged": "已回执", "processed": "已入账", "quarantined": "已隔离"}
	}
	return f.Stage + " " + words[f.Stage]
}

// printFile writes all that is known of a file.
func printFile(w io.Writer, v fileView) error {
	_, _ = fmt.Fprintf(w, "%s  %s\n", v.Name, stageText(v.FileRecord))
	for _, line := range v.heading() {
		_, _ = fmt.Fprintln(w, "  "+line)
	}
	for _, part := range []struct {
		title string
		table
	}{
		{"stages (各阶段)", v.stages()}, {"decisions (人工决定)", v.decisionTable()}, {"rows moved (改动的行)", v.eventTable()}, {"archive (归档)", v.copyTable()},
	} {
		if len(part.table) < 2 {
			continue
		}
		_, _ = fmt.Fprintln(w, part.title)
		if err := part.write(w); err != nil {
			return err
		}
	}
	if len(v.Verdicts) > 0 {
		_, _ = fmt.Fprintln(w, "checks (校验结果)")
	}
	for _, verdict := range v.Verdicts {
		printVerdict(w, verdict, v.Direction)
	}
	_, err := fmt.Fprintf(w, "at the partner (在对方处)\n  %s\n  %s\n", v.Fate.ZH, v.Fate.EN)
	for _, p := range v.AtPartner {
		_, err = fmt.Fprintf(w, "    %s  %d bytes\n", p.Path, p.Size)
	}
	return err
}

func (v fileView) heading() []string {
	lines := []string{
		fmt.Sprintf("digest 摘要 SM3 %s", cmp.Or(v.SM3, "-")),
		fmt.Sprintf("size 大小 %d bytes, %d rows 行, total 合计 %d fen 分, layout 版式 %s", v.Size, v.Rows, v.TotalFen, cmp.Or(v.Layout, "-")),
	}
	for _, named := range []struct{ name, value string }{
		{"called 对方所用名", v.Called}, {"batch 批次", v.Batch}, {"answers 所答复", v.Answers}, {"answered by 答复", v.AnsweredBy},
		{"taken as 已并入为", v.TakenAs}, {"replaces 取代", v.Replaces}, {"replaced by 已换为", v.ReplacedBy},
	} {
		if named.value != "" {
			lines = append(lines, named.name+" "+named.value)
		}
	}
	if v.SizeOnly {
		lines = append(lines, "proof 证明 by name and size only, for nothing may be read back there (对方不许读回，只核对了名称和大小)")
	}
	if v.Reason != "" {
		text := v.Reason.Text()
		lines = append(lines, "reason 原因 "+string(v.Reason), "  "+text.ZH+text.MendZH, "  "+text.EN+" "+text.MendEN)
	}
	return lines
}

func (v fileView) stages() table {
	t := table{{"stage 阶段", "at 时间"}}
	first := "named 取名"
	if v.Direction == "in" {
		first = "seen 发现"
	}
	for _, s := range []struct {
		name string
		at   *time.Time
	}{
		{first, &v.Reserved}, {"written 写成", v.Written}, {"confirmed 确认", v.Confirmed}, {"acknowledged 签收", v.Acknowledged},
		{"processed 入账", v.Processed}, {"quarantined 隔离", v.Quarantined}, {"by hand 人工送达", v.Joined}, {"withdrawn 撤回", v.Withdrawn}, {"due 应到", v.Due},
	} {
		if s.at == nil {
			continue
		}
		line := []string{s.name, clock(*s.at)}
		if s.at == v.Acknowledged {
			line[0] += " (" + v.AcknowledgedBy + ")"
		}
		t = append(t, line)
	}
	return t
}

func (v fileView) decisionTable() table {
	t := table{{"what 事项", "by 提出", "at 时间", "second 复核", "closed 了结", "sm3 摘要", "reason 原因"}}
	for _, d := range v.Decisions {
		reason := d.Reason
		if d.Agreed != "" {
			reason += " / " + d.Agreed
		}
		t = append(t, []string{d.What, d.By, clock(d.At), d.Second, short(d.Closed), fmt.Sprintf("%.16s", d.SM3), reason})
	}
	return t
}

func (v fileView) eventTable() table {
	t := table{{"event 事件", "rows 行"}}
	for _, e := range v.RowEvents {
		t = append(t, []string{e.What, strconv.Itoa(e.Rows)})
	}
	return t
}

func (v fileView) copyTable() table {
	t := table{{"place 位置", "size 大小", "sm3 摘要", "as the ledger says 与台账一致", "path 路径"}}
	for _, c := range v.Copies {
		agrees := "-"
		if !c.Manifest && v.SM3 != "" {
			agrees = yesNo(v.knows(c.SM3))
		}
		t = append(t, []string{c.Place, strconv.FormatInt(c.Size, 10), fmt.Sprintf("%.16s", c.SM3), agrees, c.Path})
	}
	return t
}

// knows tells that a digest is in the ledger: the file's own, or that of another content that once came under its name.
func (v fileView) knows(sum string) bool {
	return sum == v.SM3 || slices.ContainsFunc(v.Verdicts, func(f postgres.FileVerdict) bool { return f.SM3 == sum })
}

// printVerdict tells what the hub said about one edition of a file, where, and whether its partner knows.
//
// Of a file of ours it tells which rows were left out of it.
func printVerdict(w io.Writer, v postgres.FileVerdict, direction string) {
	outcome, receipt := outcomeText(v.Outcome), "receipt owed 回执待发 "+v.Receipt
	if v.ReceiptAt != nil {
		receipt = fmt.Sprintf("receipt 回执 %s %s", v.Receipt, clock(*v.ReceiptAt))
	}
	if direction == "out" {
		outcome, receipt = fmt.Sprintf("%d rows that it could not carry were left out 放不下而未发送的行", len(v.Rows)), ""
	}
	_, _ = fmt.Fprintf(w, "  %s  %s  sm3 %.16s  %s\n", clock(v.At), outcome, v.SM3, receipt)
	printFinding(w, v.Whole)
	for i, row := range v.Rows {
		if i == shownRows {
			_, _ = fmt.Fprintf(w, "    … %d more rows with -o json (其余用 -o json 查看)\n", len(v.Rows)-i)
			break
		}
		printFinding(w, row)
	}
}

func printFinding(w io.Writer, f card.Finding) {
	if f.Reason == "" {
		return
	}
	text := f.Reason.Text()
	_, _ = fmt.Fprintf(w, "    %s\n      %s%s\n      %s %s\n", f, text.ZH, text.MendZH, text.EN, text.MendEN)
}

func outcomeText(o card.Outcome) string {
	switch o {
	case card.Accepted:
		return "00 accepted 已收取"
	case card.AcceptedInPart:
		return "01 accepted in part 部分收取"
	case card.RefusedWhole:
		return "02 refused 整份退回"
	}
	return string(o)
}
