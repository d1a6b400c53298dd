package evidence

import (
	"bufio"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"onecard/card"
)

// judgeRoster adds up what was handed in.
func (v *verifier) judgeRoster() {
	c := v.check(checkRoster)
	lines(v, c, entryRefusals, func(r struct {
		Row     int      `json:"row"`
		Fen     int64    `json:"fen"`
		Reasons []string `json:"reasons"`
	}) {
		v.refused.add(sum{1, r.Fen})
		if len(r.Reasons) == 0 {
			c.wrong("第%d行没有拒绝原因 row %d was refused without a reason", r.Row, r.Row)
		}
	})
	in := v.rows.total
	in.add(v.refused)
	told := v.rollout
	for _, p := range []struct {
		what string
		told sum
		made sum
	}{
		{"受理 handed in", sum{told.Rows, told.Fen}, in},
		{"申报 declared", sum{told.DeclaredRows, told.DeclaredFen}, in},
		{"受理时拒绝 refused at intake", sum{told.RefusedRows, told.RefusedFen}, v.refused},
	} {
		if p.told != p.made {
			c.wrong("%s: %v ≠ %v", p.what, p.told, p.made)
		}
	}
	c.Figure = fmt.Sprintf("%v = %v refused + %v planned", in, v.refused, v.rows.total)
}

// statesOf names the states of payments as the reconciliation does.
var statesOf = map[string]card.PayStatus{
	"planned": card.PayPlanned, "held": card.PayHeld, "out": card.PayReleased, "unknown": card.PayUnknown, "paid": card.PayPaid,
	"returned": card.PayReturned, "withdrawn": card.PayWithdrawn, "refused": card.PayRefused,
}

// judgeReconciliation compares the sums of every bank and state with those of the rows.
func (v *verifier) judgeReconciliation() {
	c := v.check(checkReconciled)
	var told struct {
		Total map[string]sum `json:"total"`
		Banks []struct {
			Bank  string         `json:"bank"`
			Money map[string]sum `json:"money"`
		} `json:"banks"`
	}
	if !v.decode(c, entryReconciliation, &told) {
		return
	}
	banks := map[string]bool{}
	for _, b := range told.Banks {
		banks[b.Bank] = true
		compareStates(c, b.Bank, b.Money, v.rows.banks[b.Bank])
	}
	for bank := range v.rows.banks {
		if !banks[bank] {
			c.wrong("缺少银行%s bank %s is missing", bank, bank)
		}
	}
	whole := map[string]sum{}
	for status, s := range v.rows.states {
		whole[status] = s
	}
	refused := whole[card.PayRefused.Name().Code]
	refused.add(v.refused)
	whole[card.PayRefused.Name().Code] = refused
	compareStates(c, "total", told.Total, whole)
	c.Figure = fmt.Sprintf("%d banks, paid %v, returned %v", len(told.Banks), told.Total["paid"], told.Total["returned"])
}

func compareStates(c *Check, whose string, told, made map[string]sum) {
	var intended sum
	for name, status := range statesOf {
		s := made[status.Name().Code]
		intended.add(s)
		if told[name] != s {
			c.wrong("%s %s: %v ≠ %v", whose, name, told[name], s)
		}
	}
	if told["intended"] != intended {
		c.wrong("%s intended: %v ≠ %v", whose, told["intended"], intended)
	}
	for status := range made {
		if !known(status) {
			c.wrong("%s: 未知状态 unknown state %s", whose, status)
		}
	}
}

func known(code string) bool {
	for _, status := range statesOf {
		if status.Name().Code == code {
			return true
		}
	}
	return false
}

// judgeFiles compares each money file with its rows.
func (v *verifier) judgeFiles() {
	c := v.check(checkFiles)
	var all sum
	for _, name := range v.names {
		f := v.out[name]
		all.add(f.rows)
		switch {
		case f.rows.Rows == 0 && f.Confirmed == nil: // named, and not sent
		case f.Confirmed == nil || len(f.SM3) != 64:
			c.wrong("%s 没有送达证明 has no proof of delivery", name)
		case (sum{f.Rows, f.TotalFen}) != f.rows:
			c.wrong("%s: 文件 file %v ≠ 各行 rows %v", name, sum{f.Rows, f.TotalFen}, f.rows)
		}
	}
	c.Figure = fmt.Sprintf("%d money files, %v", len(v.names), all)
}

// judgeRaw checks the archived bytes, where the pack has them: their digests, and that each money file carries exactly the
// instructions of its rows.
func (v *verifier) judgeRaw() {
	c := v.check(checkRaw)
	carried := rowSums{}
	checked, unread := 0, 0
	for _, entry := range v.archive.File {
		name, out := strings.CutPrefix(entry.Name, FilesOut)
		if !out {
			var in bool
			if name, in = strings.CutPrefix(entry.Name, FilesIn); !in {
				continue
			}
		}
		checked++
		f, listed := v.files[name]
		digest, size, err := v.measure(entry.Name)
		if !listed || err != nil || digest != f.SM3 || f.Size != 0 && size != f.Size {
			c.wrong("%s 的字节与记录不符 the bytes are not those on record", name)
			continue
		}
		if m := v.out[name]; out && m != nil && !v.scan(c, entry.Name, m, &carried) {
			unread++
		}
	}
	c.Figure = fmt.Sprintf("%d raw files", checked)
	if checked == 0 {
		c.Figure = "仅有摘要 digests only"
	}
	if unread > 0 {
		c.Figure += fmt.Sprintf("，%d个不是文本 %d are no text", unread, unread)
	}
}

// scan looks for the instructions in a money file, and says whether there were any to be read.
func (v *verifier) scan(c *Check, entry string, m *moneyFile, carried *rowSums) bool {
	in, err := v.entries[entry].Open()
	if err != nil {
		c.wrong("不可读 cannot be read: %s", entry)
		return true
	}
	defer in.Close() //nolint:errcheck // read only
	instruction := regexp.MustCompile(regexp.QuoteMeta(string(v.rollout.ID)) + `\.(\d{7})\.\d{1,2}`)
	found := 0
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	for s.Scan() {
		for _, match := range instruction.FindAllSubmatch(s.Bytes(), -1) {
			found++
			n, _ := strconv.Atoi(string(match[1]))
			if !carried.mark(n) {
				c.wrong("第%d行的指令发出两次 the instruction of row %d went out twice", n, n)
			}
			if n >= len(v.rows.carrier) || v.rows.carrier[n] != m.number {
				c.wrong("第%d行不应在%s中 row %d does not belong into it", n, m.Name, n)
			}
		}
	}
	if found != m.rows.Rows && found > 0 {
		c.wrong("%s: %d instructions, %d rows", m.Name, found, m.rows.Rows)
	}
	return found > 0
}
