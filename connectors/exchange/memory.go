package exchange

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onecard/card"
)

// memory is what the archive remembers of a partner's files because the partner's server cannot show it:
// <root>/state/<partner>/<name>.<what>.
type memory struct{ dir string }

func (a archive) memory(partner string) memory {
	return memory{filepath.Join(a.root, "state", partner)}
}

// what is remembered of a file.
type what string

const (
	seen  what = "seen"  // how it looked, for a file without manifest
	taken what = "taken" // it is in the archive, and may be nowhere else
	done  what = "done"  // it is finished with, but could not be moved
)

// sight is how a file looked. The time is the server's; it is only ever compared with itself.
type sight struct {
	Size  int64     `json:"size"`
	Time  time.Time `json:"time"`
	Since time.Time `json:"since"` // by our clock
}

func sightOf(info os.FileInfo) sight {
	return sight{Size: info.Size(), Time: info.ModTime().UTC(), Since: time.Now().UTC()}
}

func (s sight) sees(info os.FileInfo) bool {
	return s.Size == info.Size() && s.Time.Equal(info.ModTime())
}

func (m memory) path(f card.File, w what) string { return filepath.Join(m.dir, f.Name()+"."+string(w)) }

func (m memory) keep(f card.File, w what, s sight) error {
	text, err := json.Marshal(s)
	if err != nil {
		return archiveError(err)
	}
	return keep(m.path(f, w), text)
}

// recall returns how f looked; nil means that nothing is remembered.
func (m memory) recall(f card.File, w what) (*sight, error) {
	text, err := os.ReadFile(m.path(f, w))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, archiveError(err)
	}
	var s sight
	if json.Unmarshal(text, &s) != nil {
		return nil, nil // not ours; it will be written anew
	}
	return &s, nil
}

func (m memory) forget(f card.File, ws ...what) error {
	for _, w := range ws {
		if err := os.Remove(m.path(f, w)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return archiveError(err)
		}
	}
	return nil
}

// all returns the files of which w is remembered.
func (m memory) all(w what) ([]card.File, error) {
	entries, err := os.ReadDir(m.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, archiveError(err)
	}
	var files []card.File
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), "."+string(w))
		if f, err := card.ParseFileName(name); ok && err == nil {
			files = append(files, f)
		}
	}
	return files, nil
}

// still tells whether f looks as it did at an earlier look, at least apart before. An empty file is never still: some servers
// show no size while a file is written.
func (m memory) still(f card.File, info os.FileInfo, apart time.Duration) (bool, error) {
	last, err := m.recall(f, seen)
	if err != nil {
		return false, err
	}
	now := time.Now()
	if last == nil || !last.sees(info) || now.Before(last.Since) {
		return false, m.keep(f, seen, sightOf(info))
	}
	return info.Mode().IsRegular() && info.Size() > 0 && now.Sub(last.Since) >= apart, nil
}
