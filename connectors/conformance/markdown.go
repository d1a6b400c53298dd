package conformance

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// groupNames are the headings of a report.
var groupNames = map[Group]Words{
	Door: {"一、连接与密钥", "Connection and keys"}, Folders: {"二、文件夹与权限", "Folders and rights"},
	Publish: {"三、带证明的发布", "Publish with proof"}, Naming: {"四、命名", "Names"}, Habits: {"五、服务器习惯与声明", "Habits of the server, and what was declared"},
	Manifest: {"六、清单(应当拒收)", "Manifests that must be refused"}, Content: {"七、内容(应当拒收)", "Contents that must be refused"},
	Exchange: {"八、收发、答复与回执", "Good files, answers, receipts"},
}

// groups are the groups in the order of a report.
var groups = []Group{Door, Folders, Publish, Naming, Habits, Manifest, Content, Exchange}

var outcomeNames = map[Outcome]Words{Passed: {"通过", "pass"}, Failed: {"未通过", "FAIL"}, Idle: {"不适用", "n/a"}}

// zone is the time zone of reports.
func zone() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// of returns the checks of a group.
func (r Report) of(g Group) []Result {
	var some []Result
	for _, c := range r.Checks {
		if c.Group == g {
			some = append(some, c)
		}
	}
	return some
}

// Verdict says in a line how the test ended.
func (r Report) Verdict() Words {
	passed, failed, idle := r.Count(Passed), r.Count(Failed), r.Count(Idle)
	if r.Green() {
		return Words{fmt.Sprintf("全绿：%d 项通过，%d 项不适用，可以申请上线。", passed, idle),
			fmt.Sprintf("Green: %d passed, %d not applicable; the partner may go live.", passed, idle)}
	}
	return Words{fmt.Sprintf("未通过：%d 项未通过，%d 项通过，%d 项不适用。", failed, passed, idle),
		fmt.Sprintf("Not green: %d failed, %d passed, %d not applicable.", failed, passed, idle)}
}

// Markdown writes the report for the partner, in Chinese first.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	v := r.Verdict()
	fmt.Fprintf(&b, "# %s 一致性测试报告 / Conformance report\n\n- 时间 At: %s（北京时间）\n- 请求类型 Request: %s\n- **%s**\n- %s\n",
		r.Partner, r.At.In(zone()).Format("2006-01-02 15:04:05"), r.Request, v.ZH, v.EN)
	if r.Count(Failed) > 0 {
		b.WriteString("\n## 需要更正 / To be mended\n")
	}
	for _, c := range r.Checks {
		if c.Outcome == Failed {
			fmt.Fprintf(&b, "\n- `%s` %s：%s%s\n  %s: %s. %s\n", c.Code, c.Name.ZH, end(c.Found.ZH), c.Mend.ZH, c.Name.EN, c.Found.EN, c.Mend.EN)
		}
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s / %s\n\n| 结果 | 代码 | 检查 Check | 做法 Done | 应为 Expected | 所见 Found |\n|---|---|---|---|---|---|\n", groupNames[g].ZH, groupNames[g].EN)
		for _, c := range r.of(g) {
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s |\n", outcomeNames[c.Outcome].ZH, c.Code, cell(c.Name), cell(c.Did), cell(c.Expected), cell(c.Found))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// end ends a sentence.
func end(zh string) string { return strings.TrimSuffix(zh, "。") + "。" }

func cell(w Words) string {
	text := w.ZH
	if w.EN != w.ZH {
		text += "<br>" + w.EN
	}
	return strings.ReplaceAll(text, "|", "\\|")
}
