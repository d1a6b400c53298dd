package local

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
)

// long bounds a start that may have to build the upstream programs first.
const long = 15 * time.Minute

func up(t *testing.T, o Options) *Stack {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PostgreSQL and Temporal")
	}
	o.Log = t.Output()
	o.PostgresSettings = map[string]string{"fsync": "off", "shared_buffers": "64MB"}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	s, err := Start(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

func execSQL(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

// namespaceKnown returns nil when the Temporal at target knows the namespace and its search attributes.
func namespaceKnown(ctx context.Context, target, name string) error {
	conn, err := dial(target)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost with the connection
	return namespace{name: name, workflows: workflowservice.NewWorkflowServiceClient(conn), conn: conn}.usable(ctx)
}

// revived waits until a killed program runs again under another process id.
func revived(t *testing.T, s *Stack, name string) {
	t.Helper()
	before := pidOf(t, s, name)
	require.NoError(t, syscall.Kill(before, syscall.SIGKILL))
	require.Eventually(t, func() bool {
		p, _ := s.State().Process(name)
		return p.Pid != 0 && p.Pid != before
	}, patience, 10*time.Millisecond, "%s comes back", name)
}

func TestStackFromStartToStartAgain(t *testing.T) {
	t.Parallel()
	o := Options{Dir: filepath.Join(t.TempDir(), "var")}
	s := up(t, o)
	st := s.State()
	execSQL(t, st.DatabaseURL, "CREATE TABLE kept (id int)")
	require.NoError(t, namespaceKnown(t.Context(), st.TemporalAddress, DefaultNamespace))
	require.NoError(t, s.Ready())
	require.Empty(t, Doctor(t.Context(), o), "all is well")
	requireSettings(t, st)
	requireLoopback(t, s)

	_, err := Start(t.Context(), o)
	require.ErrorIs(t, err, ErrRunning)
	found, err := Find(o.Dir)
	require.NoError(t, err)
	require.Equal(t, st.DatabaseURL, found.DatabaseURL)

	for _, name := range []string{"postgres", "temporal", "temporal-ui"} {
		revived(t, s, name)
	}
	execSQL(t, st.DatabaseURL, "INSERT INTO kept VALUES (1)")
	require.Eventually(t, func() bool {
		return namespaceKnown(t.Context(), st.TemporalAddress, DefaultNamespace) == nil
	}, patience, 50*time.Millisecond)
	pids := s.State().Processes
	require.NoError(t, s.Stop())
	requireGone(t, pids)

	again := up(t, o).State()
	require.Equal(t, st.DatabaseURL, again.DatabaseURL, "same port, same password")
	require.Equal(t, st.TemporalAddress, again.TemporalAddress)
	require.Equal(t, st.UIAddress, again.UIAddress)
	execSQL(t, again.DatabaseURL, "INSERT INTO kept VALUES (2)")
}

func requireGone(t *testing.T, processes []Process) {
	t.Helper()
	for _, p := range processes {
		require.True(t, gone(p.Pid), "%s is gone", p.Name)
	}
}

// requireSettings asks the Web UI for the settings that a browser gets.
func requireSettings(t *testing.T, st State) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, st.UIAddress+"/api/v1/settings", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close() //nolint:errcheck // read only
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, `"DefaultNamespace":"onecard"`)
	require.Contains(t, line, `"Endpoint":"http://`+st.CodecAddress)
	require.Contains(t, line, `"IncludeCredentials":true`)
}

// requireLoopback looks in the kernel's tables for what listens on our ports.
func requireLoopback(t *testing.T, s *Stack) {
	t.Helper()
	heard := 0
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table)
		require.NoError(t, err)
		for line := range strings.Lines(string(raw)) {
			fields := strings.Fields(line)
			if len(fields) < 4 || fields[3] != "0A" || !ours(s, fields[1]) {
				continue
			}
			heard++
			require.True(t, strings.HasPrefix(fields[1], "0100007F:"), "only on 127.0.0.1: %s", fields[1])
		}
	}
	require.GreaterOrEqual(t, heard, 10, "PostgreSQL, four services with two ports each, the Web UI")
}

func ours(s *Stack, local string) bool {
	_, hex, _ := strings.Cut(local, ":")
	port, err := strconv.ParseInt(hex, 16, 32)
	if err != nil {
		return false
	}
	for _, p := range s.ports.of {
		if p == int(port) {
			return true
		}
	}
	return false
}

func TestGivenAddressesAreUsedAndNotStarted(t *testing.T) {
	t.Parallel()
	there := up(t, Options{Dir: filepath.Join(t.TempDir(), "there")}).State()
	s := up(t, Options{
		Dir: filepath.Join(t.TempDir(), "here"), Namespace: "other",
		TemporalAddress: there.TemporalAddress, DatabaseURL: there.DatabaseURL,
	})
	st := s.State()
	require.Empty(t, st.Processes)
	require.Empty(t, st.UIAddress)
	require.Equal(t, there.TemporalAddress, st.TemporalAddress)
	require.Equal(t, there.DatabaseURL, st.DatabaseURL)
	require.NoError(t, namespaceKnown(t.Context(), st.TemporalAddress, "other"))
}

// TestKilledSupervisor runs this test binary as a supervisor, kills it, and starts again in the same folder.
func TestKilledSupervisor(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("LOCAL_VICTIM"); dir != "" {
		fmt.Println("victim", up(t, Options{Dir: dir}).State().DatabaseURL)
		select {}
	}
	if testing.Short() {
		t.Skip("starts PostgreSQL and Temporal")
	}
	dir := filepath.Join(t.TempDir(), "var")
	victim := exec.Command(os.Args[0], "-test.run=^TestKilledSupervisor$")
	victim.Env = append(os.Environ(), "LOCAL_VICTIM="+dir)
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(line, "victim postgres://"), line)
	left, err := Find(dir)
	require.NoError(t, err)
	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait())

	require.Contains(t, codes(Doctor(t.Context(), Options{Dir: dir})), "killed")
	again := up(t, Options{Dir: dir}).State()
	requireGone(t, left.Processes)
	require.Equal(t, left.DatabaseURL, again.DatabaseURL)
	require.Equal(t, left.TemporalAddress, again.TemporalAddress)
}
