package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// debianDir is where Debian 12's package postgresql-15 keeps the server programs, which are not on the PATH.
const debianDir = "/usr/lib/postgresql/15/bin"

// ErrNotInstalled is wrapped by every error that the installation of the PostgreSQL package mends.
var ErrNotInstalled = errors.New("PostgreSQL 15 is not installed: run `apt-get install postgresql-15`")

// Binary returns the absolute path of a PostgreSQL server program (postgres, initdb, pg_dump …): Debian's version 15 first,
// then the PATH.
func Binary(name string) (string, error) {
	path := filepath.Join(debianDir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("find %s in %s and on the PATH: %w", name, debianDir, ErrNotInstalled)
	}
	return filepath.Abs(path)
}

// Installed returns nil when a cluster can be started here, and else an error that wraps ErrNotInstalled.
func Installed() error {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := Binary(name); err != nil {
			return err
		}
	}
	_, err := serverUser()
	return err
}

// serverUser is whom PostgreSQL runs as: nil for ourselves, the user postgres when we are root, because PostgreSQL refuses
// to run as root.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("find the user postgres: %w (%w)", ErrNotInstalled, err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the user id of postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the group id of postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
