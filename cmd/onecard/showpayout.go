package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"onecard/card"
	"onecard/connectors/postgres"
)

// yuan writes fen as people read money.
func yuan(fen int64) string {
	text := fmt.Sprintf("%d.%02d", fen/100, fen%100)
	whole, cents, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + "." + cents
}

// payoutLine is where a subsidy rollout stands, in a line.
func payoutLine(v postgres.View) string {
	m := v.Payout.Money
	return fmt.Sprintf("%s %s  paid %d  returned %d  unknown %d  at the banks %d  held %d  planned %d of %d",
		v.ID, v.Status, m.Paid.Rows, m.Returned.Rows, m.Unknown.Rows, m.Out.Rows, m.Held.Rows, m.Planned.Rows, m.Intended.Rows)
}

// printPayout shows what a subsidy rollout has in place of the stages of cards.
func printPayout(w io.Writer, v postgres.View) error {
	p := v.Payout
	_, _ = fmt.Fprintf(w, "  %s %s  period %s 发放期   payer %s 付款单位\n", p.Programme, p.ProgrammeZH, p.Period, p.Payer)
	_, _ = fmt.Fprintf(w, "  approvals needed 需审批角色: %s   still missing 尚缺: %s\n", roleText(p.Roles), cmp.Or(roleText(p.Missing), "nobody 无"))
	for _, a := range p.Approvals {
		_, _ = fmt.Fprintf(w, "    %s  %s  %s%s\n", clock(a.At), roleNames[a.Role], a.By, whyNot(a))
	}
	if !p.Checked {
		_, _ = fmt.Fprintln(w, "  being checked with civil affairs and the banks (正在与民政、银行核对)")
	}
	_, _ = fmt.Fprintf(w, "  %s\n", noticeText(v))
	_, _ = fmt.Fprintln(w)
	if err := moneyTable(p.Money).write(w); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w)
	t := table{{"bank 银行", "intended 应发", "yuan 元", "paid 已入账", "yuan 元", "returned 退票", "unknown 未知", "held 暂缓", "pending 待办结"}}
	for _, b := range p.Banks {
		m := b.Money
		t = append(t, []string{b.Bank, strconv.Itoa(m.Intended.Rows), yuan(m.Intended.Fen), strconv.Itoa(m.Paid.Rows), yuan(m.Paid.Fen),
			strconv.Itoa(m.Returned.Rows), strconv.Itoa(m.Unknown.Rows), strconv.Itoa(m.Held.Rows), strconv.Itoa(m.Pending.Rows)})
	}
	if err := t.write(w); err != nil {
		return err
	}
	return printFunds(w, p.Funds)
}

func printFunds(w io.Writer, funds []postgres.Fund) error {
	if len(funds) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(w, "\npayer's money (付款资金，元)")
	t := table{{"bank 银行", "order 指令", "asked 申请冻结", "blocked 已冻结", "released 已解冻", "reason 原因"}}
	for _, f := range funds {
		t = append(t, []string{f.Bank, f.Order, yuan(f.Fen), yuan(f.Blocked), yuan(f.Released), string(f.Reason)})
	}
	return t.write(w)
}

func moneyTable(m postgres.Money) table {
	t := table{{"", "people 人数", "yuan 元"}}
	for _, line := range []struct {
		name string
		sum  postgres.Sum
	}{
		{"intended 应发", m.Intended}, {"= paid 已入账", m.Paid}, {"+ refused 已拒绝", m.Refused}, {"+ withdrawn 已撤销", m.Withdrawn},
		{"+ returned 退票", m.Returned}, {"+ pending 待办结", m.Pending}, {"  planned 待发放", m.Planned}, {"  held 暂缓", m.Held},
		{"  at the banks 银行处理中", m.Out}, {"  unknown 结果未知", m.Unknown},
	} {
		t = append(t, []string{line.name, strconv.Itoa(line.sum.Rows), yuan(line.sum.Fen)})
	}
	return t
}

func payBatchTable(batches []postgres.BatchView) table {
	t := table{{"batch 批次", "kind 类别", "status 状态", "step 步骤", "rows 行", "intended 应发(元)", "paid 已入账(元)", "returned 退票", "unknown 未知", "pending 待办结"}}
	for _, b := range batches {
		row := []string{b.ID, string(b.Kind), string(b.Status), b.Step, strconv.Itoa(b.Counts.Rows), yuan(b.Fen.Intended), yuan(b.Fen.Paid)}
		t = append(t, append(row, numbers(b.Counts.Failed, b.Counts.Unknown, b.Counts.Pending)...))
	}
	return t
}

// noticeText says how the public notice stands.
func noticeText(v postgres.View) string {
	p := v.Payout
	switch {
	case p.NoticeDays == 0:
		return "no public notice 无需公示"
	case p.NoticeUntil == nil:
		return fmt.Sprintf("public notice of %d days from the submission 提交后公示 %[1]d 天", p.NoticeDays)
	case p.NoticeUntil.After(v.AsOf):
		return "public notice until 公示至 " + clock(*p.NoticeUntil)
	}
	return "public notice over since 公示期已满 " + clock(*p.NoticeUntil)
}

// whyNot marks an approval that does not count.
func whyNot(a postgres.PayApproval) string {
	if a.Valid {
		return ""
	}
	return "  does not count: not signed by a key that is in force 无效：签名密钥不符或已吊销"
}

var roleNames = map[card.Role]string{
	card.RoleChecker: "checker 复核", card.RoleReleaser: "releaser 签发", card.RoleFinance: "finance 财政",
}

func roleText(roles []card.Role) string {
	names := make([]string, 0, len(roles))
	for _, r := range roles {
		names = append(names, roleNames[r])
	}
	return strings.Join(names, ", ")
}
