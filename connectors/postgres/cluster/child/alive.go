package child

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Alive reports whether a process runs under the number; one that has ended and only waits to be reaped does not.
func Alive(pid int) bool {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	_, state, ok := strings.Cut(string(raw), ") ")
	return ok && !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
