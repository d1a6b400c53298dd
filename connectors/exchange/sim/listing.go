package sim

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/pkg/sftp"
)

// Filelist lists a folder or describes a file.
func (j *jail) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if err := j.tick(); err != nil {
		return nil, err
	}
	switch r.Method {
	case "List":
		return j.list(inside(r.Filepath))
	case "Stat":
		if j.profile().NoStat {
			return nil, sftp.ErrSSHFxOpUnsupported
		}
		return j.describe(r)
	default:
		return nil, sftp.ErrSSHFxOpUnsupported
	}
}

// Lstat describes a file.
func (j *jail) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	if err := j.tick(); err != nil {
		return nil, err
	}
	if j.profile().NoLstat {
		return nil, sftp.ErrSSHFxOpUnsupported
	}
	return j.describe(r)
}

func (j *jail) describe(r *sftp.Request) (sftp.ListerAt, error) {
	name, err := j.place(r.Filepath, false)
	if err != nil {
		return nil, err
	}
	info, err := j.server.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	return &listing{entries: []os.FileInfo{j.server.describe(info, name)}}, nil
}

func (j *jail) list(name string) (sftp.ListerAt, error) {
	if err := j.gate(OpList, path.Base(name)); err != nil {
		return nil, err
	}
	folder, err := j.server.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	entries, err := folder.Readdir(-1)
	if err != nil {
		return nil, err
	}
	l := &listing{wait: func() { j.wait(j.profile().Page) }}
	for n := range j.profile().Crowd {
		l.entries = append(l.entries, stranger(n))
	}
	for _, e := range entries {
		l.entries = append(l.entries, j.server.describe(e, path.Join(name, e.Name())))
	}
	return l, nil
}

// listing hands out entries page by page.
type listing struct {
	entries []os.FileInfo
	wait    func() // before each page, when set
}

// ListAt copies the entries from offset on.
func (l *listing) ListAt(page []os.FileInfo, offset int64) (int, error) {
	if l.wait != nil {
		l.wait()
	}
	if offset >= int64(len(l.entries)) {
		return 0, io.EOF
	}
	n := copy(page, l.entries[offset:])
	if n < len(page) {
		return n, io.EOF
	}
	return n, nil
}

// stranger is the n-th file of others in a crowded folder; it is seen in listings only.
type stranger int

// Name is none of the exchange's.
func (s stranger) Name() string { return fmt.Sprintf("ARCHIV.D%07d.DAT", int(s)) }

// Size is some size.
func (s stranger) Size() int64 { return int64(s) }

// Mode is that of a file.
func (s stranger) Mode() fs.FileMode { return 0o600 }

// ModTime is long ago.
func (s stranger) ModTime() time.Time { return time.Unix(946684800, 0) }

// IsDir is false.
func (s stranger) IsDir() bool { return false }

// Sys is nil.
func (s stranger) Sys() any { return nil }
