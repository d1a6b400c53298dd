package exchange

import (
	"context"
	"io"
	"os"
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
