package conformance_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"onecard/connectors/conformance"
)

// TestTheGuideListsEveryCheck keeps the guide that partners get and the checks together.
func TestTheGuideListsEveryCheck(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "partner-files.md"))
	require.NoError(t, err)
	for _, c := range conformance.Checks() {
		row := fmt.Sprintf("| `%s` | %s %s |", c.Code, c.Name.ZH, c.Name.EN)
		require.Contains(t, string(guide), row, "the guide lacks the line %s", row)
	}
}

// TestReportsAreForPartners has a report in both forms: Chinese first, what is to be mended, and no formula from a server's words.
func TestReportsAreForPartners(t *testing.T) {
	t.Parallel()
	checks := conformance.Checks()
	for i := range checks {
		checks[i].Outcome = conformance.Passed
	}
	checks[2].Outcome, checks[2].Found = conformance.Failed, conformance.Words{ZH: "=1+1|所见", EN: "=1+1|found"}
	r := conformance.Report{Partner: "CCB", Request: "ACCTREQ", At: time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC), Checks: checks}
	require.False(t, r.Green())

	var text bytes.Buffer
	require.NoError(t, r.Markdown(&text))
	require.Contains(t, text.String(), "# CCB 一致性测试报告")
	require.Contains(t, text.String(), "2026-11-22 00:30:00（北京时间）")
	require.Contains(t, text.String(), "1 项未通过")
	require.Contains(t, text.String(), checks[2].Mend.ZH)
	require.Contains(t, text.String(), `=1+1\|所见`, "a cell stays a cell")

	var file bytes.Buffer
	require.NoError(t, r.Workbook(&file))
	book, err := excelize.OpenReader(&file)
	require.NoError(t, err)
	rows, err := book.GetRows("测试报告")
	require.NoError(t, err)
	require.Greater(t, len(rows), len(checks))
	formula := false
	for i, row := range rows {
		for j := range row {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			require.NoError(t, err)
			f, err := book.GetCellFormula("测试报告", name)
			require.NoError(t, err)
			formula = formula || f != ""
		}
	}
	require.False(t, formula)
}
