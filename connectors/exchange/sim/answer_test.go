package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

// TestRowsGetWhatTheRulesSay compares a partner's answer with what the rules promise, row by row.
func TestRowsGetWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		spare := rapid.Float64Range(0, 0.3).Draw(r, "accept")
		refuse := rapid.Float64Range(0, 1).Draw(r, "refuse")
		omit := rapid.Float64Range(0, 1).Draw(r, "omit")
		rows := rapid.IntRange(0, 300).Draw(r, "rows")
		rules := fmt.Sprintf(`
[[rule]]
partner = "*"
kind = "ASKREQ"
do = "accept"
share = %g
[[rule]]
partner = "ICBC"
kind = "*"
do = "refuse"
code = "E02"
share = %g
[[rule]]
partner = "ICBC"
kind = "ASKREQ"
do = "omit"
share = %g
`, spare, refuse, omit)
		h := simtest.New(t)
		cfg := h.Config("ICBC", &echo{})
		cfg.Rules = h.Rules(rules)
		h.Send(ask1, askRows(rows)...)
		p, err := sim.Start(cfg)
		require.NoError(r, err)
		answers := h.Answer(p, ret1)
		require.NoError(r, p.Close())

		results := map[string]string{}
		for _, l := range h.Ledger() {
			if l.Event == "asked" {
				results[l.Number] = l.Result
			}
		}
		require.Len(r, results, rows, "an omitted row is acted upon all the same")
		refused, missing := 0, rows-len(answers)
		for _, a := range answers {
			require.Equal(r, results[a[1]], a[2], "the answer is what the ledger says")
		}
		for _, result := range results {
			if result != "00" {
				require.Equal(r, "E02", result)
				refused++
			}
		}
		within(r, "refused", refused, rows, (1-spare)*refuse)
		within(r, "omitted", missing, rows, (1-spare)*omit)
	})
}

// within accepts six standard deviations: with shares picked by a hash that is a bug, not chance.
func within(t *rapid.T, what string, got, rows int, share float64) {
	variance := float64(rows) * share * (1 - share)
	distance := float64(got) - float64(rows)*share
	require.LessOrEqual(t, distance*distance, 36*variance+25, "%s: %d of %d rows at a share of %g", what, got, rows, share)
}

func TestRulesForAnswers(t *testing.T) {
	t.Parallel()
	rule := func(rest string) string { return "[[rule]]\npartner=\"ICBC\"\nkind=\"ASKREQ\"\n" + rest }
	start := func(t *testing.T, rules string) (*simtest.Hub, *sim.Partner) {
		h := simtest.New(t)
		cfg := h.Config("ICBC", &echo{})
		cfg.Rules = h.Rules(rules)
		return h, h.Start(cfg)
	}
	t.Run("duplicate", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule(`do="duplicate"`))
		h.Send(ask1, askRows(2)...)
		require.Equal(t, []string{"1", "1", "2", "2"}, refs(h.Answer(p, ret1)))
	})
	t.Run("reorder", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule(`do="reorder"`))
		h.Send(ask1, askRows(3)...)
		require.Equal(t, []string{"3", "2", "1"}, refs(h.Answer(p, ret1)))
	})
	t.Run("times", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule("do=\"refuse\"\ncode=\"E01\"\ntimes=1"))
		h.Send(ask1, "1|A")
		require.Equal(t, "E01", h.Answer(p, ret1)[0][2])
		h.Send(ask2, "1|A")
		require.Equal(t, "00", h.Answer(p, ret2)[0][2])
	})
	t.Run("truncate", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule("do=\"truncate\"\nafter=\"1ms\"\ntimes=2"))
		h.Send(ask1, askRows(100)...)
		h.Eventually("whole", func() bool { return h.Events()["answered"] == 3 })
		require.Len(t, h.Answer(p, ret1), 100)
		require.Equal(t, []string{"cut", "cut", "ok"}, editions(h))
	})
	t.Run("resend", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule(`do="resend"`))
		h.Send(ask1, "1|A")
		h.Answer(p, ret1)
		h.Take(ret1)
		require.Len(t, h.Answer(p, ret1), 1)
		h.Eventually("again", func() bool { return len(editions(h)) == 2 })
		require.Equal(t, []string{"ok", "again"}, editions(h))
	})
}

func refs(rows [][]string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r[0]
	}
	return out
}

func editions(h *simtest.Hub) []string {
	var out []string
	for _, l := range h.Ledger() {
		if l.Event == "answered" {
			out = append(out, l.Result)
		}
	}
	return out
}
