package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"onecard/connectors/postgres/cluster/child"
)

const (
	poll        = 20 * time.Millisecond
	orphanGrace = 10 * time.Second
)

// clearOrphan makes way after a run that was killed. PostgreSQL itself ignores a postmaster.pid whose process is gone; what
// it cannot see is that the number now belongs to somebody else, and that a server of ours is still on its way out.
func (f folder) clearOrphan(ctx context.Context) error {
	pidFile := filepath.Join(f.data(), "postmaster.pid")
	pid, ok := readPid(pidFile)
	if !ok || !child.Alive(pid) {
		return nil
	}
	if f.serves(pid) {
		return f.endOrphan(ctx, pid)
	}
	if err := os.Remove(pidFile); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove a stale postmaster.pid: %w", err)
	}
	return nil
}

// endOrphan asks the server for an immediate shutdown, which loses nothing (the log is replayed), and waits for its end.
func (f folder) endOrphan(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, orphanGrace)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	_ = syscall.Kill(pid, syscall.SIGQUIT) // fails only when it has just ended
	for child.Alive(pid) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("a server of an earlier run (process %d) does not end: %w", pid, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// serves reports whether the process is a server of this cluster: a server's working directory is its data directory.
func (f folder) serves(pid int) bool {
	cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false
	}
	data, err := filepath.EvalSymlinks(f.data())
	return err == nil && cwd == data
}

func readPid(path string) (int, bool) {
	raw, err := os.ReadFile(path) //nolint:gosec // inside the cluster's folder
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	return pid, err == nil && pid > 0
}
