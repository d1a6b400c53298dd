package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
)

// machine is where a figure was measured.
type machine struct {
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores"`
	MemoryMiB int    `json:"memory_mib"`
	Kernel    string `json:"kernel"`
	Go        string `json:"go"`
}

func thisMachine() machine {
	m := machine{CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), MemoryMiB: kib("/proc/meminfo", "MemTotal") / 1024, Go: runtime.Version()}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	return m
}

// field returns the value of the first line "name : value" of a file, or an empty text.
func field(file, name string) string {
	f, err := os.Open(file) //nolint:gosec // of the kernel
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// kib returns a value that the kernel gives as "123 kB".
func kib(file, name string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(field(file, name), " kB"))
	return n
}

// watchMemory follows the memory of the stack's processes, each with its children, until the returned function is called,
// which tells the peaks in MiB: for PostgreSQL, of what its processes have for themselves together with what they share. The kernel's own
// proportional shares would be dearer than what is measured: it walks through all shared pages of every process for them.
func watchMemory(st *local.Stack) func() map[string]int {
	peaks := map[string]int{}
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			for _, p := range st.State().Processes {
				peaks[p.Name] = max(peaks[p.Name], memoryOf(p.Name, p.Pid))
			}
			peaks["onecard"] = max(peaks["onecard"], memoryOf("onecard", os.Getpid()))
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	})
	return func() map[string]int {
		close(stop)
		done.Wait()
		return peaks
	}
}

func memoryOf(name string, pid int) int {
	if name != "postgres" {
		return kib(fmt.Sprintf("/proc/%d/status", pid), "VmHWM") / 1024
	}
	own, shared := 0, 0
	for _, p := range append(children(pid), pid) {
		status := fmt.Sprintf("/proc/%d/status", p)
		own += kib(status, "RssAnon")
		shared = max(shared, kib(status, "RssShmem")+kib(status, "RssFile"))
	}
	return (own + shared) / 1024
}

func children(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, f := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(f); err == nil {
			pids = append(pids, n)
		}
	}
	return pids
}

// profileTo profiles this process into a file of the folder until the returned function is called; no folder, no profile.
func profileTo(dir, name string) (stop func() error, err error) {
	if dir == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of profiles: %w", err)
	}
	f, err := os.Create(filepath.Join(dir, name)) //nolint:gosec // the user names the folder
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// partnerLedger is what a simulated partner wrote down.
type partnerLedger struct {
	Events     map[string]int    `json:"events"`
	Duplicates []json.RawMessage `json:"duplicates"`
}

// askLedger has the partners' own program sum a ledger up.
func askLedger(ctx context.Context, dir, partner string) (partnerLedger, error) {
	var l partnerLedger
	program, err := ownProgram("partners")
	if err != nil {
		return l, err
	}
	out, err := exec.CommandContext(ctx, program, "ledger", partner, "--dir", dir, "--duplicates", "-o", "json").Output() //nolint:gosec // our own program
	if len(out) == 0 {
		return l, fmt.Errorf("ask the ledger of %s: %w", partner, err)
	}
	if err := json.Unmarshal(out, &l); err != nil {
		return l, fmt.Errorf("read the ledger of %s: %w", partner, err)
	}
	return l, nil
}

// bankBooks is what all simulated banks together have written down of a rollout.
type bankBooks struct {
	Sums []struct {
		Bank     string `json:"bank"`
		Paid     int    `json:"paid"`
		Returned int    `json:"returned"`
		NetFen   int64  `json:"net_fen"`
	} `json:"sums"`
	Twice []json.RawMessage `json:"twice"` // rows of the roster that were credited more than once
}

// net is what they have credited less what came back.
func (b bankBooks) net() (rows int, fen int64) {
	for _, s := range b.Sums {
		rows += s.Paid - s.Returned
		fen += s.NetFen
	}
	return rows, fen
}

// askBooks has the partners' own program sum the banks' ledgers up.
func askBooks(ctx context.Context, dir string, id card.RolloutID) (b bankBooks, err error) {
	program, err := ownProgram("partners")
	if err != nil {
		return b, err
	}
	out, err := exec.CommandContext(ctx, program, "paid", "--dir", dir, "--rollout", string(id), "-o", "json").Output() //nolint:gosec // our own program
	if len(out) == 0 {
		return b, fmt.Errorf("ask the banks' books: %w", err)
	}
	if err := json.Unmarshal(out, &b); err != nil {
		return b, fmt.Errorf("read the banks' books: %w", err)
	}
	return b, nil
}
