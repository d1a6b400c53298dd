package gateway

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
)

// jail answers a session's SFTP requests inside its partner's account.
type jail struct{ session *session }

// operation is a request that was begun, with the places that it is about.
type operation struct {
	session *session
	entry   entry
	begun   time.Time
	at, to  place
	known   bool // the paths are of the exchange
}

// begin waits for the request's turn and reads its paths; target is empty for most.
func (j *jail) begin(op, path, target string) (*operation, error) {
	s := j.session
	o := &operation{session: s, entry: entry{op: op}, begun: time.Now()}
	o.at, o.known = parsePlace(path, s.account.partner)
	if o.known {
		o.entry.path = o.at.path()
	}
	if target != "" {
		var known bool
		if o.to, known = parsePlace(target, s.account.partner); known {
			o.entry.to = o.to.path()
		}
		o.known = o.known && known
	}
	if err := s.account.operations.take(s.ctx, 1); err != nil {
		return nil, o.end(err)
	}
	return o, nil
}

// end records the operation and returns what the client is told.
func (o *operation) end(err error) error {
	o.entry.took, o.entry.outcome = time.Since(o.begun), done
	answer := o.session.answer(err)
	if r := classify(err); r != nil {
		o.entry.outcome = r.outcome
	}
	o.session.record(o.entry)
	return answer
}

// later records the operation when its file is closed, with the bytes that went over the wire.
func (o *operation) later(bytes int64, err error) {
	o.entry.bytes, o.entry.took, o.entry.outcome = bytes, time.Since(o.begun), done
	if r := classify(err); r != nil {
		o.entry.outcome = r.outcome
	}
	o.session.record(o.entry)
}

// notHere is the outcome of looking for what cannot be there.
var notHere = &refusal{badName, "no such file", sftp.ErrSSHFxNoSuchFile}

// Fileread opens a file for reading.
func (j *jail) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	o, err := j.begin("read", r.Filepath, "")
	if err != nil {
		return nil, err
	}
	if !o.known {
		return nil, o.end(notHere)
	}
	if err := j.session.hold(); err != nil {
		return nil, o.end(err)
	}
	file, err := j.session.account.open(o.at)
	if err != nil {
		j.session.release()
		return nil, o.end(err)
	}
	return &reading{File: file, operation: o}, nil
}

// Filewrite opens a draft for writing.
func (j *jail) Filewrite(r *sftp.Request) (io.WriterAt, error) { return j.write(r) }

// OpenFile opens a draft for writing and reading.
func (j *jail) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) { return j.write(r) }

func (j *jail) write(r *sftp.Request) (*draft, error) {
	o, err := j.begin("write", r.Filepath, "")
	if err != nil {
		return nil, err
	}
	if !o.known {
		return nil, o.end(errName)
	}
	if err := j.session.hold(); err != nil {
		return nil, o.end(err)
	}
	d, err := j.session.account.write(o.at, r.Pflags())
	if err != nil {
		j.session.release()
		return nil, o.end(err)
	}
	d.session, d.audit = j.session, o.later
	return d, nil
}

// reading is a file that a partner reads.
type reading struct {
	*os.File
	operation *operation
	sent      atomic.Int64
}

// ReadAt reads as fast as the rate allows.
func (r *reading) ReadAt(p []byte, offset int64) (int, error) {
	s := r.operation.session
	if err := s.pass(len(p)); err != nil {
		return 0, s.answer(err)
	}
	n, err := r.File.ReadAt(p, offset)
	r.sent.Add(int64(n))
	s.gateway.counts.sent.Add(int64(n))
	return n, s.answer(err)
}

// Close ends the reading.
func (r *reading) Close() error {
	err := r.File.Close()
	r.operation.session.release()
	r.operation.later(r.sent.Load(), err)
	return r.operation.session.answer(err)
}

// Filecmd carries out the commands that change something: renaming and deleting, where the exchange has them.
func (j *jail) Filecmd(r *sftp.Request) error {
	switch r.Method {
	case "Rename":
		return j.rename(r, false)
	case "Remove":
		return j.change("remove", r, j.session.account.remove)
	case "Setstat":
		return j.change("setstat", r, func(p place) error { return j.setstat(p, r.AttrFlags()) })
	case "Mkdir":
		return j.change("mkdir", r, func(place) error { return errForeign })
	default:
		return j.unsupported(r)
	}
}

// PosixRename renames and replaces what has the new name, where that may be.
func (j *jail) PosixRename(r *sftp.Request) error { return j.rename(r, true) }

func (j *jail) rename(r *sftp.Request, replace bool) error {
	o, err := j.begin("rename", r.Filepath, r.Target)
	if err != nil {
		return err
	}
	if !o.known {
		return o.end(errName)
	}
	return o.end(j.session.account.move(o.at, o.to, replace))
}

func (j *jail) change(op string, r *sftp.Request, do func(place) error) error {
	o, err := j.begin(op, r.Filepath, "")
	if err != nil {
		return err
	}
	if !o.known {
		return o.end(errName)
	}
	return o.end(do(o.at))
}

// setstat does nothing and says so only for sizes: modes, owners and times are ours, but many clients insist on setting them
// after an upload.
func (j *jail) setstat(p place, asked sftp.FileAttrFlags) error {
	if asked.Size {
		return errCommand
	}
	_, err := j.session.account.look(p)
	return err
}

// StatVFS answers `df` with the partner's quota.
func (j *jail) StatVFS(r *sftp.Request) (*sftp.StatVFS, error) {
	o, err := j.begin("quota", r.Filepath, "")
	if err != nil {
		return nil, err
	}
	quota, err := j.session.account.quota()
	return quota, o.end(err)
}

func (j *jail) unsupported(r *sftp.Request) error {
	o, err := j.begin("other", r.Filepath, "")
	if err != nil {
		return err
	}
	return o.end(errCommand)
}

// Filelist lists a folder or describes a file.
func (j *jail) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	switch r.Method {
	case "List":
		return j.list(r)
	case "Stat":
		return j.stat(r)
	default:
		return nil, j.unsupported(r)
	}
}

func (j *jail) stat(r *sftp.Request) (sftp.ListerAt, error) {
	o, err := j.begin("stat", r.Filepath, "")
	if err != nil {
		return nil, err
	}
	if !o.known {
		return nil, o.end(notHere)
	}
	info, err := j.session.account.look(o.at)
	if err := o.end(err); err != nil {
		return nil, err
	}
	return single{facts{info, o.at}}, nil
}

func (j *jail) list(r *sftp.Request) (sftp.ListerAt, error) {
	o, err := j.begin("list", r.Filepath, "")
	if err != nil {
		return nil, err
	}
	if !o.known || !o.at.isFolder() {
		return nil, o.end(notHere)
	}
	if err := j.session.hold(); err != nil {
		return nil, o.end(err)
	}
	dir, err := j.session.account.root.Open(o.at.path())
	if err := o.end(err); err != nil {
		j.session.release()
		return nil, err
	}
	return &listing{dir: dir, folder: o.at.path(), session: j.session}, nil
}
