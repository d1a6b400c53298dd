package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own
	"github.com/xuri/excelize/v2"

	"onecard/card"
	"onecard/connectors/postgres"
)

// reviewFolder is a ledger folder in which civil affairs knows four people by other names, and two as dead.
func reviewFolder(t *testing.T) (dir string, h *hub) {
	t.Helper()
	dir, h = payHub(t, 10)
	ctx, month := t.Context(), card.MonthOf(time.Now())
	_, err := h.ledger.PlanMatch(ctx, month, time.Now().Add(-time.Hour), "operator1")
	must.NoError(t, err)
	b, _, err := h.ledger.PlanMatchPage(ctx, month, "440600", 1, 100)
	must.NoError(t, err)
	var told []card.MatchAnswer
	for m, err := range h.ledger.MatchRows(ctx, b) {
		must.NoError(t, err)
		a := card.MatchAnswer{Ref: m.Ref, SSN: m.SSN, Result: "00"}
		switch {
		case m.Ref <= 4:
			a.Result, a.Reason = "02", card.ReasonMatchNameDiffers
		case m.Ref <= 6:
			a.Result, a.Reason, a.Died = "03", card.ReasonMatchDeceased, "20261020"
		}
		told = append(told, a)
	}
	f, _, err := h.ledger.ReserveFile(ctx, b, "CIVIL", card.MatchReq, 0)
	must.NoError(t, err)
	proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: strings.Repeat("0", 64)}, ConfirmedAt: time.Now()}
	must.NoError(t, h.ledger.ConfirmFile(ctx, b, f, proof, time.Now().Add(time.Hour)))
	_, err = h.ledger.ApplyMatches(ctx, b, f.Answer(card.MatchRet), told, nil)
	must.NoError(t, err)
	return dir, h
}

// fillIn writes texts into cells of a list of reviews.
func fillIn(t *testing.T, file string, cells map[string]string) {
	t.Helper()
	f, err := excelize.OpenFile(file)
	must.NoError(t, err)
	for ref, text := range cells {
		must.NoError(t, f.SetCellStr("复核清单", ref, text))
	}
	must.NoError(t, f.Save())
	must.NoError(t, f.Close())
}

// TestReviewsAreDecidedByAList row by row: what cannot be carried out comes back with its reason, and nothing is done twice.
func TestReviewsAreDecidedByAList(t *testing.T) {
	t.Parallel()
	dir, h := reviewFolder(t)
	list, refused := filepath.Join(dir, "reviews.xlsx"), filepath.Join(dir, "refused.xlsx")
	out, problem, code := onecard(t, dir, "review", "list", "-o", list)
	must.Zero(t, code, problem)
	must.Contains(t, out, "6 reviews")
	fillIn(t, list, map[string]string{
		"B2": "继续发放", "C2": "误报", "B3": "更正姓名", "C3": "已看户口簿", "D3": "冼新名", "B4": "停止发放",
		"B5": "继续发放", "C5": "误报", "B6": "停止发放", "C6": "家属确认",
	})
	_, err := h.ledger.DecideReview(t.Context(), 4, postgres.ReviewDecision{Outcome: card.ReviewRename, Name: "冼另名", By: "reviewer9", Why: "x"})
	must.NoError(t, err)
	decide := []string{"review", "decide", "--from", list, "-o", refused, "--as", "reviewer1"}
	for range 2 {
		out, problem, code = onecard(t, dir, decide...)
		must.Equal(t, 3, code, problem)
		must.Contains(t, problem, string(card.ReasonReviewsLeft))
		must.Contains(t, out, "5 rows: 2 closed, 1 wait for a second person, 2 not carried out")
	}
	must.Equal(t, 1, strings.Count(problem, "detail:"))
	must.Contains(t, out, string(card.ReasonReviewChanged))
	must.Contains(t, out, string(card.ReasonReviewRow))
	must.NotContains(t, out+problem, "冼", "no name where it is told what became of the rows")

	back, err := readReviews(refused)
	must.NoError(t, err)
	must.Equal(t, []int{3, 4}, []int{back[0].No, back[1].No})
	fillIn(t, refused, map[string]string{"C2": "家属说明"})
	_, _, code = onecard(t, dir, "review", "decide", "--from", refused, "--as", "reviewer1")
	must.Equal(t, 3, code, "the one that has changed is still another")
	open, err := h.ledger.Reviews(t.Context(), postgres.ReviewFilter{})
	must.NoError(t, err)
	must.Len(t, open, 3)

	second := filepath.Join(dir, "second.xlsx")
	_, problem, code = onecard(t, dir, "review", "list", "--cause", "renamed", "-o", second)
	must.Zero(t, code, problem)
	f, err := excelize.OpenFile(second)
	must.NoError(t, err)
	asked, err := f.GetCellValue("复核清单", "M2")
	must.NoError(t, err)
	must.Contains(t, asked, "reviewer1")
	must.Contains(t, asked, "冼新名")
	must.NoError(t, f.Close())
	fillIn(t, second, map[string]string{"B2": "更正姓名", "C2": "复核无误", "D2": "冼新名"})
	out, problem, code = onecard(t, dir, "review", "decide", "--from", second, "--as", "reviewer2")
	must.Zero(t, code, problem)
	must.Contains(t, out, "1 closed")
	show, _, _ := onecard(t, dir, "review", "show", "2")
	must.Contains(t, show, "named before 原姓名")
}

func TestWrongUseOfReviewDecide(t *testing.T) {
	t.Parallel()
	dir, _ := ledgerFolder(t, "")
	for _, args := range [][]string{
		{"17"}, {"17", "--keep"}, {"--keep", "--reason", "x"}, {"17", "--from", "x.xlsx"}, {"17", "--keep", "--rename", "--reason", "x"},
		{"--from", "x.xlsx", "--reason", "x"}, {"x", "--keep", "--reason", "x"},
		{"--from", "x.xlsx", "-o", "./x.xlsx"},
	} {
		_, problem, code := onecard(t, dir, append([]string{"review", "decide", "--as", "reviewer1"}, args...)...)
		must.Equal(t, 2, code, "%v: %s", args, problem)
	}
	_, problem, code := onecard(t, dir, "review", "decide", "--from", filepath.Join(dir, "onecard.toml"), "--as", "reviewer1")
	must.Equal(t, 3, code, problem)
	_, problem, code = onecard(t, dir, "review", "list", "-o", "csv")
	must.Equal(t, 2, code, problem)
}

func TestNamesAreReadFromTheStandardInput(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{" 冼 新名 \nmore\n": "冼新名", "阿•卜": "阿·卜"} {
		name, err := readName(strings.NewReader(text), &bytes.Buffer{})
		must.NoError(t, err)
		must.Equal(t, want, name)
	}
	_, err := readName(strings.NewReader("\n"), &bytes.Buffer{})
	must.Equal(t, card.ReasonNameMissing, card.ReasonOf(err))
	gone, err := os.Open(os.DevNull)
	must.NoError(t, err)
	must.NoError(t, gone.Close())
	_, err = readName(gone, &bytes.Buffer{})
	must.ErrorIs(t, err, os.ErrClosed)
}
