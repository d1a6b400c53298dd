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

	mu   sync.Mutex
	dead bool // the connection was dropped
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

// Fileread opens a file for reading.
func (j *jail) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	name := inside(r.Filepath)
	if err := j.gate(OpRead, path.Base(name)); err != nil {
		return nil, err
	}
	file, err := j.server.root.Open(name)
	if err != nil {
		return nil, err
	}
	return j.transfer(file, OpRead)
}

// Filewrite opens a file for writing.
func (j *jail) Filewrite(r *sftp.Request) (io.WriterAt, error) { return j.create(r, os.O_WRONLY) }

// OpenFile opens a file for reading and writing.
func (j *jail) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	return j.create(r, os.O_RDWR)
}

func (j *jail) create(r *sftp.Request, flag int) (*transfer, error) {
	name := inside(r.Filepath)
	if err := j.gate(OpWrite, path.Base(name)); err != nil {
		return nil, err
	}
	asked := r.Pflags()
	// O_APPEND would make the offsets of WriteAt meaningless, so an append is an ordinary write at the client's offsets.
	for bit, want := range map[int]bool{os.O_CREATE: asked.Creat, os.O_TRUNC: asked.Trunc, os.O_EXCL: asked.Excl} {
		if want {
			flag |= bit
		}
	}
	file, err := j.server.root.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return j.transfer(file, OpWrite)
}

func (j *jail) transfer(file *os.File, op Op) (*transfer, error) {
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &transfer{File: file, jail: j, op: op, name: path.Base(file.Name()), size: info.Size()}, nil
}

// Filecmd carries out the commands that change folders.
func (j *jail) Filecmd(r *sftp.Request) error {
	name := inside(r.Filepath)
	switch r.Method {
	case "Setstat":
		return nil // modes and times are the partner's own
	case "Rename":
		if _, err := j.server.root.Lstat(inside(r.Target)); err == nil {
			return fmt.Errorf("rename: %w", os.ErrExist)
		}
		return j.rename(r)
	case "Mkdir":
		return j.server.root.MkdirAll(name, 0o700)
	case "Remove":
		if !strings.HasSuffix(name, ".tmp") {
			return sftp.ErrSSHFxPermissionDenied
		}
		return j.server.root.Remove(name)
	default:
		return sftp.ErrSSHFxOpUnsupported
	}
}

// PosixRename renames and replaces what has the new name.
func (j *jail) PosixRename(r *sftp.Request) error { return j.rename(r) }

func (j *jail) rename(r *sftp.Request) error {
	target := inside(r.Target)
	if err := j.gate(OpRename, path.Base(target)); err != nil {
		return err
	}
	if err := j.server.root.Rename(inside(r.Filepath), target); err != nil {
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

// Filelist lists a folder or describes a file.
func (j *jail) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	name := inside(r.Filepath)
	switch r.Method {
	case "List":
		if err := j.gate(OpList, path.Base(name)); err != nil {
			return nil, err
		}
		return j.list(name)
	case "Stat", "Lstat":
		info, err := j.server.root.Lstat(name)
		if err != nil {
			return nil, err
		}
		return listing{info}, nil
	default:
		return nil, sftp.ErrSSHFxOpUnsupported
	}
}

func (j *jail) list(name string) (listing, error) {
	folder, err := j.server.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	entries, err := folder.Readdir(-1)
	return listing(entries), err
}

// listing hands out a folder's entries page by page.
type listing []os.FileInfo

// ListAt copies the entries from offset on.
func (l listing) ListAt(page []os.FileInfo, offset int64) (int, error) {
	if offset >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(page, l[offset:])
	if n < len(page) {
		return n, io.EOF
	}
	return n, nil
}
