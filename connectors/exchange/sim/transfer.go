package sim

import (
	"io"
	"os"
	"sync/atomic"

	"github.com/pkg/sftp"
)

// transfer is an open file whose bytes are counted, so that a Drop can strike in the middle of it.
type transfer struct {
	*os.File
	jail   *jail
	op     Op
	name   string
	path   string // relative to the root
	size   int64  // at opening
	passed atomic.Int64
	full   atomic.Bool // there was no room for the rest
	lost   atomic.Bool // the connection ended before the client closed the file
}

// TransferError is told when the connection ends.
func (t *transfer) TransferError(error) { t.lost.Store(true) }

// Close ends the transfer; a client that closes what it has read to the end has read it.
func (t *transfer) Close() error {
	err := t.File.Close()
	t.jail.server.traffic.leave(t.path, t.op)
	if t.op == OpRead && !t.lost.Load() && t.passed.Load() >= t.size {
		t.jail.server.consume(t.path)
	}
	return err
}

// ReadAt reads until a drop strikes.
func (t *transfer) ReadAt(p []byte, offset int64) (int, error) {
	if t.cut(OpRead) {
		return 0, io.ErrUnexpectedEOF
	}
	if err := t.jail.tick(); err != nil {
		return 0, err
	}
	if most := t.jail.profile().Packet; most > 0 {
		p = p[:min(len(p), most)]
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
	if err := t.admit(len(p)); err != nil {
		return 0, err
	}
	if t.isFull(len(p)) {
		n, _ := t.File.WriteAt(p[:len(p)/2], offset)
		return n, sftp.ErrSSHFxFailure
	}
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

// admit refuses packets that are larger than the server takes.
func (t *transfer) admit(size int) error {
	if err := t.jail.tick(); err != nil {
		return err
	}
	if most := t.jail.profile().Packet; most > 0 && size > most {
		return sftp.ErrSSHFxBadMessage
	}
	return nil
}

// isFull reports whether there is no room for the next bytes; then there is none for the rest of the file.
func (t *transfer) isFull(next int) bool {
	if t.full.Load() {
		return true
	}
	_, struck := t.jail.server.faults.strike(OpWrite, Fail, t.name, t.passed.Load()+int64(next), t.size)
	if struck {
		t.full.Store(true)
	}
	return struck
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
