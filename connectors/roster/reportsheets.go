package roster

import (
	"iter"
	"slices"
)

// reportSheet is a table of the report: its columns, its rows and, unless nil, its last row.
type reportSheet struct {
	name, title string
	columns     []reportColumn
	count       int // rows that are known beforehand, for the filter; 0 is unknown or none
	rows        iter.Seq2[[]any, error]
	total       []any
}

type reportColumn struct {
	zh, en string
	width  float64
}

// A share is a part of a whole, shown in percent.
type share float64

func reportSheets(r Report) []reportSheet {
	sheets := []reportSheet{
		groupSheet("按城市 Cities", "按城市统计  Counts by city", r.Cities, cityColumns),
		groupSheet("按银行 Banks", "按服务银行统计  Counts by service bank", r.Banks, bankColumns),
		groupSheet("按网点 Outlets", "按领卡网点统计  Counts by outlet", r.Outlets, outletColumns),
		refusalSheet(r.Refusals), batchSheet(r.Batches), fileSheet(r.Files), approvalSheet(r.Approvals), invariantSheet(r.Invariants),
	}
	if r.Accounts != nil {
		sheets = append(sheets, accountSheet(r.Accounts))
	}
	return sheets
}

// division says which columns of a group stand before its counts.
type division struct {
	columns []reportColumn
	values  func(Group) []any
}

var (
	cityColumns = division{
		[]reportColumn{{"城市代码", "City code", 12}, {"城市", "City", 14}},
		func(g Group) []any { return []any{g.Code, or(g.Name, unread)} },
	}
	bankColumns = division{
		[]reportColumn{{"银行代码", "Bank code", 12}, {"服务银行", "Service bank", 18}},
		func(g Group) []any { return []any{g.Code, or(g.Name, unread)} },
	}
	outletColumns = division{
		[]reportColumn{{"网点编号", "Outlet", 18}, {"网点名称", "Name", 32}, {"城市", "City", 12}, {"服务银行", "Bank", 16}},
		func(g Group) []any { return []any{g.Code, or(g.Name, or(g.Code, noOutlet)), g.City, g.Bank} },
	}
)

// What stands for the name of a group that has none.
const (
	unread   = "（未能识别 unreadable）"
	noOutlet = "（无网点：单位领取、邮寄 none）"
)

func groupSheet(name, title string, groups []Group, d division) reportSheet {
	s := reportSheet{name: name, title: title, columns: slices.Concat(d.columns, countColumns()), count: len(groups)}
	s.rows = each(groups, func(g Group) []any { return append(d.values(g), countValues(g.Counts)...) })
	s.total = append([]any{"合计 Total"}, make([]any, len(d.columns)-1)...)
	s.total = append(s.total, countValues(totalOf(groups))...)
	return s
}

func countColumns() []reportColumn {
	var columns []reportColumn
	for _, n := range countNames {
		columns = append(columns, reportColumn{n[0], n[1], 13})
	}
	return append(columns, reportColumn{"启用率", "Active share", 12})
}

func countValues(c Counts) []any {
	var values []any
	for _, n := range c.list() {
		values = append(values, n)
	}
	if c.Accepted == 0 {
		return append(values, "—")
	}
	return append(values, share(float64(c.Active)/float64(c.Accepted)))
}

// each makes rows of a list.
func each[T any](list []T, row func(T) []any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, v := range list {
			if !yield(row(v), nil) {
				return
			}
		}
	}
}

func refusalSheet(refusals []Refusal) reportSheet {
	return reportSheet{
		name: "退回原因 Reasons", title: "退回与失败原因  Why rows were refused or failed", count: len(refusals),
		columns: []reportColumn{
			{"原因代码", "Code", 26}, {"行数", "Rows", 12}, {"原因", "Reason", 44}, {"", "Reason", 52}, {"如何修改", "How to mend", 48}, {"", "How to mend", 56},
		},
		rows: each(refusals, func(r Refusal) []any {
			t := r.Reason.Text()
			return []any{string(r.Reason), r.Rows, t.ZH, t.EN, t.MendZH, t.MendEN}
		}),
	}
}

func batchSheet(batches []Batch) reportSheet {
	var total Counts
	for _, b := range batches {
		total.add(b.Counts)
	}
	return reportSheet{
		name: "批次 Batches", title: "批次  Batches", count: len(batches),
		columns: slices.Concat([]reportColumn{
			{"批次", "Batch", 32}, {"城市", "City", 12}, {"服务银行", "Bank", 16}, {"状态", "Status", 24},
		}, countColumns(), []reportColumn{{"流程编号", "Workflow ID", 46}}),
		rows: each(batches, func(b Batch) []any {
			return append(append([]any{b.ID, b.City, b.Bank, b.Status}, countValues(b.Counts)...), b.WorkflowID)
		}),
		total: append(append([]any{"合计 Total", nil, nil, nil}, countValues(total)...), nil),
	}
}

func fileSheet(files []File) reportSheet {
	return reportSheet{
		name: "文件 Files", title: "与合作单位交换的文件  Files exchanged with partners", count: len(files),
		columns: []reportColumn{
			{"时间", "Time", 21}, {"方向", "Direction", 14}, {"合作单位", "Partner", 14}, {"类别", "Kind", 16}, {"文件名", "File", 44},
			{"状态", "State", 20}, {"行数", "Rows", 12}, {"字节", "Bytes", 14}, {"摘要", "SM3", 68},
		},
		rows: each(files, func(f File) []any {
			return []any{f.At, f.Direction, f.Partner, f.Kind, f.Name, f.State, f.Rows, f.Bytes, f.SM3}
		}),
	}
}

func approvalSheet(approvals []Approval) reportSheet {
	return reportSheet{
		name: "审批 Approvals", title: "审批与决定  Approvals and decisions", count: len(approvals),
		columns: []reportColumn{
			{"时间", "Time", 21}, {"事项", "Action", 20}, {"经办人", "By", 18}, {"行数", "Rows", 12}, {"行内容摘要", "SM3 of the rows", 68}, {"备注", "Note", 40},
		},
		rows: each(approvals, func(a Approval) []any { return []any{a.At, a.Action, a.By, a.Rows, a.SM3, a.Note} }),
	}
}

func invariantSheet(invariants []Invariant) reportSheet {
	return reportSheet{
		name: "核对 Invariants", title: "账务核对  Invariants of the ledger", count: len(invariants),
		columns: []reportColumn{{"核对项", "Check", 60}, {"结果", "Result", 18}, {"数值", "Figure", 60}},
		rows: each(invariants, func(i Invariant) []any {
			if i.Holds {
				return []any{i.Name, "成立 holds", i.Figure}
			}
			return []any{i.Name, breach("不成立 BREACH"), i.Figure}
		}),
	}
}

// breach is a text that must be seen.
type breach string

func accountSheet(accounts iter.Seq2[Account, error]) reportSheet {
	return reportSheet{
		name: "待销账户 Accounts", title: "取消后待销户的银行账户  Bank accounts to be closed after the cancel",
		columns: []reportColumn{
			{"批次", "Batch", 32}, {"城市", "City", 12}, {"服务银行", "Bank", 16}, {"社保卡号", "Card number", 16}, {"银行账户", "Account", 26},
			{"开户时间", "Opened", 21}, {"备注", "Note", 40},
		},
		rows: func(yield func([]any, error) bool) {
			for a, err := range accounts {
				if !yield([]any{a.Batch, a.City, a.Bank, a.CardNumber, a.Account, a.OpenedAt, a.Note}, err) {
					return
				}
			}
		},
	}
}
