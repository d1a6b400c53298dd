package sim_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim"
)

// account is a server of the hub with the account of one partner, and a visitor's folder.
type account struct {
	t           *testing.T
	root, local string
	server      *sim.Server
	cfg         sim.VisitorConfig
}

func openAccount(t *testing.T) *account {
	t.Helper()
	a := &account{t: t, root: filepath.Join(t.TempDir(), "root"), local: t.TempDir()}
	for _, dir := range []string{"inbox/done", "outbox/done"} {
		require.NoError(t, os.MkdirAll(filepath.Join(a.local, "root", dir), 0o700))
	}
	// Somebody who finds nobody at home yet: its key is made, and then known to the hub.
	a.cfg = sim.VisitorConfig{Partner: "ICBC", Dir: a.local, Address: "127.0.0.1:1", HostKey: strangeKey, Rest: time.Millisecond}
	early, err := sim.StartVisitor(a.cfg)
	require.NoError(t, err)
	require.NoError(t, early.Close())
	a.server, err = sim.Listen(sim.Config{Address: "127.0.0.1:0", Root: a.root, HostKeyFile: filepath.Join(t.TempDir(), "host"),
		User: "ICBC", AuthorizedKeys: []byte(early.LoginKey())})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.server.Close()) })
	a.cfg.Address, a.cfg.HostKey = a.server.Addr(), a.server.HostKey()
	return a
}

const strangeKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbHv7yqAMZCTMUMySMXvDzoCcwC2wkwHlCMsKQrMTjM"

func (a *account) visit() {
	a.t.Helper()
	v, err := sim.StartVisitor(a.cfg)
	require.NoError(a.t, err)
	a.t.Cleanup(func() { require.NoError(a.t, v.Close()) })
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	for _, half := range []string{"", ".ok"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+half), []byte(text+half), 0o600))
	}
}

// holds says whether a folder has a file whole, with its manifest.
func holds(dir, name, text string) bool {
	for _, half := range []string{"", ".ok"} {
		got, err := os.ReadFile(filepath.Join(dir, name+half))
		if err != nil || string(got) != text+half {
			return false
		}
	}
	return true
}

// A partner without a server fetches what it was sent and delivers what it answers, each once, and each put away.
func TestAVisitorCarriesFilesBothWays(t *testing.T) {
	t.Parallel()
	a := openAccount(t)
	const request, answer = "ICBC_ACCTREQ_20261121_000001.txt", "ICBC_ACCTRET_20261121_000001.txt"
	put(t, filepath.Join(a.root, "inbox"), request, "asked")
	require.NoError(t, os.WriteFile(filepath.Join(a.root, "inbox", "undeclared.txt"), nil, 0o600))
	put(t, filepath.Join(a.local, "root", "outbox"), answer, "answered")
	require.NoError(t, os.WriteFile(filepath.Join(a.local, "root", "outbox", request+".err"), []byte("reason=FILE_DIGEST\n"), 0o600))
	a.visit()
	require.Eventually(t, func() bool {
		return holds(filepath.Join(a.local, "root", "inbox"), request, "asked") && holds(filepath.Join(a.root, "inbox", "done"), request, "asked") &&
			holds(filepath.Join(a.root, "outbox"), answer, "answered") && holds(filepath.Join(a.local, "root", "outbox", "done"), answer, "answered")
	}, 20*time.Second, 5*time.Millisecond)
	require.NoFileExists(t, filepath.Join(a.local, "root", "inbox", "undeclared.txt"))
	require.FileExists(t, filepath.Join(a.root, "outbox", request+".err"))
}

// Connections that break do no harm: the next visit goes on.
func TestAVisitorComesAgain(t *testing.T) {
	t.Parallel()
	a := openAccount(t)
	a.server.Inject(sim.Fault{Op: sim.OpRead, Do: sim.Drop, Name: "*.txt", Bytes: 3, Times: 2})
	const request = "ICBC_ACCTREQ_20261121_000001.txt"
	put(t, filepath.Join(a.root, "inbox"), request, "asked")
	a.visit()
	require.Eventually(t, func() bool { return holds(filepath.Join(a.local, "root", "inbox"), request, "asked") }, 20*time.Second, 5*time.Millisecond)
}

// What comes under a name that came before is fetched once the partner has dealt with the one before, and put away under a number.
func TestAVisitorFetchesANameAgain(t *testing.T) {
	t.Parallel()
	a := openAccount(t)
	const request = "ICBC_ACCTREQ_20261121_000001.txt"
	far, near := filepath.Join(a.root, "inbox"), filepath.Join(a.local, "root", "inbox")
	put(t, filepath.Join(far, "done"), request, "asked")
	put(t, filepath.Join(near, "done"), request, "asked")
	put(t, near, request, "not dealt with yet")
	put(t, far, request, "another")
	put(t, far, other, "another")
	a.visit()
	require.Eventually(t, func() bool { return holds(near, other, "another") }, 20*time.Second, 5*time.Millisecond)
	require.True(t, holds(near, request, "not dealt with yet") && holds(far, request, "another"), "the visitor waits")
	for _, half := range []string{".ok", ""} {
		require.NoError(t, os.Rename(filepath.Join(near, request+half), filepath.Join(near, "done", request+half+".2")))
	}
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(far, "done", request+".ok.2"))
		return err == nil && holds(near, request, "another")
	}, 20*time.Second, 5*time.Millisecond)
	require.True(t, holds(filepath.Join(far, "done"), request, "asked"), "what was there stays")
}

const other = "ICBC_ACCTREQ_20261121_000002.txt"

// The files of a partner's test system are carried beside the real ones.
func TestAVisitorCarriesTestsToo(t *testing.T) {
	t.Parallel()
	a := openAccount(t)
	for _, root := range []string{a.root, filepath.Join(a.local, "root")} {
		for _, dir := range []string{"inbox/done", "outbox/done"} {
			require.NoError(t, os.MkdirAll(filepath.Join(root, "test", dir), 0o700))
		}
	}
	put(t, filepath.Join(a.root, "test", "inbox"), other, "asked")
	put(t, filepath.Join(a.local, "root", "test", "outbox"), other, "answered")
	a.visit()
	require.Eventually(t, func() bool {
		return holds(filepath.Join(a.local, "root", "test", "inbox"), other, "asked") && holds(filepath.Join(a.root, "test", "outbox"), other, "answered")
	}, 20*time.Second, 5*time.Millisecond)
	require.NoFileExists(t, filepath.Join(a.local, "root", "inbox", other))
}
