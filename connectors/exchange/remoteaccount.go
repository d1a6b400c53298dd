package exchange

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"sync/atomic"

	"github.com/pkg/sftp"
)

// remote is an account on a partner's server. What the server lacks is found out once per connection, by asking.
type remote struct {
	*sftp.Client
	packet int
	loose  bool         // Quirks.LooseNames
	way    atomic.Int32 // the best way to have a file described that the server knows
}

// The ways to have a file described, best first.
const (
	byLstat int32 = iota
	byStat
	byListing
)

// unsupported tells that the server does not know the request.
func unsupported(err error) bool {
	var status *sftp.StatusError
	return errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxOpUnsupported
}

// Stat is Lstat: no links belong there.
func (r *remote) Stat(name string) (os.FileInfo, error) { return r.Lstat(name) }

func (r *remote) Lstat(name string) (os.FileInfo, error) {
	for !r.loose {
		way, ask := r.way.Load(), r.Client.Lstat
		if way == byListing {
			break
		}
		if way == byStat {
			ask = r.Client.Stat
		}
		info, err := ask(name)
		if !unsupported(err) {
			return info, err
		}
		r.way.CompareAndSwap(way, way+1)
	}
	_, info, err := r.pick(name)
	return info, err
}

// pick finds name in a listing of its folder; called is what the server calls it.
func (r *remote) pick(name string) (called string, info os.FileInfo, err error) {
	infos, err := r.ReadDir(path.Dir(name))
	if err != nil {
		return "", nil, err
	}
	want := path.Base(name)
	for _, i := range infos {
		if i.Name() == want {
			return name, i, nil
		}
		if r.loose && plainName(i.Name()) == plainName(want) {
			called, info = path.Join(path.Dir(name), i.Name()), i
		}
	}
	if info == nil {
		return "", nil, os.ErrNotExist
	}
	return called, info, nil
}

// called returns what the server calls name.
func (r *remote) called(name string) (string, error) {
	if !r.loose {
		return name, nil
	}
	called, _, err := r.pick(name)
	return called, err
}

// plainName writes a name as the exchange does: the stem in capitals, what follows the first dot in small letters, no spaces
// at its end.
func plainName(name string) string {
	stem, end, dotted := strings.Cut(strings.TrimRight(name, " "), ".")
	if !dotted {
		return strings.ToUpper(stem)
	}
	return strings.ToUpper(stem) + "." + strings.ToLower(end)
}

// ReadDirContext lists files under the names that the exchange gives them.
func (r *remote) ReadDirContext(ctx context.Context, dir string) ([]os.FileInfo, error) {
	infos, err := r.Client.ReadDirContext(ctx, dir)
	if r.loose {
		for i, info := range infos {
			if !info.IsDir() {
				infos[i] = renamed{info, plainName(info.Name())}
			}
		}
	}
	return infos, err
}

// renamed is a file under the name that the exchange gives it.
type renamed struct {
	os.FileInfo
	name string
}

func (r renamed) Name() string { return r.name }

func (r *remote) Open(name string) (stored, error) {
	called, err := r.called(name)
	if err != nil {
		return nil, err
	}
	file, err := r.Client.Open(called)
	if err != nil {
		return nil, err
	}
	return opened{file, r}, nil
}

// opened is a file that can be described although its server does not describe open files.
type opened struct {
	*sftp.File
	account *remote
}

func (o opened) Stat() (os.FileInfo, error) {
	info, err := o.File.Stat()
	if unsupported(err) {
		return o.account.Lstat(o.Name())
	}
	return info, err
}

// store writes a temporary name; what an earlier attempt left there is in the way on servers that write nothing twice. What
// was not stored whole is removed as far as the server lets us, for it may be what fills the account.
func (r *remote) store(name string, from io.Reader) error {
	file, err := r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil && answered(err) && r.discard(name) == nil {
		file, err = r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	}
	if err != nil {
		return err
	}
	_, err = file.ReadFromWithConcurrency(from, window/r.packet)
	if _, able := r.HasExtension("fsync@openssh.com"); able && err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil && answered(err) {
		_ = r.discard(name)
	}
	return err
}

// discard removes a temporary file of ours.
func (r *remote) discard(name string) error {
	called, err := r.called(name)
	if err != nil {
		return err
	}
	return r.Remove(called)
}

func (r *remote) rename(from, to string) error {
	called, err := r.called(from)
	if err != nil {
		return err
	}
	if _, able := r.HasExtension("posix-rename@openssh.com"); able {
		if err := r.PosixRename(called, to); !unsupported(err) {
			return err
		}
	}
	return r.Rename(called, to)
}

// MkdirAll makes the last folder only, without asking for the others.
func (r *remote) MkdirAll(dir string) error { return r.Mkdir(dir) }
