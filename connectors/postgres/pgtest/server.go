package pgtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"onecard/connectors/postgres/cluster"
)

// prefix begins the name of every folder of this package; the process id of its test binary follows.
const prefix = "onecard-pgtest-"

// undertaker waits until its standard input closes, which happens when the test binary ends by whatever cause, sees the
// server off and removes the folder.
const undertaker = `cat >/dev/null
kill -QUIT "$1" 2>/dev/null
n=0
while [ -e "$2/data/postmaster.pid" ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done
rm -rf -- "$2"`

// shared is the server of a test binary.
type shared struct {
	*cluster.Cluster
	leash io.Closer // kept, for the undertaker comes when the garbage collector closes it
}

func start() (shared, error) {
	sweep(os.TempDir())
	dir, err := os.MkdirTemp("", prefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return shared{}, fmt.Errorf("make the server's folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	cl, err := cluster.Start(ctx, cluster.Config{Dir: dir, Disposable: true})
	if err != nil {
		_ = os.RemoveAll(dir) // the start's error tells more
		return shared{}, err
	}
	leash, err := watch(cl.Pid(), dir)
	return shared{Cluster: cl, leash: leash}, err
}

// watch starts the undertaker in a session of its own, out of the reach of a Ctrl-C or a kill of our process group. It
// stays for as long as the returned end of the pipe is open.
func watch(pid int, dir string) (io.Closer, error) {
	cmd := exec.Command("/bin/sh", "-c", undertaker, "sh", strconv.Itoa(pid), dir) //nolint:gosec // our own arguments
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch the server: %w", err)
	}
	return leash, nil
}

// sweep removes the folders of test binaries that are gone, and whose undertaker was killed as well. What cannot be
// removed belongs to somebody else.
func sweep(temp string) {
	folders, _ := filepath.Glob(filepath.Join(temp, prefix+"*")) // the pattern is well-formed
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(folder)
		}
	}
}
