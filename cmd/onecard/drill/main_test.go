// Package drill_test runs the real programs against real servers, kills and misleads them, and judges by what the partners
// wrote in their own ledgers. Nothing in the programs knows of these drills: kills come from outside, at moments that show
// on the wires.
package drill_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"onecard/cmd/onecard/internal/local"
)

const (
	// atOnce is how many drills run side by side, whatever the machine: most of them wait for a timeout most of the time.
	atOnce = 24
	// patience bounds every single wait; it is far longer than anything takes, also on a machine with other work.
	patience = 8 * time.Minute
	// look is the pause between two looks at something that is waited for.
	look = 200 * time.Millisecond
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := 1
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err == nil {
		code = m.Run()
	}
	if err := closeHouse(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "drill:", err)
		code = 1
	}
	os.Exit(code)
}

// house is what all drills share: the built programs, and one PostgreSQL and one Temporal for those that spare them.
type house struct {
	dir     string
	servers *local.Stack
	grave   io.Closer // closed, the folder is removed
	buried  func() error
}

// open opens the house once, when the first drill needs it.
var (
	opened bool
	open   = sync.OnceValues(openHouse)
)

func openHouse() (*house, error) {
	opened = true
	dir, err := os.MkdirTemp("", "onecard-drill-")
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir}
	for _, step := range []func() error{h.digGrave, h.build, h.serve} {
		if err := step(); err != nil {
			return h, err
		}
	}
	return h, nil
}

// undertaker removes a folder when its standard input closes, which happens when the test binary ends, by whatever cause. The
// servers end by themselves then, but may still write for a moment.
const undertaker = `cat >/dev/null
n=0
while [ -e "$1" ] && [ $n -lt 300 ]; do rm -rf "$1" 2>/dev/null || sleep 0.1; n=$((n+1)); done
[ ! -e "$1" ]`

func (h *house) digGrave() error {
	cmd := exec.Command("/bin/sh", "-c", undertaker, "undertaker", h.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the terminal is not for it
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	h.grave, h.buried = in, cmd.Wait
	return cmd.Start()
}

// build builds the programs as `make build` does. The sources are looked at first, so that `go test` knows of them and keeps
// no result of other programs.
func (h *house) build() error {
	if err := filepath.WalkDir(filepath.Join("..", "..", ".."), passSource); err != nil {
		return fmt.Errorf("look at the sources: %w", err)
	}
	cmd := exec.Command("go", "build", "-o", h.path("bin")+"/", "onecard/cmd/onecard", "onecard/cmd/partners")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return nil
}

func passSource(_ string, d fs.DirEntry, err error) error {
	if err == nil && d.IsDir() && slices.Contains([]string{".git", "bin", "var"}, d.Name()) {
		return filepath.SkipDir
	}
	return err
}

// serve starts the shared servers.
func (h *house) serve() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	log, err := os.Create(h.path("servers.log"))
	if err != nil {
		return err
	}
	h.servers, err = local.Start(ctx, local.Options{Dir: h.path("servers"), Disposable: true, Log: log})
	return err
}

func (h *house) path(parts ...string) string {
	return filepath.Join(append([]string{h.dir}, parts...)...)
}

func closeHouse() error {
	if !opened {
		return nil
	}
	h, err := open()
	if h == nil || err != nil {
		return nil // the drills have failed with it; the undertaker sees to the rest
	}
	return errors.Join(h.servers.Stop(), h.grave.Close(), h.buried())
}

// enter gives a drill the house, beside others.
func enter(t *testing.T) *house {
	t.Helper()
	if !testing.Short() {
		t.Parallel()
	}
	return enterAlone(t)
}

// enterAlone gives a drill the house while no other drill runs: one that needs all of the machine.
func enterAlone(t *testing.T) *house {
	t.Helper()
	if testing.Short() {
		t.Skip("drills start servers and take minutes")
	}
	h, err := open()
	if err != nil {
		t.Fatalf("drill: %v", err)
	}
	return h
}
