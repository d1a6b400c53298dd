package pgtest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/connectors/postgres/pgtest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	return conn
}

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		conn := connect(t, pgtest.New(t))
		_, err := conn.Exec(t.Context(), "CREATE TABLE mine (id int)")
		require.NoError(t, err)
	}
}

func TestDatabaseIsDroppedWithConnectionsOpen(t *testing.T) {
	t.Parallel()
	outer := connect(t, pgtest.New(t))
	var name string
	t.Run("inner", func(t *testing.T) {
		url := pgtest.New(t)
		conn, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name))
	})
	var left bool
	require.NoError(t, outer.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&left))
	require.False(t, left)
}

// TestNothingIsLeftAfterAKill runs this test binary again, kills it with its server running, and looks for what is left.
func TestNothingIsLeftAfterAKill(t *testing.T) {
	t.Parallel()
	if os.Getenv("PGTEST_VICTIM") != "" {
		t.Log("victim " + pgtest.New(t))
		select {}
	}
	temp := t.TempDir()
	leftover(t, temp)
	victim := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeftAfterAKill$", "-test.v")
	victim.Env = append(os.Environ(), "PGTEST_VICTIM=1", "TMPDIR="+temp)
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	awaitText(t, out, "victim postgres://")
	require.Len(t, folders(t, temp), 1, "the folder of a dead binary is swept away at the next start")
	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait())
	require.Eventually(t, func() bool { return len(folders(t, temp)) == 0 }, time.Minute, 20*time.Millisecond)
}

// leftover plants the folder of a process that is gone for certain.
func leftover(t *testing.T, temp string) {
	t.Helper()
	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	name := "onecard-pgtest-" + strconv.Itoa(gone.Process.Pid) + "-1"
	require.NoError(t, os.MkdirAll(filepath.Join(temp, name, "data"), 0o700))
}

func folders(t *testing.T, temp string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(temp, "onecard-pgtest-*"))
	require.NoError(t, err)
	return found
}

func awaitText(t *testing.T, out interface{ Read([]byte) (int, error) }, text string) {
	t.Helper()
	var got strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(got.String(), text) {
		n, err := out.Read(buf)
		require.NoError(t, err)
		got.Write(buf[:n])
	}
}
