package gateway

import (
	"fmt"
	"io"
	"sync"
)

// maxNotes is how many refusals a session is told in words. They fit into any channel's window, so that a client that does
// not read them is not waited for.
const maxNotes = 50

// notes tell the person at the client why something was refused: stock clients show only the status's number, but print
// what comes on standard error.
type notes struct {
	mu   sync.Mutex
	out  io.Writer
	told int
	last string
}

func (n *notes) open(out io.Writer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.out = out
}

func (n *notes) tell(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.out == nil || n.told >= maxNotes || n.last == text {
		return
	}
	n.told, n.last = n.told+1, text
	_, _ = fmt.Fprintf(n.out, "onecard: %s\r\n", text)
}
