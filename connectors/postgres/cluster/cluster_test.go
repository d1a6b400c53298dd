package cluster_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/connectors/postgres/cluster"
	"onecard/connectors/postgres/cluster/child"
)

// bound is the longest that any of these tests may wait for a server.
const bound = time.Minute

func start(t *testing.T, c cluster.Config) *cluster.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	cl, err := cluster.Start(ctx, c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = cl.Stop() }) // some have been killed on purpose, and say so
	return cl
}

func query(t *testing.T, cl *cluster.Cluster, database, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	conn, err := pgx.Connect(ctx, cl.URL(database))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(ctx))) }()
	var answer string
	require.NoError(t, conn.QueryRow(ctx, sql).Scan(&answer))
	return answer
}

func TestKeepsDataAndPortOverStopAndKill(t *testing.T) {
	t.Parallel()
	c := cluster.Config{Dir: filepath.Join(t.TempDir(), "pg"), Databases: []string{"onecard", "temporal"}}
	first := start(t, c)
	c.Port = first.Port()
	write(t, first, "CREATE TABLE kept AS SELECT 'here' AS what")
	require.NoError(t, first.Stop())
	require.NoError(t, first.Stop(), "stopping twice is harmless")

	second := start(t, c)
	require.Equal(t, first.Port(), second.Port())
	require.Equal(t, "here", query(t, second, "onecard", "SELECT what FROM kept"))
	write(t, second, "INSERT INTO kept VALUES ('committed')")
	require.NoError(t, syscall.Kill(second.Pid(), syscall.SIGKILL))
	await(t, second.Done())

	third := start(t, c)
	require.Equal(t, first.Port(), third.Port())
	require.Equal(t, "2", query(t, third, "onecard", "SELECT count(*)::text FROM kept"))
}

func write(t *testing.T, cl *cluster.Cluster, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	conn, err := pgx.Connect(ctx, cl.URL("onecard"))
	require.NoError(t, err)
	_, err = conn.Exec(ctx, sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(ctx))
}

func await(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(bound):
		require.Fail(t, "the server did not end")
	}
}

func TestIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pg")
	cl := start(t, cluster.Config{Dir: dir, Disposable: true, Settings: map[string]string{"listen_addresses": "*", "work_mem": "9MB"}})
	require.Equal(t, "127.0.0.1", query(t, cl, "postgres", "SHOW listen_addresses"))
	require.Empty(t, query(t, cl, "postgres", "SHOW unix_socket_directories"))
	require.Equal(t, "9MB", query(t, cl, "postgres", "SHOW work_mem"), "other settings are the caller's to choose")
	for _, name := range []string{"", "password", "data"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "only the owner may look into %q", name)
	}
	_, err := pgx.Connect(t.Context(), "postgres://postgres:wrong@127.0.0.1:"+strconv.Itoa(cl.Port())+"/postgres?sslmode=disable")
	require.ErrorContains(t, err, "28P01")
}

func TestIgnoresStalePostmasterPid(t *testing.T) {
	t.Parallel()
	c := cluster.Config{Dir: filepath.Join(t.TempDir(), "pg"), Disposable: true}
	first := start(t, c)
	require.NoError(t, first.Stop())
	// The number now belongs to a process that is alive and is not a server: this test.
	stale := []byte(strconv.Itoa(os.Getpid()) + "\n")
	require.NoError(t, os.WriteFile(filepath.Join(c.Dir, "data", "postmaster.pid"), stale, 0o600))
	start(t, c)
}

func TestReplacesAServerLeftBehind(t *testing.T) {
	t.Parallel()
	c := cluster.Config{Dir: filepath.Join(t.TempDir(), "pg"), Disposable: true}
	left := start(t, c)
	fresh := start(t, c)
	await(t, left.Done())
	require.NotEqual(t, left.Pid(), fresh.Pid())
}

// TestEndsWithItsStarter runs this test binary as a starter, kills it with SIGKILL and sees the server end, also when the
// server runs as another user than its starter.
func TestEndsWithItsStarter(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("CLUSTER_STARTER"); dir != "" {
		fmt.Println(start(t, cluster.Config{Dir: dir, Disposable: true}).Pid())
		select {}
	}
	starter := exec.Command(os.Args[0], "-test.run=^TestEndsWithItsStarter$")
	starter.Env = append(os.Environ(), "CLUSTER_STARTER="+filepath.Join(t.TempDir(), "pg"))
	out, err := starter.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, starter.Start())
	var pid int
	_, err = fmt.Fscanln(out, &pid)
	require.NoError(t, err)
	require.True(t, child.Alive(pid))
	require.NoError(t, starter.Process.Kill())
	require.Error(t, starter.Wait())
	require.Eventually(t, func() bool { return !child.Alive(pid) }, bound, time.Millisecond)
}
