package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// local is the account of a partner that logs in to us: the same folders, on a disk of ours. Nothing outside them can be
// reached, whatever a name says and whoever put a link there.
type local struct {
	root *os.Root
	ctx  context.Context //nolint:containedctx // it lives as long as one call, as the connection of a remote account does
}

// atHome runs do on the account in l.Directory, which the gateway makes.
func (l *lane) atHome(ctx context.Context, do func(*session) error) error {
	root, err := os.OpenRoot(l.Directory)
	if err != nil {
		return fmt.Errorf("open the account's folder: %w", err)
	}
	return errors.Join(do(&session{files: local{root, ctx}, packet: 256 << 10}), root.Close())
}

// Open opens plain files only: opening a device or a pipe could wait for ever.
func (a local) Open(name string) (stored, error) {
	info, err := a.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = errNotFile
	}
	if err != nil {
		return nil, err
	}
	file, err := a.root.Open(name)
	if err != nil {
		return nil, err
	}
	return localFile{file, a.ctx}, nil
}

// Stat is Lstat: no links belong there.
func (a local) Stat(name string) (os.FileInfo, error) { return a.Lstat(name) }

func (a local) Lstat(name string) (os.FileInfo, error) {
	if err := context.Cause(a.ctx); err != nil {
		return nil, err
	}
	return a.root.Lstat(name)
}

func (a local) ReadDirContext(_ context.Context, dir string) ([]os.FileInfo, error) {
	folder, err := a.root.Open(dir)
	if err != nil {
		return nil, err
	}
	entries, err := folder.Readdir(-1)
	return entries, errors.Join(err, folder.Close())
}

func (a local) MkdirAll(dir string) error { return a.root.MkdirAll(dir, 0o700) }

// store makes the file anew, so that nobody who has an older one of that name open shares it.
func (a local) store(name string, from io.Reader) error {
	if err := a.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := a.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, patient{from, a.ctx})
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (a local) rename(from, to string) error {
	if err := context.Cause(a.ctx); err != nil {
		return err
	}
	return errors.Join(a.root.Rename(from, to), a.sync(path.Dir(to)))
}

// sync makes the names in dir outlive a power failure.
func (a local) sync(dir string) error {
	folder, err := a.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// localFile stops being read when its call ends.
type localFile struct {
	*os.File
	ctx context.Context //nolint:containedctx // as in local
}

func (f localFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := context.Cause(f.ctx); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, offset)
}

// patient reads until its call ends.
type patient struct {
	io.Reader
	ctx context.Context //nolint:containedctx // as in local
}

func (r patient) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
