package sim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

// echo is an office that answers ref, number, result and remembers what it was told to remember.
type echo struct{ seen []string }

func (o *echo) Replay(e *sim.Entry) { o.seen = append(o.seen, string(e.Number)+" "+string(e.PAN)) }

func (o *echo) Desks() []sim.Desk {
	return []sim.Desk{
		{Kind: "ASKREQ", Fields: 2, Person: 1, Answer: "ASKRET", Codes: []string{"E01", "E02"}, Row: answer},
		{Kind: "TELLREQ", Fields: 2, Person: 1, Answer: "REPORT", Unsolicited: true, Row: report},
	}
}

func answer(r sim.Row, a *sim.Answer) {
	result := a.Code()
	if result == "" {
		result = "00"
	}
	serial := strconv.FormatInt(a.Serial(), 10)
	a.Record(sim.Entry{Event: []byte("asked"), Number: r[1], PAN: []byte(serial), Result: []byte(result)})
	a.Reply(r[1], []byte(result))
}

func report(r sim.Row, a *sim.Answer) {
	a.Record(sim.Entry{Event: []byte("told"), Number: r[1]})
	a.Reply(r[1])
	if r[1][len(r[1])-1] == '7' {
		a.ReplyIn(2, r[1])
	}
}

func askRows(from, to int) []string {
	rows := make([]string, 0, to-from+1)
	for n := from; n <= to; n++ {
		rows = append(rows, fmt.Sprintf("%d|P%06d", n, n))
	}
	return rows
}

const (
	ask1 = "ICBC_ASKREQ_20261121_000001.txt"
	ret1 = "ICBC_ASKRET_20261121_000001.txt"
	ask2 = "ICBC_ASKREQ_20261121_000002.txt"
	ret2 = "ICBC_ASKRET_20261121_000002.txt"
)

func TestPartnerAnswersEachRow(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", &echo{}))
	h.Send(ask1, askRows(1, 3)...)
	require.Equal(t, [][]string{{"1", "P000001", "00"}, {"2", "P000002", "00"}, {"3", "P000003", "00"}}, h.Answer(p, ret1))
	h.Eventually("moved", func() bool {
		_, err := os.Stat(filepath.Join(h.Dir, "root", "inbox", "done", ask1))
		return err == nil
	})
	h.Eventually("told", func() bool { return h.Events()["answered"] == 1 })
	require.Equal(t, map[string]int{"asked": 3, "prepared": 1, "processed": 1, "answered": 1}, h.Events())
}

func TestAFileWithoutRowsIsAnswered(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", &echo{}))
	h.Send(ask1)
	require.Empty(t, h.Answer(p, ret1))
}

func TestRepeatedRowsAndFiles(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", &echo{}))
	h.Send(ask1, "1|A", "1|A", "2|B")
	require.Len(t, h.Answer(p, ret1), 2, "a row that is repeated word for word is dealt with once")

	h.Send(ask1, "1|A", "1|A", "2|B")
	h.Eventually("repeat", func() bool { return h.Events()["repeat"] == 1 })
	require.Equal(t, 2, h.Events()["asked"])

	h.Send(ask1, "1|C")
	require.Equal(t, "FILE_SEQUENCE", h.Refusal(ask1))
	h.Send(ask2, "1|A")
	require.Equal(t, [][]string{{"1", "A", "00"}}, h.Answer(p, ret2))
	require.Equal(t, 3, h.Events()["asked"], "in another file the same person is dealt with again")
}

func TestBadFilesAreRefusedWhole(t *testing.T) {
	t.Parallel()
	name := simtest.Name(t, ask1)
	good := string(simtest.Text(name, "1|A", "2|B"))
	for want, text := range map[string]string{
		"FILE_LAYOUT":       strings.Replace(good, "D|2|B", "D|2|B|C", 1),
		"FILE_LAYOUT ref":   strings.Replace(good, "D|2|B", "D|02|B", 1),
		"FILE_LAYOUT head":  strings.Replace(good, "H|ASKREQ|1", "H|ASKREQ|2", 1),
		"FILE_LAYOUT name":  strings.Replace(good, "000001", "000002", 1),
		"FILE_LAYOUT rest":  good + "\n",
		"FILE_LAYOUT kind":  strings.Replace(good, "D|2|B", "X|2|B", 1),
		"FILE_LAYOUT of":    strings.Replace(good, "20261121|\n", "20261121|me\n", 1),
		"FILE_REPEATED_ROW": strings.Replace(good, "D|2|B", "D|1|B", 1),
		"FILE_ROWS":         strings.Replace(good, "T|2|0", "T|3|0", 1),
		"FILE_TOTAL":        strings.Replace(good, "T|2|0", "T|2|1", 1),
		"FILE_ENCODING":     strings.Replace(good, "D|2|B", "D|2|\tB", 1),
		"FILE_ENCODING 2":   strings.Replace(good, "D|2|B", "D|2|\xc4", 1),
		"FILE_LINE_LENGTH":  strings.Replace(good, "D|2|B", "D|2|"+strings.Repeat("B", 4100), 1),
		"FILE_SIZE":         strings.TrimSuffix(good, "T|2|0\n"),
		"FILE_SIZE 2":       "",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			h := simtest.New(t)
			h.Start(h.Config("ICBC", &echo{}))
			h.Put(name, []byte(text), 2)
			code, _, _ := strings.Cut(want, " ")
			require.Equal(t, code, h.Refusal(ask1))
			require.Equal(t, map[string]int{"refused_file": 1}, h.Events())
			h.Eventually("moved", func() bool {
				_, err := os.Stat(filepath.Join(h.Dir, "root", "inbox", "done", ask1))
				return err == nil
			})
		})
	}
}

func TestBadManifestsAreRefused(t *testing.T) {
	t.Parallel()
	name := simtest.Name(t, ask1)
	text := simtest.Text(name, "1|A")
	good := func(h *simtest.Hub) sim.Manifest {
		return sim.Manifest{Name: name, Size: int64(len(text)), Rows: 1, SM3: strings.Repeat("0", 64)}
	}
	for want, manifest := range map[string]func(h *simtest.Hub) sim.Manifest{
		"FILE_DIGEST":   good,
		"FILE_SIZE":     func(h *simtest.Hub) sim.Manifest { m := good(h); m.Size++; return m },
		"FILE_ROWS":     func(h *simtest.Hub) sim.Manifest { m := good(h); m.Rows++; return m },
		"FILE_TOTAL":    func(h *simtest.Hub) sim.Manifest { m := good(h); m.Total++; return m },
		"FILE_MANIFEST": func(h *simtest.Hub) sim.Manifest { m := good(h); m.Name.Seq++; return m },
		"FILE_SIGNATURE": func(h *simtest.Hub) sim.Manifest {
			h.Key = simtest.New(t).Key
			return good(h)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			h := simtest.New(t)
			h.Start(h.Config("ICBC", &echo{}))
			signed, err := manifest(h).Sign(h.Key)
			require.NoError(t, err)
			h.Drop(ask1, text, signed)
			require.Equal(t, want, h.Refusal(ask1))
		})
	}
	t.Run("addresses", func(t *testing.T) {
		t.Parallel()
		h := simtest.New(t)
		h.Start(h.Config("ICBC", &echo{}))
		h.Send("ABC_ASKREQ_20261121_000001.txt", "1|A")
		require.Equal(t, "PARTNER_UNKNOWN", h.Refusal("ABC_ASKREQ_20261121_000001.txt"))
		h.Send("ICBC_WHATREQ_20261121_000001.txt", "1|A")
		require.Equal(t, "FILE_LAYOUT", h.Refusal("ICBC_WHATREQ_20261121_000001.txt"))
		h.Drop("holiday.txt", nil, nil)
		require.Equal(t, "FILE_NAME", h.Refusal("holiday.txt"))
		h.Drop(ask1, text, []byte("manifest=1\n"))
		require.Equal(t, "FILE_MANIFEST", h.Refusal(ask1))
	})
}

func TestARefusedNameCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", &echo{}))
	h.Put(simtest.Name(t, ask1), []byte("nonsense\n"), 1)
	require.Equal(t, "FILE_LAYOUT", h.Refusal(ask1))
	h.Send(ask1, "1|A")
	require.Equal(t, [][]string{{"1", "A", "00"}}, h.Answer(p, ret1))
}

func TestReportsHaveASequenceOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	now := time.Date(2026, 11, 22, 1, 0, 0, 0, sim.Beijing())
	cfg := h.Config("OUTLET", &echo{})
	cfg.Clock = func() time.Time { return now }
	p, err := sim.Start(cfg)
	require.NoError(t, err)
	h.Send("OUTLET_TELLREQ_20261121_000009.txt", "1|1", "2|7")
	require.Len(t, h.Answer(p, "OUTLET_REPORT_20261122_000001.txt"), 2)
	require.Len(t, h.Answer(p, "OUTLET_REPORT_20261122_000002.txt"), 1)
	require.NoError(t, p.Close())

	p = h.Start(cfg)
	h.Send("OUTLET_TELLREQ_20261121_000010.txt", "1|1")
	require.Len(t, h.Answer(p, "OUTLET_REPORT_20261122_000003.txt"), 1)
}

func TestARestartForgetsNothing(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p, err := sim.Start(h.Config("ICBC", &echo{}))
	require.NoError(t, err)
	before, err := p.Card()
	require.NoError(t, err)
	h.Send(ask1, askRows(1, 100)...)
	require.Len(t, h.Answer(p, ret1), 100)
	require.NoError(t, p.Close())

	office := &echo{}
	p = h.Start(h.Config("ICBC", office))
	after, err := p.Card()
	require.NoError(t, err)
	require.Equal(t, before, after, "address and keys stay")
	require.Len(t, office.seen, 100)
	h.Send(ask2, "1|P000001")
	h.Answer(p, ret2)
	h.Send(ask1, askRows(1, 100)...)
	h.Eventually("repeat", func() bool { return h.Events()["repeat"] == 1 })
	serials := map[string]bool{}
	for _, l := range h.Ledger() {
		if l.Event == "asked" {
			serials[l.PAN] = true
		}
	}
	require.Len(t, serials, 101, "no serial number is drawn twice")
}

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
		h.Send(ask1, askRows(1, rows)...)
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
		h.Send(ask1, askRows(1, 2)...)
		require.Equal(t, []string{"1", "1", "2", "2"}, refs(h.Answer(p, ret1)))
	})
	t.Run("reorder", func(t *testing.T) {
		t.Parallel()
		h, p := start(t, rule(`do="reorder"`))
		h.Send(ask1, askRows(1, 3)...)
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
		h.Send(ask1, askRows(1, 100)...)
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
