package sim

import (
	"path"
	"slices"
	"sync"
	"time"
)

// Op names what a client does when a Fault strikes.
type Op string

// The operations that a fault can be tied to.
const (
	OpConnect Op = "connect"
	OpRead    Op = "read"
	OpWrite   Op = "write"
	OpRename  Op = "rename"
	OpList    Op = "list"
)

// Deed is what a Fault does.
type Deed string

const (
	// Drop cuts the connection: a read or write after Bytes bytes of the file, a rename after it was carried out, so
	// that only its confirmation is lost.
	Drop Deed = "drop"
	// Delay holds every matching request back for Wait.
	Delay Deed = "delay"
	// Refuse answers "permission denied"; a refused connection is closed before the handshake.
	Refuse Deed = "refuse"
	// Fail answers "failure" to the write that brings a file to Bytes bytes or more, and to all after it, as a full disk does.
	Fail Deed = "fail"
)

// Fault is one way in which the server misbehaves on the wire.
type Fault struct {
	Op Op
	// Name is a path.Match pattern for the base name of the file; empty means every file. Connections have no name.
	Name string
	Do   Deed
	// Bytes is how much of a file passes before a Drop, counted per open file.
	Bytes int64
	// Wait is how long a Delay holds a request back.
	Wait time.Duration
	// Times is how often the fault strikes; 0 means until Clear.
	Times int
	// Half makes a Drop of a read strike after half of the file, whatever Bytes says.
	Half bool
}

func (f *Fault) matches(op Op, name string) bool {
	if f.Op != op {
		return false
	}
	if f.Name == "" {
		return true
	}
	ok, err := path.Match(f.Name, name)
	return ok && err == nil
}

// limit is the number of bytes that pass before a drop, of a file of size bytes.
func (f *Fault) limit(size int64) int64 {
	if f.Half {
		return size / 2
	}
	return f.Bytes
}

type armed struct {
	Fault
	left int // strikes left; negative for unlimited
}

// faults is the set of armed faults of one server.
type faults struct {
	mu  sync.Mutex
	set []*armed
}

// add arms f and returns what disarms it.
func (s *faults) add(f Fault) func() {
	a := &armed{Fault: f, left: f.Times}
	if f.Times <= 0 {
		a.left = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = append(s.set, a)
	return func() { s.disarm(a) }
}

func (s *faults) disarm(a *armed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = slices.DeleteFunc(s.set, func(b *armed) bool { return a == b })
}

func (s *faults) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = nil
}

// strike returns the first fault of kind do that matches and has strikes left, and uses one up. passed is how many bytes of the
// file went by already, size is the file's size where that is known.
func (s *faults) strike(op Op, do Deed, name string, passed, size int64) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.set {
		if a.Do != do || a.left == 0 || !a.matches(op, name) || passed < a.limit(size) {
			continue
		}
		if a.left > 0 {
			a.left--
		}
		return a.Fault, true
	}
	return Fault{}, false
}

// room tells how many of the next n bytes may pass before a drop strikes.
func (s *faults) room(op Op, name string, passed, size int64, n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.set {
		if a.Do != Drop || a.left == 0 || !a.matches(op, name) {
			continue
		}
		n = min(n, int(max(0, a.limit(size)-passed)))
	}
	return n
}
