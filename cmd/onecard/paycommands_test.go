package main

import (
	"path/filepath"
	"strings"
	"testing"

	must "github.com/stretchr/testify/require"

	"onecard/card"
)

// draftSubsidy is a subsidy of ten people that has been taken in.
func draftSubsidy(t *testing.T) (dir, id string) {
	t.Helper()
	dir, h := payHub(t, 10)
	file := filepath.Join(dir, "prices.csv")
	p, totals, err := h.samplePayout(t.Context(), payoutOrder{rows: 10, programme: "CA03", seed: 1, out: file})
	must.NoError(t, err)
	made, err := take(t, h, subsidyOrder{programme: p.ID, period: "2026-01", file: file, rows: totals.Rows, fen: totals.Fen})
	must.NoError(t, err)
	return dir, string(made)
}

// TestPayCommandsRefuse gives the commands about single payments, samples and evidence bad input: each says in both languages what is
// wrong, under its code, and what to do.
func TestPayCommandsRefuse(t *testing.T) {
	t.Parallel()
	dir, id := draftSubsidy(t)
	nowhere := filepath.Join(dir, "none", "file")
	for _, tc := range []struct {
		args   string
		reason card.Reason
	}{
		{"rollout object ID --row 99 --reason x --as c", card.ReasonNoPayment},
		{"rollout object R20261122-099 --row 2 --reason x --as c", card.ReasonNoSuchRollout},
		{"rollout lift ID --row 2 --reason x --as c", card.ReasonPaymentState},
		{"rollout row ID --row 99", card.ReasonNoPayment},
		{"rollout followup R20261122-099", card.ReasonNoSuchRollout},
		{"rollout followup ID -o " + nowhere, card.ReasonPathUnusable},
		{"rollout sample ID --confidence 2 -o s.xlsx --as a", card.ReasonSampleShape},
		{"rollout sample ID -o s.xlsx --as a", card.ReasonSampleShape},
		{"rollout sample ID --results " + nowhere + " --as a", card.ReasonPathUnusable},
		{"rollout sample ID --results " + filepath.Join(dir, "prices.csv") + " --as a", card.ReasonFileUnreadable},
		{"rollout evidence R20261122-099 -o e.zip", card.ReasonNoSuchRollout},
		{"rollout evidence ID -o " + nowhere, card.ReasonPathUnusable},
		{"evidence verify " + nowhere, card.ReasonPathUnusable},
		{"evidence verify " + filepath.Join(dir, "prices.csv"), card.ReasonEvidenceShape},
		{"approver revoke nobody --role checker --reason lost --as security1", card.ReasonRoleMissing},
	} {
		_, problem, code := onecard(t, dir, strings.Fields(strings.ReplaceAll(tc.args, "ID", id))...)
		must.Equal(t, 3, code, "%s: %s", tc.args, problem)
		text := tc.reason.Text()
		for _, said := range []string{"错误 " + string(tc.reason), text.ZH, "怎么办: " + text.MendZH, text.EN, "what now: " + text.MendEN} {
			must.Contains(t, problem, said, tc.args)
		}
	}
	for args, says := range map[string]string{
		"rollout object ID --reason x --as c": "--row is missing", "rollout row ID": "--row is missing",
		"rollout sample ID -o s.xlsx": "--as is missing", "rollout evidence ID": "--output is missing",
		"approver revoke checker1 --role checker --as c":                  "--reason is missing",
		"evidence verify x.zip --key " + filepath.Join(dir, "prices.csv"): "no public key",
	} {
		_, problem, code := onecard(t, dir, strings.Fields(strings.ReplaceAll(args, "ID", id))...)
		must.Equal(t, 2, code, "%s: %s", args, problem)
		must.Contains(t, problem, says, args)
	}
}

// TestPayCommands holds a row and lets it go, tells of it, of what was not paid and of samples, revokes a key, and proves all of it.
func TestPayCommands(t *testing.T) {
	t.Parallel()
	dir, id := draftSubsidy(t)
	run := func(args string) string {
		out, problem, code := onecard(t, dir, strings.Fields(args)...)
		must.Zero(t, code, "%s: %s", args, problem)
		return out
	}
	must.Contains(t, run("rollout object "+id+" --row 2 --reason 已迁出 --as clerk1"), "held")
	must.Contains(t, run("rollout followup "+id), string(card.ReasonObjection))
	must.Contains(t, run("rollout row "+id+" --row 2"), string(card.ReasonObjection))
	must.Contains(t, run("rollout lift "+id+" --row 2 --reason 不成立 --as clerk1"), "lifted")
	must.NotContains(t, run("rollout followup "+id), string(card.ReasonObjection))
	must.Contains(t, run("rollout row "+id+" --row 2"), "clerk1")
	must.Contains(t, run("rollout sample "+id), "no sample has been drawn")
	must.Contains(t, run("approver add checker1 --role checker --as security1"), "checker1-checker.pem")
	must.Contains(t, run("approver revoke checker1 --role checker --reason lost --as security1"), "revoked")
	_, problem, code := onecard(t, dir, "approver", "add", "checker1", "--role", "checker", "--as", "security1")
	must.Equal(t, 3, code, "with the same key file")
	must.Contains(t, problem, string(card.ReasonKeyRevoked))
	must.Contains(t, run("rollout show "+id), "still missing 尚缺: checker 复核")
}
