package exchange_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
)

// long makes the tests take minutes: larger files.
var long = flag.Bool("long", false, "spoil larger files at more places")

const (
	askReq = card.FileKind("ASKREQ")
	askRet = card.FileKind("ASKRET")
)

// asked is an office that notes whom it was asked about, and answers with the same.
type asked struct{}

func (asked) Replay(*sim.Entry) {}

func (asked) Desks() []sim.Desk {
	return []sim.Desk{{Kind: string(askReq), Fields: 2, Person: 1, Answer: string(askRet), Row: func(r sim.Row, a *sim.Answer) {
		a.Record(sim.Entry{Event: []byte("asked"), Number: r[1]})
		a.Reply(r[1])
	}}}
}

// scene is a partner that works, and a hub that reaches it over lines that are spoilt.
type scene struct {
	hub  *exchangetest.Hub
	card sim.Card
	dir  string
	size int // bytes of a file
	rows int

	mu    sync.Mutex
	files []card.File
}

func newScene(t *testing.T, profile string) *scene {
	t.Helper()
	s := &scene{hub: exchangetest.NewHub(t), dir: t.TempDir(), rows: 600}
	if *long {
		s.rows = 20_000
	}
	s.size = len(s.text(card.File{Partner: "ICBC", Kind: askReq, Date: "20261121", Seq: 1}))
	key, err := sim.ParsePublicKey([]byte(s.hub.SignKey))
	require.NoError(t, err)
	cfg := sim.PartnerConfig{
		Name: "ICBC", Dir: s.dir, Office: asked{}, User: "hub", HubKeys: s.hub.Login, HubSignKey: key, Rest: 10 * time.Millisecond,
	}
	cfg.Profile, err = sim.ProfileNamed(profile)
	require.NoError(t, err)
	p, err := sim.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	s.card, err = p.Card()
	require.NoError(t, err)
	return s
}

// text is a request's content: rows that differ everywhere, so that a hole or a piece in the wrong place shows.
func (s *scene) text(f card.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "H|%s|1|%s|%s|\n", f.Kind, f.Name(), f.Date)
	for n := range s.rows {
		fmt.Fprintf(&b, "D|%d|P%06d%012d%080d\n", n+1, f.Seq, n, n*f.Seq)
	}
	fmt.Fprintf(&b, "T|%d|0\n", s.rows)
	return b.String()
}

// trip is one request on its way out and its answer on its way back, over a line of its own.
type trip struct {
	*testing.T
	*scene
	line  line
	x     *exchange.Exchange
	file  card.File
	meter func(int64)
}

func (s *scene) trip(t *testing.T, silence time.Duration) *trip {
	t.Helper()
	l := newLine(t, s.card.Address)
	terms := s.card.Terms
	x := s.hub.Open(t, exchange.Endpoint{
		Partner: "ICBC", Address: l.Listen, User: "hub", HostKey: s.card.HostKey, VerifyKey: s.card.SM2PublicKey,
		Manifests: exchange.Manifests(terms.Manifests), Stillness: 1,
		Quirks: exchange.Quirks{ReadOnce: terms.ReadOnce, LooseNames: terms.LooseNames, OneAtATime: terms.OneAtATime},
	}, func(c *exchange.Config) { c.Silence = silence })
	s.mu.Lock()
	defer s.mu.Unlock()
	f := card.File{Partner: "ICBC", Kind: askReq, Date: "20261121", Seq: len(s.files) + 1}
	s.files = append(s.files, f)
	return &trip{T: t, scene: s, line: l, x: x, file: f, meter: func(int64) {}}
}

// publish and collect are tried once.
func (r *trip) publish() error {
	ctx := exchange.WithProgress(r.Context(), func(n int64) { r.meter(n) })
	_, err := r.x.Publish(ctx, r.file, string(askReq)+"/1", func(w io.Writer) (exchange.Totals, error) {
		_, err := io.WriteString(w, r.text(r.file))
		return exchange.Totals{Rows: r.rows}, err
	})
	return err
}

func (r *trip) collect() error {
	ctx := exchange.WithProgress(r.Context(), func(n int64) { r.meter(n) })
	_, err := r.x.Collect(ctx, r.file.Answer(askRet))
	return err
}

// spoilt tries do once on an open connection that is spoilt from now on, and mends it.
func (r *trip) spoilt(do func() error, toxics ...toxic) {
	r.Helper()
	_ = r.x.Ping(r.Context(), "ICBC")
	r.line.spoil(r.T, toxics...)
	r.requireHarmless(do())
	r.line.mend(r.T)
}

// spoiltAt is spoilt from the moment in which so many bytes have been moved.
func (r *trip) spoiltAt(do func() error, at int64, toxics ...toxic) {
	r.Helper()
	var once sync.Once
	r.meter = func(n int64) {
		if n >= at {
			once.Do(func() { r.line.spoil(r.T, toxics...) })
		}
	}
	r.requireHarmless(do())
	r.meter = func(int64) {}
	r.line.mend(r.T)
}

// requireHarmless holds that an error asks for no more than to try again.
func (r *trip) requireHarmless(err error) {
	r.Helper()
	if kind := card.KindOf(err); err != nil {
		require.True(r, kind == card.Unavailable || kind == card.Later, "%v", err)
	}
}

// until tries again and again.
func (r *trip) until(do func() error) {
	r.Helper()
	exchangetest.Await(r, func() (struct{}, error) { return struct{}{}, do() })
}

// end brings the trip to its end over a good line.
func (r *trip) end() {
	r.Helper()
	r.until(r.publish)
	r.until(r.collect)
	r.until(func() error { return r.x.Done(r.Context(), r.file.Answer(askRet)) })
	have, err := os.ReadFile(filepath.Join(r.hub.Archive(), "in", "ICBC", r.file.Date, r.file.Answer(askRet).Name()))
	require.NoError(r, err)
	lines := strings.Split(string(have), "\n")
	require.Equal(r, strings.Split(r.text(r.file), "\n")[1:], lines[1:], "all that was asked came back, once")
}

// judge asks the partner's ledger and the archive.
func (s *scene) judge(t *testing.T) {
	t.Helper()
	events, twice := map[string]int{}, map[string]bool{}
	require.NoError(t, sim.ScanLedger(filepath.Join(s.dir, "ledger.csv"), func(e *sim.Entry) error {
		events[string(e.Event)]++
		if string(e.Event) == "asked" {
			require.False(t, twice[string(e.Number)], "somebody was asked about twice")
			twice[string(e.Number)] = true
		}
		return nil
	}))
	require.Equal(t, len(s.files)*s.rows, events["asked"])
	require.Equal(t, len(s.files), events["processed"])
	require.Zero(t, events["refused_file"], "a partial file was seen")
	require.Zero(t, events["repeat"], "a file was sent twice")
	require.NoDirExists(t, filepath.Join(s.hub.Archive(), "quarantine"))
	for _, pattern := range []string{"in/ICBC/*/*.part", "out/ICBC/*/*.part"} {
		left, err := filepath.Glob(filepath.Join(s.hub.Archive(), pattern))
		require.NoError(t, err)
		require.Empty(t, left)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "root", "inbox", "*.txt*"))
	require.NoError(t, err)
	for _, name := range left {
		require.True(t, strings.HasSuffix(name, ".tmp"), "%s", name)
	}
}

// spoiledTrips runs trips side by side and judges when all have ended.
func spoiledTrips(t *testing.T, profile string, trips map[string]func(*trip)) {
	t.Helper()
	s := newScene(t, profile)
	t.Run("trips", func(t *testing.T) {
		for name, do := range trips {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := s.trip(t, 2*time.Second)
				do(r)
				r.end()
			})
		}
	})
	s.judge(t)
}

// answered tells whether the partner has put its answer out.
func (s *scene) answered(f card.File) bool {
	_, err := os.Stat(filepath.Join(s.dir, "root", "outbox", f.Answer(askRet).Name()+".ok"))
	return err == nil
}
