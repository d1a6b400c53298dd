package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Reset deletes the folder with everything in it: the ledger, the history of every process, partners' files. It does not
// ask. It wraps ErrRunning when the stack runs, and refuses a folder that never was a stack's.
func Reset(dir string) error {
	if _, err := os.Stat(lockFile(dir)); err != nil {
		return fmt.Errorf("reset %s: it holds no data of onecard: %w", dir, err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return errors.Join(empty(dir), lock.Close())
}

// empty deletes the lock last, so that nobody starts in the middle.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	for _, e := range entries {
		if e.Name() == filepath.Base(lockFile(dir)) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}
