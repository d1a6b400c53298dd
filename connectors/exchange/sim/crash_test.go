package sim

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// counter is an office with one desk; it writes one ledger line and one answer for a row.
type counter struct{}

func (counter) Replay(*Entry) {}

func (counter) Desks() []Desk {
	return []Desk{{Kind: "ASKREQ", Fields: 2, Person: 1, Answer: "ASKRET", Codes: []string{"E01"}, Row: func(r Row, a *Answer) {
		a.Record(Entry{Event: []byte("asked"), Number: r[1], PAN: appendRef(nil, int(a.Serial()))})
		a.Reply(r[1])
	}}}
}

// scene is a partner that is stepped by hand.
type scene struct {
	cfg PartnerConfig
	key *sm2.PrivateKey
	now time.Time
}

func newScene(t require.TestingT, dir string, keys []byte) *scene {
	key, err := sm2.GenerateKey(rand.Reader)
	require.NoError(t, err)
	s := &scene{key: key, now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	s.cfg = PartnerConfig{
		Name: "ICBC", Dir: dir, Office: counter{}, HubKeys: keys, HubSignKey: &key.PublicKey,
		Clock: func() time.Time { return s.now },
	}
	return s
}

func (s *scene) send(t require.TestingT, seq, rows int) {
	n := FileName{"ICBC", "ASKREQ", "20261121", seq}
	var text bytes.Buffer
	fmt.Fprintf(&text, "H|ASKREQ|1|%s|20261121|\n", n)
	for i := range rows {
		fmt.Fprintf(&text, "D|%d|P%d\n", i+1, seq*1000+i)
	}
	fmt.Fprintf(&text, "T|%d|0\n", rows)
	digest := sm3.Sum(text.Bytes())
	manifest, err := Manifest{Name: n, Size: int64(text.Len()), Rows: rows, SM3: hex.EncodeToString(digest[:])}.Sign(s.key)
	require.NoError(t, err)
	inbox := filepath.Join(s.cfg.Dir, "root", "inbox", n.String())
	require.NoError(t, os.MkdirAll(filepath.Dir(inbox), 0o700))
	require.NoError(t, os.WriteFile(inbox, text.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(inbox+".ok", manifest, 0o600))
}

func (s *scene) open(t require.TestingT) *Partner {
	p, err := newPartner(s.cfg)
	require.NoError(t, err)
	return p
}

// people counts who was asked how often.
func (s *scene) people(t require.TestingT) map[string]int {
	count := map[string]int{}
	require.NoError(t, ScanLedger(filepath.Join(s.cfg.Dir, "ledger.csv"), func(e *Entry) error {
		if string(e.Event) == "asked" {
			count[string(e.Number)]++
		}
		return nil
	}))
	return count
}

// dieAfter runs a request up to a point and leaves everything as a kill would.
func dieAfter(t require.TestingT, p *Partner, m Manifest, point string, part float64) {
	in, err := os.Open(p.inbox(m.Name.String()))
	require.NoError(t, err)
	defer func() { require.NoError(t, in.Close()) }()
	j, err := p.newJob(m, p.desks[m.Name.Kind])
	require.NoError(t, err)
	require.NoError(t, j.run(in, m))
	if point == "before the books are closed" {
		return
	}
	letters, err := j.close()
	require.NoError(t, err)
	if point == "before commit" {
		return
	}
	c, err := p.commit(j, letters)
	require.NoError(t, err)
	effects, err := os.ReadFile(j.effectsPath())
	require.NoError(t, err)
	if point == "while the ledger is written" {
		_, err = p.ledger.file.Write(effects[:int(part*float64(len(effects)))])
		require.NoError(t, err)
		return
	}
	p.unsettled = c
	require.NoError(t, p.settle())
	if point == "before the answer is sent" {
		return
	}
	require.NoError(t, p.publish(&c.Letters[0], false))
}

func TestAKilledPartnerFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	keys := newVisitor(t).line()
	points := []string{
		"before the books are closed", "before commit", "while the ledger is written", "before the answer is sent", "before the answer is noted",
	}
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(r, t.TempDir(), keys)
		rows := rapid.IntRange(0, 40).Draw(r, "rows")
		s.send(r, 1, 3)
		p := s.open(r)
		require.NoError(r, p.turn())
		s.send(r, 2, rows)
		m, err := p.manifest("ICBC_ASKREQ_20261121_000002.txt", nil)
		require.NoError(r, err)
		dieAfter(r, p, m, rapid.SampledFrom(points).Draw(r, "point"), rapid.Float64Range(0, 1).Draw(r, "part"))
		require.NoError(r, p.release())

		for range 2 { // the second run finds nothing left to do
			p = s.open(r)
			require.NoError(r, p.turn())
			require.NoError(r, p.release())
		}
		people := s.people(r)
		require.Len(r, people, 3+rows)
		for _, times := range people {
			require.Equal(r, 1, times)
		}
		require.Empty(r, p.pending)
		require.FileExists(t, p.outbox("ICBC_ASKRET_20261121_000002.txt.ok"))
		require.FileExists(t, p.inbox("done/ICBC_ASKREQ_20261121_000002.txt"))
		left, err := os.ReadDir(p.work(""))
		require.NoError(r, err)
		require.Empty(r, left)
		require.Equal(r, int64(3+rows), p.serial)
	})
}

func TestDelayAndSilence(t *testing.T) {
	t.Parallel()
	s := newScene(t, t.TempDir(), newVisitor(t).line())
	path := filepath.Join(t.TempDir(), "rules.toml")
	writeRules(t, path, "[[rule]]\npartner=\"ICBC\"\nkind=\"ASKREQ\"\ndo=\"delay\"\nafter=\"1h\"\ntimes=1\n")
	var err error
	s.cfg.Rules, err = OpenRules(path)
	require.NoError(t, err)
	p := s.open(t)
	s.send(t, 1, 1)
	require.NoError(t, p.turn())
	answer := p.outbox("ICBC_ASKRET_20261121_000001.txt")
	require.Len(t, s.people(t), 1, "the request is dealt with at once")
	require.NoFileExists(t, answer)

	require.NoError(t, p.release())
	s.now = s.now.Add(59 * time.Minute)
	p = s.open(t)
	require.NoError(t, p.turn())
	require.NoFileExists(t, answer, "a restart does not hurry it")
	s.now = s.now.Add(time.Minute)
	require.NoError(t, p.turn())
	require.FileExists(t, answer)

	writeRules(t, path, "[[rule]]\npartner=\"*\"\nkind=\"*\"\ndo=\"silent\"\n")
	s.send(t, 2, 1)
	require.NoError(t, p.turn())
	require.Len(t, s.people(t), 2)
	require.NoFileExists(t, p.outbox("ICBC_ASKRET_20261121_000002.txt"))
	writeRules(t, path, "# no rules\n")
	require.NoError(t, p.turn())
	require.FileExists(t, p.outbox("ICBC_ASKRET_20261121_000002.txt"))
	require.NoError(t, p.release())
}

func TestRulesThatNobodyCanObey(t *testing.T) {
	t.Parallel()
	s := newScene(t, t.TempDir(), newVisitor(t).line())
	path := filepath.Join(t.TempDir(), "rules.toml")
	for text, ok := range map[string]bool{
		"partner=\"ICBC\"\nkind=\"ASKREQ\"\ndo=\"refuse\"\ncode=\"E77\"": false,
		"partner=\"ICBC\"\nkind=\"NOREQ\"\ndo=\"omit\"":                  false,
		"partner=\"ICBC\"\nkind=\"ASKRET\"\ndo=\"omit\"":                 false,
		"partner=\"ICBC\"\nkind=\"ASKRET\"\ndo=\"drop\"":                 true,
		"partner=\"ICBC\"\nkind=\"RECEIPT\"\ndo=\"drop\"":                true,
		"partner=\"ICBC\"\nkind=\"RECEIPT\"\ndo=\"omit\"":                false,
		"partner=\"ABC\"\nkind=\"NOREQ\"\ndo=\"omit\"":                   true,
		"partner=\"*\"\nkind=\"*\"\ndo=\"refuse\"\ncode=\"E77\"":         true,
	} {
		writeRules(t, path, "[[rule]]\n"+text)
		var err error
		s.cfg.Rules, err = OpenRules(path)
		require.NoError(t, err)
		p, err := newPartner(s.cfg)
		require.Equal(t, ok, err == nil, text)
		if err == nil {
			require.NoError(t, p.release())
		}
	}
}

func TestDropRulesCutTheWire(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	s := newScene(t, t.TempDir(), v.line())
	path := filepath.Join(t.TempDir(), "rules.toml")
	drop := func(kind string) string { return "[[rule]]\npartner=\"ICBC\"\nkind=\"" + kind + "\"\ndo=\"drop\"\n" }
	writeRules(t, path, drop("ASKREQ")+drop("ASKRET")+"times=2\n")
	var err error
	s.cfg.Rules, err = OpenRules(path)
	require.NoError(t, err)
	p := s.open(t)
	client := func() error {
		return put(v.client(t, p.server), "inbox/ICBC_ASKREQ_20261121_000001.txt.tmp", []byte(strings.Repeat("x", 100_000)))
	}
	require.Error(t, client())
	require.NoError(t, p.turn(), "the rules are not armed again while they stay")
	require.NoError(t, client())

	writeRules(t, path, drop("RECEIPT"))
	require.NoError(t, p.turn())
	receipt := func() error {
		return put(v.client(t, p.server), "inbox/ICBC_RECEIPT_20261121_000001.txt.tmp", []byte(strings.Repeat("x", 100)))
	}
	require.Error(t, receipt())
	require.NoError(t, receipt())
	writeRules(t, path, drop("ASKREQ")+drop("ASKRET")+"times=2\n")

	s.send(t, 2, 100)
	require.NoError(t, p.turn())
	fetch := func() error {
		_, err := get(v.client(t, p.server), "outbox/ICBC_ASKRET_20261121_000002.txt")
		return err
	}
	require.Error(t, fetch())
	writeRules(t, path, "# no rules\n")
	require.NoError(t, p.turn())
	require.NoError(t, fetch(), "a rule that is gone cuts nothing")
	require.NoError(t, p.release())
}

func TestSomebodyElsesPort(t *testing.T) {
	t.Parallel()
	s := newScene(t, t.TempDir(), newVisitor(t).line())
	p := s.open(t)
	first := p.server.Addr()
	require.NoError(t, p.release())
	other, _ := listen(t, newVisitor(t))
	require.NoError(t, os.WriteFile(filepath.Join(s.cfg.Dir, "address"), []byte(other.Addr()), 0o600))
	p = s.open(t)
	require.NotEqual(t, other.Addr(), p.server.Addr())
	require.NotEmpty(t, first)
	require.NoError(t, p.release())
}
