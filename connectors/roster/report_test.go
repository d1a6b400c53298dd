package roster

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

func exampleReport() Report {
	foshan := Counts{5000, 4900, 100, 4890, 4851, 4840, 4840, 4840, 4600, 4590, 60, 0}
	icbc := Counts{3000, 2950, 50, 2945, 2930, 2920, 2920, 2920, 2800, 2795, 30, 0}
	abc := Counts{2000, 1950, 50, 1945, 1921, 1920, 1920, 1920, 1800, 1795, 30, 0}
	digest := strings.Repeat("66c7f0f462eeedd9", 4)
	return Report{
		ID: "R20261121-001", Name: "佛山市2026年秋季批量制卡", Kind: "issuance", Status: "已完成 completed", AsOf: "2026-11-21 09:30:00",
		Counts: foshan,
		Cities: []Group{{Code: "440600", Name: "佛山 Foshan", Counts: foshan}},
		Banks:  []Group{{Code: "102", Name: "工商银行", Counts: icbc}, {Code: "103", Name: "农业银行", Counts: abc}},
		Outlets: []Group{
			{Code: "4406001020001", City: "佛山", Bank: "工商银行", Counts: icbc}, {City: "佛山", Bank: "农业银行", Counts: abc},
		},
		Refusals: []Refusal{{card.ReasonIDCheckDigit, 12}, {card.ReasonNumberAsFloat, 7}, {card.ReasonMatchDeceased, 2}},
		Batches: []Batch{
			{"R20261121-001/440600/102/001", "佛山", "工商银行", "已完成 done", "issue-R20261121-001-440600-102-001", icbc},
			{"R20261121-001/440600/103/001", "佛山", "农业银行", "已完成 done", "issue-R20261121-001-440600-103-001", abc},
		},
		Files: []File{{"发出 out", "ICBC", "ACCTREQ", "ICBC_ACCTREQ_20261121_000001.txt", "已确认 confirmed", "2026-11-21 09:01:10", digest, 2945, 512_345}},
		Approvals: []Approval{
			{"提交 submit", "manager1", "2026-11-21 09:00:00", "", digest, 4900}, {"批准 approve", "approver1", "2026-11-21 09:00:30", "=核对无误", digest, 4900},
		},
		Invariants: []Invariant{{"一人一卡 one live card per person", "0", true}, {"卡号不丢不重 no number lost or used twice", "4900 = 4840 + 60", true}},
		Accounts: func(yield func(Account, error) bool) {
			for i := range 3 {
				if !yield(Account{"R20261121-001/440600/102/001", "佛山", "工商银行", "E00000019", fmt.Sprintf("629999000000000%04d", i), "2026-11-21", ""}, nil) {
					return
				}
			}
		},
	}
}

func openBook(t *testing.T, file []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func TestReportAddsUp(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, WriteReport(&file, exampleReport()))
	f := openBook(t, file.Bytes())
	require.Equal(t, []string{
		"概要 Overview", "按城市 Cities", "按银行 Banks", "按网点 Outlets", "退回原因 Reasons", "批次 Batches", "文件 Files", "审批 Approvals",
		"核对 Invariants", "待销账户 Accounts",
	}, f.GetSheetList())
	rows, err := f.GetRows("按银行 Banks", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Equal(t, []string{"合计 Total", "", "5000", "4900", "100", "4890", "4851", "4840", "4840", "4840", "4600", "4590", "60", "0", "0.936735"}, rows[6])
	overview, err := f.GetRows(sheetOverview)
	require.NoError(t, err)
	require.Equal(t, "与总账一致 agrees", overview[len(overview)-2][1])
	note, err := f.GetCellValue("审批 Approvals", "F6")
	require.NoError(t, err)
	require.Equal(t, "'=核对无误", note)
	accounts, err := f.GetRows("待销账户 Accounts")
	require.NoError(t, err)
	require.Len(t, accounts, reportHeadings+3)
}

func TestReportSaysThatItDoesNotAddUp(t *testing.T) {
	t.Parallel()
	r := exampleReport()
	r.Banks[0].Counts.Made--
	r.Invariants[0].Holds = false
	r.Accounts = nil
	var file bytes.Buffer
	require.NoError(t, WriteReport(&file, r))
	f := openBook(t, file.Bytes())
	overview, err := f.GetRows(sheetOverview)
	require.NoError(t, err)
	last := len(overview) - 1
	require.Equal(t, "与总账一致 agrees", overview[last-3][1])
	require.Equal(t, "与总账不符 DIFFERS", overview[last-2][1])
	require.Equal(t, "不成立 BREACH", overview[last][1])
	require.NotContains(t, f.GetSheetList(), "待销账户 Accounts")
}

func TestReportEndsWithTheErrorOfItsRows(t *testing.T) {
	t.Parallel()
	r := exampleReport()
	r.Accounts = iter.Seq2[Account, error](func(yield func(Account, error) bool) {
		yield(Account{}, card.E(card.Unavailable, "list accounts", "", nil))
	})
	require.Equal(t, card.Unavailable, card.KindOf(WriteReport(&bytes.Buffer{}, r)))
}

func TestTemplateIsTypedAsText(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, WriteTemplate(&file, TemplateOptions{}))
	f := openBook(t, file.Bytes())
	require.Equal(t, []string{SheetName, sheetNotes, sheetLists}, f.GetSheetList())
	rows, err := f.GetRows(SheetName)
	require.NoError(t, err)
	require.Equal(t, [][]string{headings[:]}, rows)
	for col := range columns {
		id, err := f.GetColStyle(SheetName, string(xlsx.ColumnName(col)))
		require.NoError(t, err)
		style, err := f.GetStyle(id)
		require.NoError(t, err)
		require.Equal(t, numFmtText, style.NumFmt, headings[col])
	}
	visible, err := f.GetSheetVisible(sheetLists)
	require.NoError(t, err)
	require.False(t, visible)
	comments, err := f.GetComments(SheetName)
	require.NoError(t, err)
	require.Len(t, comments, columns)
	lists := 0
	validations, err := f.GetDataValidations(SheetName)
	require.NoError(t, err)
	for _, v := range validations {
		if v.Type == "list" {
			lists++
			require.True(t, strings.HasPrefix(v.Formula1, "'"+sheetLists+"'!"), v.Formula1)
		}
	}
	require.Equal(t, 6, lists)
}

func TestEveryMendableReasonIsExplained(t *testing.T) {
	t.Parallel()
	known := card.Reasons()
	for _, reason := range mendable {
		require.Contains(t, known, reason)
	}
}
