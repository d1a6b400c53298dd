package sim

import (
	"sync"

	"github.com/pkg/sftp"
)

// traffic is what a server knows of the files that are open, of all its connections together.
type traffic struct {
	mu      sync.Mutex
	open    int             // by clients
	writers map[string]int  // by path; the partner itself is one too
	read    map[string]bool // by path: read to its end, and not to be read again
}

func newTraffic() *traffic { return &traffic{writers: map[string]int{}, read: map[string]bool{}} }

// enter counts a file that a client opens, unless the profile forbids it.
func (t *traffic) enter(p *Profile, path string, op Op) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.OneFile && t.open > 0 {
		return sftp.ErrSSHFxFailure
	}
	if op == OpRead && t.read[path] {
		return sftp.ErrSSHFxPermissionDenied
	}
	t.open++
	if op == OpWrite {
		t.writers[path]++
		delete(t.read, path)
	}
	return nil
}

// leave counts a file that a client has closed.
func (t *traffic) leave(path string, op Op) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	if op == OpWrite {
		t.unwrite(path)
	}
}

func (t *traffic) unwrite(path string) {
	if t.writers[path]--; t.writers[path] <= 0 {
		delete(t.writers, path)
	}
}

func (t *traffic) isWritten(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.writers[path] > 0
}

// consume does to a file that was read to its end what the profile says.
func (s *Server) consume(path string) {
	switch s.cfg.Profile.ReadOnce {
	case ReadVanishes:
		_ = s.root.Remove(path) // gone already is as good
	case ReadDenies:
		s.traffic.mu.Lock()
		defer s.traffic.mu.Unlock()
		s.traffic.read[path] = true
	}
}

// Writing tells the server that the partner itself writes the file at path anew; it ends with what is returned.
func (s *Server) Writing(path string) (end func()) {
	t := s.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writers[path]++
	delete(t.read, path)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.unwrite(path)
	}
}
