package sim

import (
	"io"
	"os"
	"sync/atomic"
)

// transfer is an open file whose bytes are counted, so that a Drop can strike in the middle of it.
type transfer struct {
	*os.File
	jail   *jail
	op     Op
	name   string
	size   int64 // at opening
	passed atomic.Int64
}

// ReadAt reads until a drop strikes.
func (t *transfer) ReadAt(p []byte, offset int64) (int, error) {
	if t.cut(OpRead) {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := t.File.ReadAt(p, offset)
	t.passed.Add(int64(n))
	if n > 0 && t.cut(OpRead) {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// WriteAt writes until a drop strikes; of the packet in which it strikes the first part is written.
func (t *transfer) WriteAt(p []byte, offset int64) (int, error) {
	part := t.jail.server.faults.room(OpWrite, t.name, t.passed.Load(), t.size, len(p))
	n, err := t.File.WriteAt(p[:part], offset)
	t.passed.Add(int64(n))
	if t.cut(OpWrite) {
		return n, io.ErrUnexpectedEOF
	}
	if err == nil && part < len(p) {
		err = io.ErrShortWrite // another packet used up the strike that this one had made room for
	}
	return n, err
}

// cut drops the connection when a fault says so. Packets of one connection are served side by side: only one of them
// uses up a strike.
func (t *transfer) cut(op Op) bool {
	t.jail.mu.Lock()
	defer t.jail.mu.Unlock()
	if t.jail.dead {
		return true
	}
	_, t.jail.dead = t.jail.server.faults.strike(op, Drop, t.name, t.passed.Load(), t.size)
	if t.jail.dead {
		hangUp(t.jail.conn)
	}
	return t.jail.dead
}
