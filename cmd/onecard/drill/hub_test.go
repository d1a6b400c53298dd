package drill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/postgres/cluster/child"
)

// hub is one `onecard up` in a folder of its own, with partners of its own.
type hub struct {
	*testing.T
	house   *house
	name    string
	process *child.Process
	argv    []string
	user    *syscall.Credential
	program string // folder of the programs
	asking  *pgx.Conn
}

// alone prepares a hub that starts everything itself.
func (h *house) alone(t *testing.T) *hub {
	t.Helper()
	name := strings.ToLower(strings.NewReplacer("/", "_", " ", "_").Replace(t.Name()))
	b := &hub{T: t, house: h, name: name, program: h.path("bin")}
	require.NoError(t, os.MkdirAll(h.path(name), 0o700))
	b.argv = []string{"up", "--rules", b.rulesFile()}
	return b
}

// lodger prepares a hub on the shared servers, with a database and a namespace of its own.
func (h *house) lodger(t *testing.T, banks ...string) *hub {
	t.Helper()
	b := h.alone(t)
	b.exec(h.database("postgres"), `create database "`+b.name+`"`)
	b.argv = append(b.argv, "--banks", strings.Join(banks, ","), "--namespace", b.name,
		"--database-url", h.database(b.name), "--temporal-address", h.servers.State().TemporalAddress)
	return b
}

// database is the URL of a database on the shared server.
func (h *house) database(name string) string {
	u, err := url.Parse(h.servers.State().DatabaseURL)
	if err != nil {
		panic(err) // our own server's address
	}
	u.Path = "/" + name
	return u.String()
}

// dir is the hub's state; what the drill itself keeps lies beside it.
func (b *hub) dir() string       { return b.beside("var") }
func (b *hub) rulesFile() string { return b.beside("rules.toml") }
func (b *hub) beside(parts ...string) string {
	return b.house.path(append([]string{b.name}, parts...)...)
}
func (b *hub) partner(parts ...string) string {
	return filepath.Join(append([]string{b.dir(), "partners"}, parts...)...)
}

// start runs the hub and returns when it is ready.
func (b *hub) start() {
	b.Helper()
	b.launch()
	b.Cleanup(func() {
		if b.asking != nil {
			require.NoError(b, b.asking.Close(context.Background()))
		}
		b.stop()
		if b.Failed() {
			b.tellLogs()
		}
	})
}

// launch runs the hub, anew after it was stopped or killed.
func (b *hub) launch() {
	b.Helper()
	console, err := os.OpenFile(b.beside("console.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(b, err)
	defer func() { require.NoError(b, console.Close()) }()
	argv := append([]string{filepath.Join(b.program, "onecard"), "--dir", b.dir()}, b.argv...)
	b.process, err = child.Start(child.Spec{Argv: argv, Env: b.environment(), Out: console, User: b.user, OnDeath: syscall.SIGKILL})
	require.NoError(b, err)
	b.eventually("the hub is ready", func() bool {
		select {
		case <-b.process.Done():
			b.Fatalf("onecard up has ended: %v", b.process.Err())
		default:
		}
		st, err := local.Find(b.dir())
		return err == nil && st.Ready
	})
}

func (b *hub) environment() []string {
	if b.user == nil {
		return os.Environ()
	}
	return append(os.Environ(), "HOME="+b.beside())
}

// stop ends the hub as Ctrl-C does. Stopping twice is harmless.
func (b *hub) stop() {
	b.process.Stop(child.Step{Signal: syscall.SIGINT, Wait: patience})
}

// tellLogs shows how the hub's logs end.
func (b *hub) tellLogs() {
	logs, err := filepath.Glob(filepath.Join(b.dir(), "log", "*.log"))
	require.NoError(b, err)
	for _, path := range append(logs, b.beside("console.log"), b.beside("spoken.log")) {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		b.Logf("%s ends with\n%s", filepath.Base(path), text[max(0, len(text)-4000):])
	}
}

// eventually waits until what holds.
func (b *hub) eventually(what string, holds func() bool) {
	b.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			b.Fatalf("it never came that %s", what)
		}
		time.Sleep(look)
	}
}

// try runs one command line of onecard and returns what it wrote and its exit code. Everything is also kept, as a terminal
// would show it.
func (b *hub) try(stdin string, args ...string) (string, int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(b.program, "onecard"), append([]string{"--dir", b.dir()}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = strings.NewReader(stdin), &out, &errs, b.environment()
	// A command that waits for a server must not outlive a drill that is killed. The kernel takes the end of the thread that
	// forked for our death, so the thread is kept.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.user, Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	require.NoError(b, ctx.Err(), "onecard %v takes for ever", args)
	b.keep(fmt.Sprintf("$ onecard %s\n%s%s(%v)\n", strings.Join(args, " "), out.String(), errs.String(), err))
	return out.String() + errs.String(), cmd.ProcessState.ExitCode()
}

func (b *hub) keep(text string) {
	f, err := os.OpenFile(b.beside("spoken.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(b, err)
	_, err = f.WriteString(text)
	require.NoError(b, err)
	require.NoError(b, f.Close())
}

// onecard runs a command line that must succeed.
func (b *hub) onecard(args ...string) string {
	b.Helper()
	out, code := b.try("", args...)
	require.Zero(b, code, "onecard %v: %s", args, out)
	return out
}

// configure changes the hub's configuration and has the worker read it.
func (b *hub) configure(change func(*config.Config)) {
	b.Helper()
	path := filepath.Join(b.dir(), "onecard.toml")
	c, err := config.Load(path)
	require.NoError(b, err)
	change(&c)
	text, err := toml.Marshal(c)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(path, text, 0o600))
	b.kill("worker", syscall.SIGTERM)
}

// pid is the process of one of the hub's programs, once it runs.
func (b *hub) pid(program string) int {
	b.Helper()
	var p local.Process
	b.eventually(program+" runs", func() bool {
		st, err := local.Find(b.dir())
		if err != nil {
			return false
		}
		p, _ = st.Process(program)
		return p.Pid != 0
	})
	return p.Pid
}

// kill ends one of the hub's programs and waits until it runs again.
func (b *hub) kill(program string, signal syscall.Signal) {
	b.Helper()
	before := b.pid(program)
	require.NoError(b, syscall.Kill(before, signal))
	b.eventually(program+" comes back", func() bool { return b.pid(program) != before })
}

// rules makes the partners misbehave from now on.
func (b *hub) rules(text string) {
	b.Helper()
	temp := b.rulesFile() + ".new"
	require.NoError(b, os.WriteFile(temp, []byte(text), 0o600))
	require.NoError(b, os.Rename(temp, b.rulesFile()))
}

// connect opens the database for one question or deed.
func (b *hub) connect(database string) *pgx.Conn {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), database)
	require.NoError(b, err)
	return conn
}

func (b *hub) exec(database, sql string, args ...any) {
	b.Helper()
	conn := b.connect(database)
	_, err := conn.Exec(b.Context(), sql, args...)
	require.NoError(b, err)
	require.NoError(b, conn.Close(b.Context()))
}

// ledger is the URL of the hub's ledger.
func (b *hub) ledger() string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir(), "keys", "ledger.url"))
	require.NoError(b, err)
	return strings.TrimSpace(string(text))
}

// count asks the ledger for one number; while PostgreSQL is down there is none. It is asked often, so it keeps its connection.
func (b *hub) count(sql string, args ...any) (n int, ok bool) {
	b.Helper()
	if b.asking == nil || b.asking.IsClosed() {
		conn, err := pgx.Connect(b.Context(), b.ledger())
		if err != nil {
			return 0, false
		}
		b.asking = conn
	}
	err := b.asking.QueryRow(b.Context(), sql, args...).Scan(&n)
	return n, err == nil
}

// decode reads the JSON that a command printed.
func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}
