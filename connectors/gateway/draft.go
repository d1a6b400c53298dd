package gateway

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"sync"
	"sync/atomic"

	"github.com/pkg/sftp"
)

// draft is a file of the outbox that a partner writes.
type draft struct {
	*os.File
	session *session
	account *account
	place   place
	audit   func(bytes int64, err error) // called once, at the end

	granted int64 // bytes that it may grow to; under account.mu
	written atomic.Int64

	mu     sync.RWMutex // written to under the read lock
	closed error        // why nothing can be written any more
	broken error        // why the session ended before the file was closed
}

// write opens the draft at p. Another session that still has it open writes no more: it is most likely a connection that
// is dead already, and what it left can be gone on with.
func (a *account) write(p place, flags sftp.FileOpenFlags) (*draft, error) {
	if p.folder != outbox || !p.draft {
		return nil, errForeign
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	info, err := a.look(p)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && (!fresh || !flags.Creat) {
		return nil, err
	}
	if err := a.recount(); err != nil {
		return nil, err
	}
	if fresh && a.used.files >= a.limits.Files {
		return nil, errFullFiles
	}
	a.supersede(p)
	file, err := a.root.OpenFile(p.path(), openFlags(flags), 0o600)
	if err != nil {
		return nil, err
	}
	d := &draft{File: file, account: a, place: p}
	if !fresh && !flags.Trunc {
		d.granted = info.Size()
	}
	a.drafts[p.path()] = d
	return d, nil
}

// openFlags never has O_APPEND, which would make the offsets of WriteAt meaningless: clients that append say where.
func openFlags(asked sftp.FileOpenFlags) int {
	flags := os.O_RDWR
	for bit, want := range map[int]bool{os.O_CREATE: asked.Creat, os.O_TRUNC: asked.Trunc, os.O_EXCL: asked.Excl} {
		if want {
			flags |= bit
		}
	}
	return flags
}

// supersede ends the writing of the draft at p, if somebody does. a.mu is held.
func (a *account) supersede(p place) {
	if d := a.drafts[p.path()]; d != nil {
		d.end(errSuperseded)
		delete(a.drafts, p.path())
	}
}

func (d *draft) end(why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed == nil {
		d.closed = why
	}
}

// WriteAt writes as long as quota, rate and the draft's life allow.
func (d *draft) WriteAt(p []byte, offset int64) (int, error) {
	n, err := d.writeAt(p, offset)
	d.written.Add(int64(n))
	d.session.gateway.counts.received.Add(int64(n))
	return n, d.session.answer(err)
}

func (d *draft) writeAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset > math.MaxInt64-int64(len(p)) {
		return 0, errTooLarge
	}
	if err := d.session.pass(len(p)); err != nil {
		return 0, err
	}
	if err := d.account.grant(d, offset+int64(len(p))); err != nil {
		return 0, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed != nil {
		return 0, d.closed
	}
	return d.File.WriteAt(p, offset)
}

// ReadAt lets a client that opened the draft for both read back what it wrote.
func (d *draft) ReadAt(p []byte, offset int64) (int, error) {
	if err := d.session.pass(len(p)); err != nil {
		return 0, d.session.answer(err)
	}
	n, err := d.File.ReadAt(p, offset)
	d.session.gateway.counts.sent.Add(int64(n))
	return n, err
}

// TransferError is told when the session ends before the file was closed.
func (d *draft) TransferError(err error) {
	d.broken = &refusal{cutOff, err.Error(), sftp.ErrSSHFxConnectionLost}
}

// Close ends the writing. What was written stays, also after a lost connection, to be gone on with.
func (d *draft) Close() error {
	d.account.mu.Lock()
	if d.account.drafts[d.place.path()] == d {
		delete(d.account.drafts, d.place.path())
	}
	d.account.mu.Unlock()
	d.end(os.ErrClosed)
	err := d.File.Close()
	d.session.release()
	d.audit(d.written.Load(), errors.Join(d.broken, err))
	return d.session.answer(err)
}
