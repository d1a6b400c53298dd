package drill_test

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// line is the way from a hub to a partner. It can be cut.
type line struct {
	listener net.Listener
	to       string

	mu   sync.Mutex
	due  []int // bytes that pass before each of the next cuts
	cuts int   // of connections that were in use
}

// openLine opens a way to the partner's address, for as long as the test lasts.
func openLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{listener: listener, to: to}
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	go l.serve()
	return l
}

func (l *line) address() string { return l.listener.Addr().String() }

// cutAfter has the connection cut over which the byte passes that is so many bytes from now, after the cuts that are due before.
func (l *line) cutAfter(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = append(l.due, bytes)
}

// struck returns how often a connection in use was cut.
func (l *line) struck() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cuts
}

func (l *line) serve() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.to)
		if err != nil { // the partner is down
			_ = near.Close()
			continue
		}
		go l.pass(near, far)
		go l.pass(far, near)
	}
}

// pass copies until one end closes, or the line is cut.
func (l *line) pass(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		n, cut := l.allow(n)
		if _, failed := to.Write(chunk[:n]); cut || err != nil || failed != nil {
			return
		}
	}
}

// allow returns how many of n bytes may pass, and whether the line is cut then.
func (l *line) allow(n int) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.due) == 0 {
		return n, false
	}
	if l.due[0] -= n; l.due[0] > 0 {
		return n, false
	}
	n += min(l.due[0], 0)
	l.due = l.due[1:]
	l.cuts++
	return max(n, 0), true
}
