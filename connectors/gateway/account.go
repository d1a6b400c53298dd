package gateway

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
)

// account is what all sessions of one partner share: its folders, which nothing leads out of, and what it may use.
type account struct {
	partner    string
	root       *os.Root
	limits     Limits
	operations *bucket
	bytes      *bucket

	mu       sync.Mutex // also held while a change is judged and made, so that no two of them mix
	keys     map[string]bool
	sessions int
	drafts   map[string]*draft // open for writing, by path
	used     usage
}

func openAccount(dir, partner string, limits Limits) (*account, error) {
	dir = filepath.Join(dir, partner)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("account %s: %w", partner, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", partner, err)
	}
	for _, f := range folders {
		if err := root.MkdirAll(path.Join(trialFolder, string(f)), 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("account %s: %w", partner, err), root.Close())
		}
		if err := root.MkdirAll(string(f), 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("account %s: %w", partner, err), root.Close())
		}
	}
	operations, bytes := float64(limits.OperationsPerSecond), float64(limits.BytesPerSecond)
	return &account{
		partner: partner, root: root, limits: limits, drafts: make(map[string]*draft),
		operations: newBucket(operations, 2*operations), bytes: newBucket(bytes, bytes),
	}, nil
}

// retire closes the folders; what still runs in them fails.
func (a *account) retire() { _ = a.root.Close() }

// setKeys replaces the keys by lines that were checked before.
func (a *account) setKeys(lines []string) {
	keys := make(map[string]bool, len(lines))
	for _, line := range lines {
		if key, err := loginKey(line); err == nil {
			keys[ssh.FingerprintSHA256(key)] = true
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys = keys
}

// knows tells whether the key with this fingerprint may log in.
func (a *account) knows(fingerprint string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.keys[fingerprint]
}

// enter counts a session, unless there are as many as may be.
func (a *account) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sessions >= a.limits.PartnerSessions {
		return false
	}
	a.sessions++
	return true
}

func (a *account) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions--
}

// look describes the file or folder at p. Only plain files and folders are there for a partner, and no drafts of the hub's.
func (a *account) look(p place) (os.FileInfo, error) {
	info, err := a.root.Lstat(p.path())
	if err != nil {
		return nil, err
	}
	if info.IsDir() != p.isFolder() || !info.IsDir() && !info.Mode().IsRegular() {
		return nil, errAbsent
	}
	return info, nil
}

// has tells whether something is at p, whatever it is.
func (a *account) has(p place) (bool, error) {
	_, err := a.root.Lstat(p.path())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// hasAny tells whether something is at one of places.
func (a *account) hasAny(places ...place) (bool, error) {
	for _, p := range places {
		if there, err := a.has(p); there || err != nil {
			return there, err
		}
	}
	return false, nil
}

// open opens the file at p for reading.
func (a *account) open(p place) (*os.File, error) {
	if _, err := a.look(p); err != nil {
		return nil, err
	}
	return a.root.Open(p.path())
}
