package drill_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
)

// TestUp starts the hub, asks it how it is in sickness and in health, stops it, and deletes it: as whoever runs the tests,
// and as nobody when that is root.
func TestUp(t *testing.T) {
	enter(t)
	t.Run("ourselves", func(t *testing.T) {
		b := enter(t).alone(t)
		b.checkOut()
		b.liveAndDie()
	})
	t.Run("nobody", func(t *testing.T) {
		b := enter(t).alone(t)
		b.checkOut()
		if os.Getuid() == 0 {
			b.become("nobody")
		}
		b.liveAndDie()
	})
}

func (b *hub) liveAndDie() {
	b.Helper()
	b.argv = append(b.argv, "--banks", "ICBC")
	_, code := b.try("", "doctor")
	require.Equal(b, 1, code)
	b.start()
	require.Contains(b, b.onecard("doctor"), "all well")
	require.Contains(b, b.onecard("up"), "already running")
	id := b.run(b.sample(20, "--banks", "102"))
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	_, code = b.try("yes\n", "reset")
	require.NotZero(b, code, "a running hub is not deleted")

	b.requireIllness()
	b.requireCleanEnd()
	b.requireKillFound()
	require.Equal(b, 20, b.show(id).Counts.Active, "nothing is lost")
	b.requireCleanEnd()
	b.requireResetAsks()
}

// requireIllness takes the partners' program away and has the doctor find it, and that it is well when it is back.
func (b *hub) requireIllness() {
	b.Helper()
	program := filepath.Join(b.program, "partners")
	require.NoError(b, os.Rename(program, program+".away"))
	require.NoError(b, syscall.Kill(b.pid("partners"), syscall.SIGKILL))
	var out string
	b.eventually("the doctor finds it", func() bool {
		var code int
		out, code = b.try("", "doctor")
		return code == 1 && strings.Contains(out, "partners is down")
	})
	require.Contains(b, out, "partner ICBC")
	require.NoError(b, os.Rename(program+".away", program))
	b.eventually("the doctor is content", func() bool {
		_, code := b.try("", "doctor")
		return code == 0
	})
}

// requireCleanEnd presses Ctrl-C and looks for what is left.
func (b *hub) requireCleanEnd() {
	b.Helper()
	st, err := local.Find(b.dir())
	require.NoError(b, err)
	b.stop()
	require.NoError(b, b.process.Err(), "exit code 0")
	for _, p := range st.Processes {
		require.ErrorIs(b, syscall.Kill(p.Pid, 0), syscall.ESRCH, p.Name)
	}
	require.Empty(b, b.relatives())
	_, err = local.Find(b.dir())
	require.ErrorIs(b, err, local.ErrNotRunning)
}

// relatives are the running programs whose command line names the hub's folder.
func (b *hub) relatives() (found []string) {
	b.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(b, err)
	for _, path := range lines {
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(text, []byte(b.dir())) { // else it has ended meanwhile
			found = append(found, string(bytes.ReplaceAll(text, []byte{0}, []byte(" "))))
		}
	}
	return found
}

// requireKillFound kills the supervisor; the doctor says so, everything ends with it, and the next start mends it.
func (b *hub) requireKillFound() {
	b.Helper()
	b.launch()
	require.NoError(b, syscall.Kill(b.process.Pid(), syscall.SIGKILL))
	<-b.process.Done()
	b.eventually("everything ends with its supervisor", func() bool { return len(b.relatives()) == 0 })
	out, code := b.try("", "doctor")
	require.Equal(b, 1, code)
	require.Contains(b, out, "killed")
	b.launch()
}

func (b *hub) requireResetAsks() {
	b.Helper()
	out, code := b.try("no\n", "reset")
	require.NotZero(b, code)
	require.Contains(b, out, "nothing was deleted")
	require.DirExists(b, filepath.Join(b.dir(), "postgres"))
	_, code = b.try("yes\n", "reset")
	require.Zero(b, code)
	require.NoDirExists(b, b.dir())
}

// checkOut gives the hub the programs and their configuration in a folder of its own, as in a checkout.
func (b *hub) checkOut() {
	b.Helper()
	b.program = b.beside("bin")
	ours := filepath.Join("..", "..", "..")
	require.NoError(b, os.MkdirAll(b.beside("bin"), 0o700))
	require.NoError(b, os.CopyFS(b.beside("deploy", "temporal"), os.DirFS(filepath.Join(ours, "deploy", "temporal"))))
	for _, path := range []string{b.house.path("bin", "onecard"), b.house.path("bin", "partners"),
		filepath.Join(ours, "bin", "temporal-server"), filepath.Join(ours, "bin", "temporal-sql-tool"),
		filepath.Join(ours, "bin", "temporal-ui"), filepath.Join(ours, "bin", "temporal.key")} {
		out, err := exec.Command("cp", path, b.program).CombinedOutput()
		require.NoError(b, err, string(out))
	}
}

// become has everything of the hub done by another user from now on.
func (b *hub) become(name string) {
	b.Helper()
	u, err := user.Lookup(name)
	require.NoError(b, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	require.NoError(b, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	require.NoError(b, err)
	b.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	require.NoError(b, os.Chmod(b.house.dir, 0o711)) // to pass through only
	require.NoError(b, filepath.WalkDir(b.beside(), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(uid), int(gid))
	}))
}
