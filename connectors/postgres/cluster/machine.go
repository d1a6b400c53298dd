package cluster

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// limitFiles hold the memory limit of our control group, version 2 and 1; either may be missing or say "max".
func limitFiles() []string {
	return []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
}

// measure looks at the machine that the data in dir lie on.
func measure(dir string) (Machine, error) {
	memory, err := memory()
	if err != nil {
		return Machine{}, err
	}
	free, _, err := space(dir)
	if err != nil {
		return Machine{}, err
	}
	_, shared, err := space("/dev/shm")
	if err != nil {
		shared = 0 // no such place: treated as too small
	}
	return Machine{Memory: memory, FreeDisk: free, SharedTemp: shared}, nil
}

func memory() (int64, error) {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, fmt.Errorf("read the size of the memory: %w", err)
	}
	total, err := memTotal(raw)
	if err != nil {
		return 0, err
	}
	for _, name := range limitFiles() {
		total = min(total, limit(name, total))
	}
	return total, nil
}

// memTotal reads the line "MemTotal: 24576000 kB" of /proc/meminfo.
func memTotal(raw []byte) (int64, error) {
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "MemTotal:" {
			continue
		}
		kib, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the size of the memory: %w", err)
		}
		return kib << 10, nil
	}
	return 0, fmt.Errorf("read the size of the memory: no MemTotal in /proc/meminfo")
}

// limit reads a control group's limit, or returns otherwise when there is none.
func limit(name string, otherwise int64) int64 {
	raw, err := os.ReadFile(name) //nolint:gosec // one of limitFiles
	if err != nil {
		return otherwise
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	if err != nil || n <= 0 {
		return otherwise
	}
	return n
}

// space returns the free bytes and the size of the file system that holds dir.
func space(dir string) (free, total int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("measure the disk of %s: %w", dir, err)
	}
	return int64(st.Bavail) * st.Bsize, int64(st.Blocks) * st.Bsize, nil //nolint:gosec // sizes of real disks fit
}
