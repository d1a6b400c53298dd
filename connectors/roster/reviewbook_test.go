package roster

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// reviewList is a list of three reviews with some cells filled in, by column and row of the sheet.
func reviewList(t *testing.T, filled map[string]string) []byte {
	t.Helper()
	line := func(no int) ReviewLine {
		l := ReviewLine{No: no, Stamp: "00ff00ff00ff"}
		l.About[0], l.About[3] = "2026-11", "冼示例"
		return l
	}
	var file, out bytes.Buffer
	require.NoError(t, WriteReviews(&file, sequenceOf(line(17), line(18), line(20))))
	f := openBook(t, file.Bytes())
	for ref, text := range filled {
		require.NoError(t, f.SetCellStr(sheetReviews, ref, text))
	}
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

func readReviewList(file []byte) ([]ReviewLine, error) {
	return ReadReviews(bytes.NewReader(file), int64(len(file)))
}

func TestAListOfReviewsComesBackFilledIn(t *testing.T) {
	t.Parallel()
	got, err := readReviewList(reviewList(t, map[string]string{
		"B2": "停止发放", "C2": "家属确认", "B4": "Correct the name", "C4": "已看户口簿", "D4": " 冼 新名 ",
	}))
	require.NoError(t, err)
	require.Len(t, got, 2, "what nobody decided is left out")
	require.Equal(t, []any{2, 17, card.ReviewStop, "家属确认", "", "00ff00ff00ff", card.Reason("")},
		[]any{got[0].Line, got[0].No, got[0].Outcome, got[0].Why, got[0].Name, got[0].Stamp, got[0].Wrong})
	require.Equal(t, []any{4, 20, card.ReviewRename, "冼新名"}, []any{got[1].Line, got[1].No, got[1].Outcome, got[1].Name})
	require.Equal(t, "冼示例", got[1].About[3])

	var again bytes.Buffer
	got[1].Refused = "民政误报 [REVIEW_CHANGED]"
	require.NoError(t, WriteReviews(&again, sequenceOf(got[1])))
	back, err := readReviewList(again.Bytes())
	require.NoError(t, err)
	require.Equal(t, 2, back[0].Line)
	back[0].Line, back[0].Refused = got[1].Line, got[1].Refused
	require.Equal(t, got[1], back[0], "a row that came back is read as it was")

	failed := errors.New("the ledger is gone")
	require.ErrorIs(t, WriteReviews(&bytes.Buffer{}, func(yield func(ReviewLine, error) bool) { yield(ReviewLine{}, failed) }), failed)
}

// TestBadListsOfReviews: a row that cannot be carried out is told, a workbook that is no list is refused.
func TestBadListsOfReviews(t *testing.T) {
	t.Parallel()
	for name, filled := range map[string]map[string]string{
		"no reason":               {"B2": "停止发放"},
		"no decision":             {"C2": "家属确认"},
		"another word":            {"B2": "也许", "C2": "x"},
		"a rename without a name": {"B2": "更正姓名", "C2": "x"},
		"a name without a rename": {"B2": "继续发放", "C2": "x", "D2": "冼新名"},
		"no check code":           {"B2": "继续发放", "C2": "x", "E2": ""},
		"no number":               {"B2": "继续发放", "C2": "x", "A2": "十七"},
		"a number out of range":   {"B2": "继续发放", "C2": "x", "A2": "99999999999"},
		"twice":                   {"B2": "继续发放", "C2": "x", "A3": "17", "B3": "停止发放", "C3": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readReviewList(reviewList(t, filled))
			require.NoError(t, err)
			require.NotEmpty(t, got)
			for _, l := range got {
				require.Equal(t, card.ReasonReviewRow, l.Wrong)
			}
		})
	}
	for name, file := range map[string][]byte{
		"other headings": reviewList(t, map[string]string{"B1": "结论"}),
		"another sheet":  bookOf(t, sheetData(head(), good())),
		"no workbook":    []byte("no workbook"),
		"nothing":        {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readReviewList(file)
			require.Equal(t, card.Invalid, card.KindOf(err), err)
			require.NotEmpty(t, card.ReasonOf(err))
		})
	}
	f := openBook(t, reviewList(t, map[string]string{"B2": "继续发放"}))
	require.NoError(t, f.SetCellFormula(sheetReviews, "C2", "=1+1"))
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	got, err := readReviewList(out.Bytes())
	require.NoError(t, err)
	require.Equal(t, card.ReasonReviewRow, got[0].Wrong, "a formula is no reason")
}

// FuzzReviewLine reads anything as a row of a list: it can be carried out only when it is whole. The workbook itself is FuzzWorkbook's.
func FuzzReviewLine(f *testing.F) {
	f.Add("17", "停止发放", "家属确认", "", "00ff", uint8(0))
	f.Add("18", "更正姓名", "=1+1", "冼\u200d新名", "'x", uint8(1))
	f.Fuzz(func(t *testing.T, no, outcome, why, name, stamp string, marks uint8) {
		row := xlsx.Row{Number: 2}
		for col, text := range []string{no, outcome, why, name, stamp} {
			row.Cells = append(row.Cells, xlsx.Cell{Col: col, Text: text})
		}
		row.Cells[reviewWhy].Marks = xlsx.Mark(marks)
		l, open := reviewLine(row)
		whole := l.No > 0 && l.Why != "" && l.Stamp != "" && l.Outcome != "" && (l.Outcome == card.ReviewRename) == (l.Name != "")
		require.True(t, whole || open || l.Wrong != "")
		require.Len(t, l.cells(), reviewWidth)
	})
}
