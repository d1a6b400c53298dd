package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func lockFile(dir string) string { return filepath.Join(dir, "up.lock") }

// whole describes a lock on all of a file. It belongs to the open file, so the kernel frees it when its holder is killed.
func whole() *unix.Flock_t { return &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart} }

// acquire locks the folder for as long as the returned file is open. It wraps ErrRunning when somebody else has it.
func acquire(dir string) (*os.File, error) {
	f, err := os.OpenFile(lockFile(dir), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, whole())
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = ErrRunning
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the folder: %w", err), f.Close())
	}
	return f, nil
}

// locked reports whether somebody has the folder.
func locked(dir string) (bool, error) {
	f, err := os.OpenFile(lockFile(dir), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the folder's lock: %w", err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	l := whole()
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, l); err != nil {
		return false, fmt.Errorf("look at the folder's lock: %w", err)
	}
	return l.Type != unix.F_UNLCK, nil
}
