package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNoRepo says that the upstream programs can be neither built nor configured.
var ErrNoRepo = errors.New("no deploy/temporal here: run from a checkout of onecard, or pass --temporal-address " +
	"(找不到 deploy/temporal：请在源码目录中运行，或用 --temporal-address 指定已有的 Temporal)")

// pins is the file by which a checkout is recognised, and which says what is built.
const pins = "deploy/temporal/go.mod"

// FindRepo returns the checkout that this program was built in (bin/ lies in it), or the one around the working directory.
func FindRepo() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for _, start := range []string{filepath.Dir(program), here} {
		if repo, ok := repoAround(start); ok {
			return repo, nil
		}
	}
	return "", ErrNoRepo
}

func repoAround(dir string) (string, bool) {
	for {
		if _, err := os.Stat(filepath.Join(dir, pins)); err == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
}
