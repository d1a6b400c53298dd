package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

// asProgram makes the test binary be the program, so that tests can start and kill a real process.
const asProgram = "PARTNERS_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// town is a folder of partners with the hub's keys.
type town struct {
	t    *testing.T
	hub  *simtest.Hub
	dir  string
	args []string
}

func newTown(t *testing.T, partners string) *town {
	t.Helper()
	hub, keys := simtest.New(t), t.TempDir()
	public, err := exchange.PublicHex(&hub.Key.PublicKey)
	require.NoError(t, err)
	login, sign, rules := filepath.Join(keys, "ssh.pub"), filepath.Join(keys, "sign.pub"), filepath.Join(keys, "rules.toml")
	require.NoError(t, os.WriteFile(login, ssh.MarshalAuthorizedKey(hub.SSH.PublicKey()), 0o600))
	require.NoError(t, os.WriteFile(sign, []byte(public+"\n"), 0o600))
	w := &town{t: t, hub: hub, dir: hub.Dir}
	w.args = []string{"--dir", w.dir, "--partners", partners, "--hub-key", login, "--hub-sign-key", sign, "--rules", rules}
	return w
}

// at turns the hub towards one partner.
func (w *town) at(name string) *simtest.Hub {
	w.hub.Dir = filepath.Join(w.dir, name)
	return w.hub
}

// start starts the program and waits until it has told of every partner.
func (w *town) start() *exec.Cmd {
	w.t.Helper()
	cmd := exec.Command(os.Args[0], w.args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Start())
	w.t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for range strings.Split(w.args[3], ",") {
		require.True(w.t, lines.Scan(), "the program ended early")
	}
	return cmd
}

type shown exchange.Card

func (s shown) Card() (exchange.Card, error) { return exchange.Card(s), nil }

func (w *town) list() map[string]listed {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "partners.json"))
	require.NoError(w.t, err)
	var cards struct{ Partners []listed }
	require.NoError(w.t, json.Unmarshal(text, &cards))
	out := map[string]listed{}
	for _, c := range cards.Partners {
		out[c.Name] = c
	}
	return out
}

func person(n int) string {
	body := fmt.Sprintf("D%07d", n)
	number := fmt.Sprintf("44010019900101%03d", n%1000)
	return fmt.Sprintf("%s%c|04|H%08d|%s|1|19900101|13800000000|GD|440600001", body, checkOf(body), n, number[:6])
}

func checkOf(body string) byte {
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		value := int(body[i] - '0')
		if body[i] >= 'A' {
			value = int(body[i]-'A') + 10
		}
		sum += weight * value
	}
	return "0X987654321"[sum%11]
}

func TestEverybodyIsThere(t *testing.T) {
	t.Parallel()
	w := newTown(t, "ICBC,ABC,BUREAU,CIVIL,OUTLET")
	cmd := w.start()
	cards := w.list()
	require.Len(t, cards, 5)
	require.Equal(t, "bank", cards["ABC"].Kind)
	require.Equal(t, "bureau", cards["BUREAU"].Kind)
	for name, c := range cards {
		require.Equal(t, "onecard", c.User)
		require.True(t, strings.HasPrefix(c.HostKey, "ssh-ed25519 "), name)
		require.Len(t, c.SM2PublicKey, 130)
		require.True(t, strings.HasPrefix(c.Address, "127.0.0.1:"))
		require.FileExists(t, c.Ledger)
	}
	second := exec.Command(os.Args[0], w.args...)
	second.Env = cmd.Env
	text, err := second.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "in use by another run")

	w.at("CIVIL").Send("CIVIL_MATCHREQ_20261121_000001.txt", "1|01|440100199001010015|A|19900101")
	require.Equal(t, "00", w.hub.Answer(shown(cards["CIVIL"].Card), "CIVIL_MATCHRET_20261121_000001.txt")[0][2])

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), "SIGTERM is a clean end")
	require.NoFileExists(t, filepath.Join(w.dir, "partners.json"))
}

// TestKilledAgainAndAgain kills the bank in the middle of its work until all is done, and counts by the bank's ledger.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	const files, rows = 4, 10_000
	w := newTown(t, "ICBC")
	for f := range files {
		lines := make([]string, rows)
		for i := range lines {
			lines[i] = fmt.Sprintf("%d|%s", i+1, person(f*rows+i))
		}
		w.at("ICBC").Send(fmt.Sprintf("ICBC_ACCTREQ_20261121_%06d.txt", f+1), lines...)
	}
	var card exchange.Card
	for range 15 {
		cmd := w.start()
		card = w.list()["ICBC"].Card
		// The moment of the kill is what the test is about; no result depends on how long this is.
		time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
	}
	cmd := w.start()
	require.Equal(t, card, w.list()["ICBC"].Card, "address and keys outlive a kill")
	pans := map[string]bool{}
	for f := range files {
		answers := w.hub.Answer(shown(card), fmt.Sprintf("ICBC_ACCTRET_20261121_%06d.txt", f+1))
		require.Len(t, answers, rows)
		for _, a := range answers {
			require.Equal(t, "00", a[4])
			pans[a[2]] = true
		}
	}
	require.Len(t, pans, files*rows)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())

	var out bytes.Buffer
	code := run([]string{"ledger", "ICBC", "--dir", w.dir, "--event", "opened", "--duplicates", "-o", "json"}, &out, &out)
	require.Zero(t, code, out.String())
	var sum tally
	require.NoError(t, json.Unmarshal(out.Bytes(), &sum))
	require.Equal(t, map[string]int64{"opened": files * rows}, sum.Events)
	require.Empty(t, sum.Duplicates)
}

func TestLedgerShowsWhoIsThereTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t, "ICBC")
	cmd := w.start()
	card := shown(w.list()["ICBC"].Card)
	h := w.at("ICBC")
	h.Send("ICBC_ACCTREQ_20261121_000001.txt", "1|"+person(1), "2|"+person(2))
	h.Send("ICBC_ACCTREQ_20261121_000002.txt", "5|"+person(2))
	h.Answer(card, "ICBC_ACCTRET_20261121_000001.txt")
	h.Answer(card, "ICBC_ACCTRET_20261121_000002.txt")

	var out bytes.Buffer
	require.Equal(t, 3, run([]string{"ledger", "ICBC", "--dir", w.dir, "--duplicates"}, &out, &out))
	require.Contains(t, out.String(), "opened 00")
	require.Contains(t, out.String(),
		"twice: opened H00000002 in ICBC_ACCTREQ_20261121_000001.txt row 2, ICBC_ACCTREQ_20261121_000002.txt row 5")
	out.Reset()
	require.Zero(t, run([]string{"ledger", "ICBC", "--dir", w.dir}, &out, &out))
	require.NotContains(t, out.String(), "twice")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := newTown(t, "ICBC,ABC,BUREAU,CIVIL")
	require.NoError(t, os.WriteFile(w.args[9], []byte("[[partner]]\nname = \"*\"\nprofile = \"upper-case\"\n"+
		"[[partner]]\nname = \"ABC\"\nprofile = \"read-once\"\n[[partner]]\nname = \"BUREAU\"\nprofile = \"one-file\"\n"), 0o600))
	w.args = append(w.args, "--profile", "BUREAU=no-manifests")
	cmd := w.start()
	cards := w.list()
	require.Equal(t, exchange.Terms{LooseNames: true}, cards["CIVIL"].Terms, "those that are not named")
	require.Equal(t, exchange.Terms{LooseNames: true}, cards["ICBC"].Terms)
	require.Equal(t, exchange.Terms{ReadOnce: true}, cards["ABC"].Terms)
	require.Equal(t, exchange.Terms{Manifests: "none"}, cards["BUREAU"].Terms, "the command line goes before the file")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	w := newTown(t, "ICBC")
	replace := func(at int, value string) []string {
		args := append([]string{}, w.args...)
		args[at] = value
		return args
	}
	payret := filepath.Join("..", "..", "connectors", "layout", "formats", "river-payret.toml")
	book := filepath.Join("..", "..", "connectors", "layout", "formats", "township-report.toml")
	own := func(layouts ...string) []string {
		args := replace(3, "ICBC")
		for _, l := range layouts {
			args = append(args, "--layout", l)
		}
		return args
	}
	bad := filepath.Join(w.dir, "bad")
	require.NoError(t, os.WriteFile(bad, []byte("nonsense"), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"nothing":         {nil, 2},
		"unknown flag":    {[]string{"--what"}, 2},
		"unknown partner": {replace(3, "NOBANK"), 2},
		"twice":           {replace(3, "ICBC,ICBC"), 2},
		"no partners":     {replace(3, ""), 2},
		"no login key":    {replace(5, bad+"s"), 1},
		"bad login key":   {replace(5, bad), 1},
		"bad sign key":    {replace(7, bad), 1},
		"bad rules":       {replace(9, bad), 1},
		"no profile":      {append(replace(3, "ICBC"), "--profile", "ICBC=what"), 2},
		"layout of none":  {own(payret), 2},
		"another's":       {own("ABC=" + payret), 2},
		"layout missing":  {own("ICBC=" + bad + "s"), 1},
		"layout wrong":    {own("ICBC=" + bad), 1},
		"a workbook":      {own("ICBC=" + book), 1},
		"one kind twice":  {own("ICBC="+payret, "ICBC="+payret), 2},
		"ledger of none":  {[]string{"ledger"}, 2},
		"ledger nowhere":  {[]string{"ledger", "ICBC"}, 2},
		"ledger unknown":  {[]string{"ledger", "NOBANK", "--dir", w.dir}, 2},
		"ledger missing":  {[]string{"ledger", "ABC", "--dir", w.dir}, 1},
		"ledger output":   {[]string{"ledger", "ABC", "--dir", w.dir, "-o", "xml"}, 2},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, c.code, run(c.args, &out, &errs), name)
		require.NotEmpty(t, errs.String(), name)
		require.Empty(t, out.String(), name)
	}
	var out bytes.Buffer
	require.Zero(t, run([]string{"--help"}, &out, &out))
	require.Contains(t, out.String(), "Examples:")
}
