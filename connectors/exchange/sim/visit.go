package sim

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/pkg/sftp"
)

// halves are the suffixes of a file's two halves, the file itself first: it is declared when the second is there.
var halves = []string{"", ".ok"}

// carry fetches one file of the hub, unless a visit that broke off had come that far.
func (v *Visitor) carry(client *sftp.Client, name string) error {
	if !isFile(v.local("inbox", name+".ok")) && !isFile(v.local("inbox", "done", name+".ok")) {
		for _, half := range halves {
			if err := download(client, path.Join("inbox", name+half), v.local("inbox", name+half)); err != nil {
				return err
			}
		}
	}
	for _, half := range halves {
		err := client.Rename(path.Join("inbox", name+half), path.Join("inbox", "done", name+half))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func download(client *sftp.Client, from, to string) error {
	in, err := client.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(to+".tmp", to)
}

// post delivers one file of the partner.
func (v *Visitor) post(client *sftp.Client, name string) error {
	there, err := remote(client, path.Join("outbox", name+".ok"), path.Join("outbox", "done", name+".ok"))
	if err != nil {
		return err
	}
	for _, half := range halves {
		if there {
			break
		}
		if err := upload(client, v.local("outbox", name+half), path.Join("outbox", name+half)); err != nil {
			return err
		}
	}
	for _, half := range halves {
		if err := os.Rename(v.local("outbox", name+half), v.local("outbox", "done", name+half)); err != nil {
			return err
		}
	}
	return nil
}

// remote says whether the hub has one of the files.
func remote(client *sftp.Client, paths ...string) (bool, error) {
	for _, p := range paths {
		_, err := client.Stat(p)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}

func upload(client *sftp.Client, from, to string) error {
	in, err := os.Open(from) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := client.OpenFile(to+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return client.PosixRename(to+".tmp", to)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// notify delivers the notices about files of the hub that the partner refused.
func (v *Visitor) notify(client *sftp.Client) error {
	notices, err := filepath.Glob(v.local("outbox", "*.err"))
	if err != nil {
		return err
	}
	for _, notice := range notices {
		name := filepath.Base(notice)
		if err := upload(client, notice, path.Join("outbox", name)); err != nil {
			return fmt.Errorf("deliver %s: %w", name, err)
		}
		if err := os.Rename(notice, v.local("outbox", "done", name)); err != nil {
			return err
		}
	}
	return nil
}
