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

func askRows(count int) []string {
	rows := make([]string, count)
	for i := range rows {
		rows[i] = fmt.Sprintf("%d|P%06d", i+1, i+1)
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
	h.Send(ask1, askRows(3)...)
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
	// The digest is wrong in all of them; what is checked before it is told first.
	for want, spoil := range map[string]func(*simtest.Hub, *sim.Manifest){
		"FILE_DIGEST":    func(*simtest.Hub, *sim.Manifest) {},
		"FILE_SIZE":      func(_ *simtest.Hub, m *sim.Manifest) { m.Size++ },
		"FILE_ROWS":      func(_ *simtest.Hub, m *sim.Manifest) { m.Rows++ },
		"FILE_TOTAL":     func(_ *simtest.Hub, m *sim.Manifest) { m.Total++ },
		"FILE_MANIFEST":  func(_ *simtest.Hub, m *sim.Manifest) { m.Name.Seq++ },
		"FILE_SIGNATURE": func(h *simtest.Hub, _ *sim.Manifest) { h.Key = simtest.New(t).Key },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			h := simtest.New(t)
			h.Start(h.Config("ICBC", &echo{}))
			m := sim.Manifest{Name: name, Size: int64(len(text)), Rows: 1, SM3: strings.Repeat("0", 64)}
			spoil(h, &m)
			signed, err := m.Sign(h.Key)
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
	h.Send(ask1, askRows(100)...)
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
	h.Send(ask1, askRows(100)...)
	h.Eventually("repeat", func() bool { return h.Events()["repeat"] == 1 })
	serials := map[string]bool{}
	for _, l := range h.Ledger() {
		if l.Event == "asked" {
			serials[l.PAN] = true
		}
	}
	require.Len(t, serials, 101, "no serial number is drawn twice")
}
