package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// State is what is known about a running stack, as it stands in up.json (mode 0600: the database URL holds a password).
type State struct {
	Pid             int       `json:"pid"` // of the supervisor
	Started         time.Time `json:"started"`
	Ready           bool      `json:"ready"`            // everything was launched
	DatabaseURL     string    `json:"database_url"`     // of the ledger
	TemporalAddress string    `json:"temporal_address"` // host:port
	Namespace       string    `json:"namespace"`
	UIAddress       string    `json:"ui_address,omitempty"` // URL of the Temporal Web UI; empty when Temporal was given
	CodecAddress    string    `json:"codec_address"`        // host:port kept free for the codec endpoint
	CodecTokenFile  string    `json:"codec_token_file"`
	Processes       []Process `json:"processes"`
}

// Process is a supervised program. Pid is 0 while it is being started again.
type Process struct {
	Name     string `json:"name"`
	Pid      int    `json:"pid"`
	Restarts int    `json:"restarts"`
	Log      string `json:"log"`
}

func (s State) clone() State {
	s.Processes = slices.Clone(s.Processes)
	return s
}

// Process returns the supervised program of the name.
func (s State) Process(name string) (Process, bool) {
	i := slices.IndexFunc(s.Processes, func(p Process) bool { return p.Name == name })
	if i < 0 {
		return Process{}, false
	}
	return s.Processes[i], true
}

// Find tells about the stack that runs in dir, or returns ErrNotRunning; a state file that a killed process left behind
// does not count. It changes nothing, not even for a moment.
func Find(dir string) (State, error) {
	held, err := locked(dir)
	if err != nil {
		return State{}, err
	}
	if !held {
		return State{}, ErrNotRunning
	}
	return readState(dir)
}

func readState(dir string) (State, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "up.json")) //nolint:gosec // the caller's own folder
	if err != nil {
		return State{}, fmt.Errorf("read what is running: %w", err)
	}
	var s State
	if err := json.Unmarshal(raw, &s); err != nil {
		return State{}, fmt.Errorf("read what is running: %w", err)
	}
	return s, nil
}

// save writes the state; s.mu must be held, or nobody else may know s yet.
func (s *Stack) save() error {
	raw, err := json.MarshalIndent(s.state, "", "  ")
	if err != nil {
		return fmt.Errorf("write what is running: %w", err)
	}
	return replace(filepath.Join(s.options.Dir, "up.json"), append(raw, '\n'))
}

// remove takes the state away, for nothing runs any more.
func remove(dir string) error {
	if err := os.Remove(filepath.Join(dir, "up.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the state: %w", err)
	}
	return nil
}

// replace writes a private file in one step, so that readers see the old one or the new one.
func replace(path string, content []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
