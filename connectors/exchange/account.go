package exchange

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/pkg/sftp"
)

// account is a partner's folders as the hub works in them: over SFTP, or in a folder of ours that the partner reaches
// through the gateway. Names are slash-separated and start at the account's root; what is not there is os.ErrNotExist.
type account interface {
	looking
	changing
}

type looking interface {
	Open(name string) (stored, error)
	Stat(name string) (os.FileInfo, error)
	Lstat(name string) (os.FileInfo, error)
	ReadDirContext(ctx context.Context, dir string) ([]os.FileInfo, error)
}

type changing interface {
	// store writes a file, in place of what has the name, and makes it outlive a power failure where that can be asked for.
	store(name string, from io.Reader) error
	// rename gives a file another name in one step; it replaces what has that name, unless the server cannot.
	rename(from, to string) error
	MkdirAll(dir string) error
}

// stored is a file of an account, open for reading.
type stored interface {
	io.ReadCloser
	io.ReaderAt
	Stat() (os.FileInfo, error)
}

// remote is an account on a partner's server.
type remote struct {
	*sftp.Client
	packet int
}

func (r remote) Open(name string) (stored, error) {
	file, err := r.Client.Open(name)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (r remote) store(name string, from io.Reader) error {
	file, err := r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = file.ReadFromWithConcurrency(from, window/r.packet)
	if _, able := r.HasExtension("fsync@openssh.com"); able && err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (r remote) rename(from, to string) error {
	if _, able := r.HasExtension("posix-rename@openssh.com"); able {
		return r.PosixRename(from, to)
	}
	return r.Rename(from, to)
}
