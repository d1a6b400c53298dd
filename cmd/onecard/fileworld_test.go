package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
	"onecard/connectors/vault"
	"onecard/worker"
)

// fileWorld is a hub with a ledger and civil affairs' SFTP server, on which the test plays civil affairs; one batch waits to
// be matched.
type fileWorld struct {
	*testing.T
	dir     string
	hub     *hub
	x       *exchange.Exchange
	steps   worker.Activities
	step    activities.Step
	request card.File
}

const matched = 3 // people in the batch

func newFileWorld(t *testing.T) *fileWorld {
	t.Helper()
	w := &fileWorld{T: t, dir: t.TempDir()}
	must.NoError(t, vault.Generate(w.path("vault.toml")))
	must.NoError(t, generateSSH(w.path("ssh")))
	must.NoError(t, generateSign(w.path("sign.pem")))
	must.NoError(t, os.WriteFile(w.path("url"), []byte(pgtest.New(t)), 0o600))
	must.NoError(t, os.WriteFile(w.path("onecard.toml"), []byte(w.settings()), 0o600))
	var err error
	w.hub, err = openHub(t.Context(), &settings{dir: w.dir})
	must.NoError(t, err)
	t.Cleanup(w.hub.close)
	must.NoError(t, w.hub.ledger.Migrate(t.Context()))
	w.x, err = w.hub.exchange()
	must.NoError(t, err)
	t.Cleanup(func() { must.NoError(t, w.x.Close()) })
	w.steps = w.hub.activities(w.x)
	w.plan()
	must.NoError(t, w.steps.Civil.RequestMatch(t.Context(), w.step))
	w.request, err = w.hub.ledger.SentFile(t.Context(), w.step.Batch, card.MatchReq, 0)
	must.NoError(t, err)
	return w
}

func (w *fileWorld) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// settings starts the partner's server and says where it is.
func (w *fileWorld) settings() string {
	login, err := os.ReadFile(w.path("ssh.pub"))
	must.NoError(w, err)
	server, err := sim.Listen(sim.Config{Address: "127.0.0.1:0", Root: w.path("root"), HostKeyFile: w.path("host"), User: "hub", AuthorizedKeys: login})
	must.NoError(w, err)
	w.Cleanup(func() { must.NoError(w, server.Close()) })
	key, err := sim.SignKey(w.path("partner.pem"))
	must.NoError(w, err)
	public, err := sim.PublicHex(&key.PublicKey)
	must.NoError(w, err)
	return fmt.Sprintf(`[ledger]
database_url_file = "url"
[exchange]
archive = "archive"
ssh_key_file = "ssh"
sign_key_file = "sign.pem"
[[partner]]
name = "CIVIL"
kind = "civil"
address = %q
user = "hub"
host_key = %q
verify_key = %q
`, server.Addr(), strings.TrimSpace(server.HostKey()), public)
}

// plan makes, approves and starts a rollout of invented people.
func (w *fileWorld) plan() {
	ctx, l := w.Context(), w.hub.ledger
	must.NoError(w, l.AddRange(ctx, postgres.Range{City: "440600", Prefix: "E", First: 1, Last: 1000}))
	id, err := l.CreateRollout(ctx, postgres.NewRollout{Name: "files", Roster: "r.xlsx", MadeBy: "maker", BatchRows: 20_000},
		func(yield func(postgres.Row, error) bool) {
			for i := 1; i <= matched && yield(postgres.Row{Number: i, Application: inventedPerson(i)}, nil); i++ {
				continue
			}
		}, func() [32]byte { return [32]byte{} })
	must.NoError(w, err)
	_, err = l.Submit(ctx, id, "maker")
	must.NoError(w, err)
	must.NoError(w, l.Approve(ctx, id, "approver"))
	must.NoError(w, l.SetStatus(ctx, id, card.RolloutRunning, "maker", ""))
	batches, err := l.Batches(ctx, id)
	must.NoError(w, err)
	w.step = activities.Step{Batch: batches[0].ID}
}

func inventedPerson(row int) card.Application {
	return card.Application{Row: row, City: "440600", Bank: "102", Outlet: "44060001", Mode: card.Outlet, Person: card.Person{
		DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440100", "19900101", row), Name: fmt.Sprintf("测试%d", row),
		Sex: card.Male, Ethnic: "01", Birth: "19900101"}}
}

// answer is what civil affairs would say: all people exist, but for those rows that get another result.
func (w *fileWorld) answer(other ...string) (f card.File, text []byte) {
	f = w.request.Answer(card.MatchRet)
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "H|MATCHRET|1|%s|%s|%s\n", f.Name(), f.Date, w.request.Name())
	for i := range matched {
		result := "00"
		if i < len(other) {
			result = other[i]
		}
		_, _ = fmt.Fprintf(&b, "D|%d|%s|%s|\n", i+1, card.SynthesizeSSN("440100", "19900101", i+1), result)
	}
	_, _ = fmt.Fprintf(&b, "T|%d|0\n", matched)
	return f, []byte(b.String())
}

// manifest is civil affairs' manifest of a text; change makes it say something else.
func (w *fileWorld) manifest(f card.File, text []byte, change ...func(*sim.Manifest)) []byte {
	w.Helper()
	name, err := sim.ParseFileName(f.Name())
	must.NoError(w, err)
	sum := sm3.Sum(text)
	m := sim.Manifest{Name: name, Size: int64(len(text)), Rows: matched, SM3: hex.EncodeToString(sum[:])}
	for _, c := range change {
		c(&m)
	}
	key, err := sim.SignKey(w.path("partner.pem"))
	must.NoError(w, err)
	ok, err := m.Sign(key)
	must.NoError(w, err)
	return ok
}

// lay writes a file and its manifest to a path.
func (w *fileWorld) lay(path string, text, manifest []byte) {
	w.Helper()
	must.NoError(w, os.MkdirAll(filepath.Dir(path), 0o700))
	must.NoError(w, os.WriteFile(path, text, 0o600))
	must.NoError(w, os.WriteFile(path+".ok", manifest, 0o600))
}

// at is a place in the partner's account; it tells whether something lies there.
func (w *fileWorld) at(parts ...string) (string, bool) {
	path := w.path(append([]string{"root"}, parts...)...)
	_, err := os.Stat(path)
	return path, err == nil
}

func (w *fileWorld) done(want string, args ...string) {
	w.Helper()
	out, errs, code := onecard(w.T, w.dir, args...)
	must.Zero(w, code, "%s%s", out, errs)
	must.Contains(w, out, want)
}

func (w *fileWorld) refused(reason card.Reason, args ...string) {
	w.Helper()
	out, errs, code := onecard(w.T, w.dir, args...)
	must.Equal(w, 3, code, "%s%s", out, errs)
	must.Contains(w, errs, "error "+string(reason)+":")
	must.Contains(w, errs, "怎么办")
}

// by is a decision about a file.
func by(who, what, file string, more ...string) []string {
	return append([]string{"file", what, file, "--reason", "agreed by telephone", "--as", who}, more...)
}

// collects lets the step that waits look for its answer.
func (w *fileWorld) collects() (card.Tally, error) {
	return w.steps.Civil.CollectMatch(w.Context(), w.step)
}

// watches has the hub look at the partner twice, with no patience for what is strange.
func (w *fileWorld) watches() {
	watch := w.steps.FileWatch
	watch.Desk.Patience = time.Nanosecond
	for range 2 {
		must.Error(w, watch.WatchFiles(w.Context(), "CIVIL"), "the watch is never done")
	}
}
