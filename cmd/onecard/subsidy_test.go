package main

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

const someBank = `
[[partner]]
name = "ICBC"
kind = "bank"
bank = "102"
address = "127.0.0.1:1"
user = "onecard"
host_key = "ssh-ed25519 AAAA"
verify_key = "04"
`

// payHub is a hub with programmes and people who hold active cards.
func payHub(t *testing.T, people int) (dir string, h *hub) {
	t.Helper()
	dir, h = ledgerFolder(t, someBank)
	must.NoError(t, firstProgrammes(t.Context(), h.ledger))
	must.NoError(t, h.ledger.AddRange(t.Context(), postgres.Range{City: "440600", Prefix: "E", First: 1, Last: 150}))
	must.NoError(t, h.ledger.AddRange(t.Context(), postgres.Range{City: "440600", Prefix: "X", First: 1, Last: 100_000}))
	out, problem, code := onecard(t, dir, "sample", "holders", "--rows", itoa(people))
	must.Zero(t, code, problem)
	must.Contains(t, out, itoa(people)+" people")
	return dir, h
}

func itoa(n int) string { return numbers(n)[0] }

// take takes a roster in as the command does, but for the workflow: there is no Temporal here.
func take(t *testing.T, h *hub, o subsidyOrder) (card.RolloutID, error) {
	t.Helper()
	r, err := openPayments(o)
	if err != nil {
		return "", err
	}
	defer func() { must.NoError(t, r.close()) }()
	o.name, o.by = "test", "maker1"
	return h.ledger.CreatePayout(t.Context(), h.newPayout(o), payRows(r.rows, progressTo(io.Discard)), func() [32]byte { return [32]byte{1} })
}

func TestSubsidyOfSampledPeople(t *testing.T) {
	t.Parallel()
	dir, h := payHub(t, 200)
	file := filepath.Join(dir, "prices.xlsx")
	p, totals, err := h.samplePayout(t.Context(), payoutOrder{rows: 500, bad: 0.06, programme: "CA03", seed: 1, out: file})
	must.NoError(t, err)
	must.Equal(t, 200, totals.Rows, "as many as there are")
	o := subsidyOrder{programme: p.ID, period: "2026-01", file: file, rows: totals.Rows, fen: totals.Fen}
	id, err := take(t, h, o)
	must.NoError(t, err)
	v, err := h.ledger.Show(t.Context(), id, true)
	must.NoError(t, err)
	must.Equal(t, 188, v.Counts.Accepted)
	must.Equal(t, 12, v.Counts.Refused)
	for _, i := range v.Invariants {
		must.True(t, i.Holds, "%s: %s", i.Name, i.Figure)
	}
	preview, err := h.ledger.Preview(t.Context(), id)
	must.NoError(t, err)
	found := map[card.Reason]int{}
	for _, r := range preview.Refusals {
		found[r.Reason] = r.Rows
	}
	must.Equal(t, map[card.Reason]int{card.ReasonIDCheckDigit: 2, card.ReasonNameCharacters: 2, card.ReasonAmountShape: 2,
		card.ReasonNotRegistered: 2, card.ReasonNoCard: 2, card.ReasonDuplicateInFile: 2}, found)

	checkPreview(t, dir, id, v)

	back := filepath.Join(dir, "errors.xlsx")
	out, problem, code := onecard(t, dir, "rollout", "errors", string(id), "-o", back)
	must.Zero(t, code, problem)
	must.Contains(t, out, "12 rows")
	refused, err := roster.OpenPayments(back, roster.Options{})
	must.NoError(t, err)
	defer func() { must.NoError(t, refused.Close()) }()
	n := 0
	for row, err := range refused.Rows() {
		must.NoError(t, err)
		must.NotEmpty(t, row.Cells[1])
		n++
	}
	must.Equal(t, 12, n)

	o.fen++
	_, err = take(t, h, o)
	must.Equal(t, card.ReasonTotalsDiffer, card.ReasonOf(err))
}

func TestHoldersAreLikeIssuedOnes(t *testing.T) {
	t.Parallel()
	dir, h := payHub(t, 300)
	ranges, err := h.ledger.Ranges(t.Context())
	must.NoError(t, err)
	must.EqualValues(t, 151, ranges[0].Next, "the first range is used up")
	must.EqualValues(t, 151, ranges[1].Next)
	n, names := 0, map[string]bool{}
	for p, err := range h.ledger.Holders(t.Context(), "440600", 1000) {
		must.NoError(t, err)
		must.Empty(t, card.CheckPayee(p.DocType, p.SSN, p.Name))
		names[p.SSN] = true
		n++
	}
	must.Equal(t, 300, n)
	must.Len(t, names, 300)
	_, problem, code := onecard(t, dir, "sample", "holders", "--rows", "10")
	must.Equal(t, 3, code)
	must.Contains(t, problem, "--seed", "the same people are not loaded twice")
	for _, args := range [][]string{{"--city", "000000"}, {"--banks", "999"}} {
		_, problem, code = onecard(t, dir, append([]string{"sample", "holders", "--rows", "1"}, args...)...)
		must.Equal(t, 3, code, problem)
	}
}

func TestSamplePayoutIsTheSameAgain(t *testing.T) {
	t.Parallel()
	dir, h := payHub(t, 50)
	o := payoutOrder{rows: 40, programme: "HR10", seed: 2, out: filepath.Join(dir, "a.csv")}
	_, first, err := h.samplePayout(t.Context(), o)
	must.NoError(t, err)
	must.Equal(t, roster.Totals{Rows: 40, Fen: 40 * 300_000}, first)
	one, err := digestOf(o.out)
	must.NoError(t, err)
	_, problem, code := onecard(t, dir, "sample", "payout", "--rows", "40", "--programme", "HR10", "--seed", "2", "-o", filepath.Join(dir, "b.csv"))
	must.Zero(t, code, problem)
	two, err := digestOf(filepath.Join(dir, "b.csv"))
	must.NoError(t, err)
	must.Equal(t, one, two)
	_, problem, code = onecard(t, dir, "sample", "payout", "--city", "440100", "-o", filepath.Join(dir, "c.csv"))
	must.Equal(t, 3, code, problem)
}

func TestSubsidyOnTheCommandLine(t *testing.T) {
	t.Parallel()
	dir, _ := ledgerFolder(t, someBank)
	for _, tc := range []struct {
		args string
		code int
		says string
	}{
		{"--programme CA03 --period 2026-01 --roster r.csv --as m", 2, "--rows is missing"},
		{"--programme CA03 --period 2026-01 --roster r.csv --as m --rows 1", 2, "--fen and --total"},
		{"--programme CA03 --period 2026-01 --roster r.csv --as m --rows 1 --fen 1 --total 1", 2, "--fen and --total"},
		{"--programme CA03 --period 2026-01 --roster r.csv --as m --rows 1 --total 1.234", 2, "12345.67"},
		{"--programme CA03 --period 2026-01 --as m --rows 1 --total 1", 2, "--roster is missing"},
		{"--programme CA03 --period 2026-01 --roster r.csv --as m --rows 1 --total 1", 3, string(card.ReasonProgrammeUnknown)},
	} {
		_, problem, code := onecard(t, dir, append([]string{"rollout", "create", "subsidy"}, strings.Fields(tc.args)...)...)
		must.Equal(t, tc.code, code, problem)
		must.Contains(t, problem, tc.says)
	}
	_, err := openPayments(subsidyOrder{file: "none.csv"})
	must.Equal(t, card.NotFound, card.KindOf(err))
	_, err = openPayments(subsidyOrder{file: "none.csv", layout: "standard-payreq"})
	must.True(t, card.ReasonOf(err) == card.ReasonFileLayout && !errors.Is(err, errUse))
}

// checkPreview holds the preview against the counts of the rollout.
func checkPreview(t *testing.T, dir string, id card.RolloutID, v postgres.View) {
	t.Helper()
	out, problem, code := onecard(t, dir, "rollout", "preview", string(id), "-o", "json")
	must.Zero(t, code, problem)
	var p struct {
		postgres.PayPreview
		Outlook payOutlook `json:"outlook"`
	}
	must.NoError(t, json.Unmarshal([]byte(out), &p))
	must.Len(t, p.Groups, 1)
	must.Equal(t, postgres.Sum{Rows: v.Counts.Accepted, Fen: v.Fen.Intended - v.Fen.Refused}, p.Groups[0].WillPay)
	refused := postgres.Sum{}
	for _, r := range p.Refusals {
		refused.Rows, refused.Fen = refused.Rows+r.Ended.Rows, refused.Fen+r.Ended.Fen
	}
	must.Equal(t, postgres.Sum{Rows: v.Counts.Refused, Fen: v.Fen.Refused}, refused, "each row of this roster has one reason")
	must.Equal(t, len(v.Batches), p.Outlook.BankFiles)
	must.Equal(t, 3, p.Outlook.NoticeDays)
	out, problem, code = onecard(t, dir, "rollout", "preview", string(id))
	must.Zero(t, code, problem)
	must.Contains(t, out, card.FormatYuan(p.Groups[0].WillPay.Fen))
	must.Contains(t, out, string(card.ReasonNotRegistered))
	must.Contains(t, out, "days of notice (公示天数): 3, until (公示至)")
}
