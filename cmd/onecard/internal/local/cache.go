package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// stamp is the file in bin/ that says which key the programs there have.
	stamp = "temporal.key"
	// lockPoll is how often a build of another process is looked at.
	lockPoll = 250 * time.Millisecond
)

// key names what is built from what and by what.
func (b builder) key(ctx context.Context) (string, error) {
	dir := filepath.Join(b.repo, "deploy", "temporal")
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		raw, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // in the checkout
		if err != nil {
			return "", fmt.Errorf("read the pins: %w", err)
		}
		h.Write(fmt.Appendf(nil, "%s %d\n%s", name, len(raw), raw))
	}
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOOS", "GOARCH")
	cmd.Dir = dir
	toolchain, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask go for its version (is Go on the PATH?): %w", err)
	}
	h.Write(toolchain)
	return hex.EncodeToString(h.Sum(nil))[:24], nil
}

// upToDate reports whether bin/ holds the programs of the key.
func (b builder) upToDate(key string) bool {
	raw, err := os.ReadFile(b.bin(stamp))
	return err == nil && strings.TrimSpace(string(raw)) == key && hasAll(filepath.Join(b.repo, "bin"))
}

func hasAll(dir string) bool {
	for _, t := range targets() {
		if _, err := os.Stat(filepath.Join(dir, t.name)); err != nil {
			return false
		}
	}
	return true
}

// install takes the programs out of the cache. The key is written last: it vouches for all of them.
func (b builder) install(c *cache, key string) error {
	if err := os.MkdirAll(filepath.Join(b.repo, "bin"), 0o750); err != nil {
		return fmt.Errorf("make bin: %w", err)
	}
	for _, t := range targets() {
		if err := link(filepath.Join(c.dir, t.name), b.bin(t.name)); err != nil {
			return err
		}
	}
	return replace(b.bin(stamp), []byte(key+"\n"))
}

// link puts from at to in one step: as another name of the same file where the file system allows it, as a copy elsewhere.
func link(from, to string) error {
	temp := to + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("install %s: %w", filepath.Base(to), err)
	}
	if os.Link(from, temp) != nil {
		if err := duplicate(from, temp); err != nil {
			return fmt.Errorf("install %s: %w", filepath.Base(to), err)
		}
	}
	if err := os.Rename(temp, to); err != nil {
		return fmt.Errorf("install %s: %w", filepath.Base(to), err)
	}
	return nil
}

func duplicate(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // in the cache folder
	if err != nil {
		return err
	}
	defer in.Close()                                                      //nolint:errcheck // read only
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700) //nolint:gosec // a program must be executable
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// cache is the folder of one key, locked against other builds of the same.
type cache struct {
	dir  string
	lock *os.File
}

// cacheHome is the user's cache folder, or bin/ of the checkout for a user without a home.
func (b builder) cacheHome() string {
	home, err := os.UserCacheDir()
	if err != nil {
		return b.bin("cache")
	}
	return filepath.Join(home, "onecard")
}

// openCache waits until no other process builds the same.
func openCache(ctx context.Context, home, key string) (*cache, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache folder: %w", err)
	}
	dir := filepath.Join(home, key)
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // in the cache folder
	if err != nil {
		return nil, fmt.Errorf("lock the cache: %w", err)
	}
	for {
		err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLK, whole())
		if err == nil {
			return &cache{dir: dir, lock: lock}, nil
		}
		if !sleep(ctx, lockPoll) {
			return nil, errors.Join(fmt.Errorf("wait for another build: %w", ctx.Err()), lock.Close())
		}
	}
}

func (c *cache) close() { _ = c.lock.Close() } // nothing was written

func (c *cache) complete() bool { return hasAll(c.dir) }

// fill runs build in a folder beside the final one and moves it there when everything is done.
func (c *cache) fill(ctx context.Context, build func(context.Context, string) error) error {
	fresh := c.dir + ".new"
	for _, old := range []string{fresh, c.dir} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("clear the cache: %w", err)
		}
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return fmt.Errorf("make the cache: %w", err)
	}
	if err := build(ctx, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, c.dir); err != nil {
		return fmt.Errorf("put the programs into the cache: %w", err)
	}
	return nil
}
