package sim

import (
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
)

// jail answers the SFTP requests of one connection inside the server's root. Like a careful partner it lets the hub
// read, write and rename, but delete nothing except the hub's own temporary files.
type jail struct {
	server *Server
	conn   net.Conn

	mu    sync.Mutex
	dead  bool // the connection was dropped
	asked int  // requests so far
}

// inside turns the path of a request into one relative to the root.
func inside(p string) string {
	p = strings.TrimPrefix(path.Clean("/"+p), "/")
	if p == "" {
		return "."
	}
	return p
}

// gate applies delays and refusals before an operation.
func (j *jail) gate(op Op, name string) error {
	faults := &j.server.faults
	if f, ok := faults.strike(op, Delay, name, 0, 0); ok {
		j.wait(f.Wait)
	}
	if _, ok := faults.strike(op, Refuse, name, 0, 0); ok {
		return sftp.ErrSSHFxPermissionDenied
	}
	return nil
}

func (j *jail) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-j.server.closing:
	}
}

// tick counts a request, and ends the connection when it has had as many as the profile grants.
func (j *jail) tick() error {
	most := j.profile().Operations
	if most == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	if j.asked <= most {
		return nil
	}
	j.dead = true
	hangUp(j.conn)
	return io.ErrUnexpectedEOF
}

func (j *jail) profile() *Profile { return &j.server.cfg.Profile }

// Fileread opens a file for reading.
func (j *jail) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	name, err := j.place(r.Filepath, false)
	if err == nil {
		err = j.tick()
	}
	if err == nil {
		err = j.gate(OpRead, path.Base(name))
	}
	if err != nil {
		return nil, err
	}
	return j.open(name, os.O_RDONLY, OpRead)
}

// Filewrite opens a file for writing.
func (j *jail) Filewrite(r *sftp.Request) (io.WriterAt, error) { return j.create(r, os.O_WRONLY) }

// OpenFile opens a file for reading and writing.
func (j *jail) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	return j.create(r, os.O_RDWR)
}

func (j *jail) create(r *sftp.Request, flag int) (*transfer, error) {
	name, err := j.place(r.Filepath, true)
	if err == nil {
		err = j.tick()
	}
	if err == nil {
		err = j.gate(OpWrite, path.Base(name))
	}
	if err != nil {
		return nil, err
	}
	asked := r.Pflags()
	// O_APPEND would make the offsets of WriteAt meaningless, so an append is an ordinary write at the client's offsets.
	for bit, want := range map[int]bool{os.O_CREATE: asked.Creat, os.O_TRUNC: asked.Trunc, os.O_EXCL: asked.Excl || j.profile().WriteOnce} {
		if want {
			flag |= bit
		}
	}
	return j.open(name, flag, OpWrite)
}

func (j *jail) open(name string, flag int, op Op) (*transfer, error) {
	s := j.server
	if err := s.traffic.enter(j.profile(), name, op); err != nil {
		return nil, err
	}
	file, err := s.root.OpenFile(name, flag, 0o600)
	if err != nil {
		s.traffic.leave(name, op)
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		s.traffic.leave(name, op)
		_ = file.Close()
		return nil, err
	}
	return &transfer{File: file, jail: j, op: op, name: path.Base(name), path: name, size: info.Size()}, nil
}

// Filecmd carries out the commands that change folders.
func (j *jail) Filecmd(r *sftp.Request) error {
	if err := j.tick(); err != nil {
		return err
	}
	switch r.Method {
	case "Setstat":
		if j.profile().NoSetstat {
			return sftp.ErrSSHFxOpUnsupported
		}
		return nil // modes and times are the partner's own
	case "Rename":
		return j.rename(r, false)
	case "Mkdir":
		return j.server.root.MkdirAll(inside(r.Filepath), 0o700)
	case "Remove":
		return j.remove(r)
	default:
		return sftp.ErrSSHFxOpUnsupported
	}
}

func (j *jail) remove(r *sftp.Request) error {
	name, err := j.place(r.Filepath, false)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(name, ".tmp") {
		return sftp.ErrSSHFxPermissionDenied
	}
	return j.server.root.Remove(name)
}

// PosixRename renames and replaces what has the new name.
func (j *jail) PosixRename(r *sftp.Request) error {
	if err := j.tick(); err != nil {
		return err
	}
	if j.profile().NoPosixRename {
		return sftp.ErrSSHFxOpUnsupported
	}
	return j.rename(r, !j.profile().NoReplace)
}

func (j *jail) rename(r *sftp.Request, replace bool) error {
	from, err := j.place(r.Filepath, false)
	if err != nil {
		return err
	}
	target, err := j.place(r.Target, true)
	if err != nil {
		return err
	}
	if j.profile().NoMoves && strings.HasPrefix(strings.TrimPrefix(from, trialFolder+"/"), "outbox/") {
		return sftp.ErrSSHFxPermissionDenied
	}
	if _, err := j.server.root.Lstat(target); err == nil && !replace {
		return fmt.Errorf("rename: %w", os.ErrExist)
	}
	return j.move(from, target)
}

func (j *jail) move(from, target string) error {
	if err := j.gate(OpRename, path.Base(target)); err != nil {
		return err
	}
	if err := j.server.root.Rename(from, target); err != nil {
		return err
	}
	if j.server.cfg.Renamed != nil {
		j.server.cfg.Renamed(target)
	}
	if _, ok := j.server.faults.strike(OpRename, Drop, path.Base(target), 0, 0); ok {
		hangUp(j.conn)
	}
	return nil
}
