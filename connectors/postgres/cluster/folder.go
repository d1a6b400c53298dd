package cluster

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// folder is where a cluster lives: the data, the superuser's password and nothing else. It belongs to owner.
type folder struct {
	root  string
	owner *syscall.Credential
}

func (f folder) data() string     { return filepath.Join(f.root, "data") }
func (f folder) password() string { return filepath.Join(f.root, "password") }

// prepare makes the folder and, when PostgreSQL runs as another user than we, gives it to that user.
func (f folder) prepare(log io.Writer) error {
	if err := os.MkdirAll(f.root, 0o700); err != nil {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	if f.owner == nil {
		return nil
	}
	if err := openParents(f.root, log); err != nil {
		return err
	}
	return f.give(f.root)
}

func (f folder) give(path string) error {
	if f.owner == nil {
		return nil
	}
	if err := os.Chown(path, int(f.owner.Uid), int(f.owner.Gid)); err != nil {
		return fmt.Errorf("give the cluster's folder to its user: %w", err)
	}
	return nil
}

// openParents lets other users pass through (not list) the folders above path, for the user postgres must reach its data
// also when the checkout lies in a home such as /root that nobody else may enter.
func openParents(path string, log io.Writer) error {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("look at the folders above the cluster: %w", err)
		}
		if mode := info.Mode().Perm(); mode&0o001 == 0 {
			if err := os.Chmod(dir, mode|0o001); err != nil {
				return fmt.Errorf("let the user postgres pass through %s: %w", dir, err)
			}
			_, _ = fmt.Fprintf(log, "let other users pass through %s, so that PostgreSQL reaches its data\n", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// secret returns the superuser's password, made at the first start.
func (f folder) secret() (string, error) {
	raw, err := os.ReadFile(f.password())
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !os.IsNotExist(err) {
		return "", fmt.Errorf("read the cluster's password: %w", err)
	}
	secret := rand.Text()
	if err := f.write(f.password(), secret+"\n"); err != nil {
		return "", err
	}
	return secret, nil
}

// write replaces a file of the cluster in one step, so that a kill leaves the old one or the new one.
func (f folder) write(path, text string) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := f.give(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// initialise runs initdb unless that has been done. It works beside the final place and moves the result there, so that a
// run that was killed half-way is simply repeated.
func (f folder) initialise(ctx context.Context, c Config) error {
	if _, err := os.Stat(f.data()); err == nil {
		return nil
	}
	initdb, err := Binary("initdb")
	if err != nil {
		return err
	}
	fresh := f.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear a half-made cluster: %w", err)
	}
	cmd := exec.CommandContext(ctx, initdb, initArgs(fresh, f.password(), c)...) //nolint:gosec // our own arguments
	cmd.Env, cmd.Dir = environment(), f.root
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: f.owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(fresh, f.data()); err != nil {
		return fmt.Errorf("put the new cluster in its place: %w", err)
	}
	return nil
}

func initArgs(dir, password string, c Config) []string {
	args := []string{
		"-D", dir, "-U", c.Superuser, "--pwfile=" + password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if c.Disposable {
		args = append(args, "--no-sync")
	}
	return args
}

// environment is all that PostgreSQL gets to see of ours: PG… variables and locales of the caller must not steer it.
func environment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}
