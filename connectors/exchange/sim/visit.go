package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
)

// halves are the suffixes of a file's two halves, the file itself first: it is declared when the second is there.
var halves = []string{"", ".ok"}

// visit is one look after the files of one of the partner's systems.
type visit struct {
	client *sftp.Client
	within string // folder of the account at the hub
	root   string // the same here
}

func (v visit) far(parts ...string) string {
	return path.Join(append([]string{v.within}, parts...)...)
}

func (v visit) near(parts ...string) string {
	return filepath.Join(append([]string{v.root}, parts...)...)
}

// pay carries what there is, both ways. A file that makes trouble does not hold up the others.
func (v visit) pay() error { return errors.Join(v.fetch(), v.notify(), v.deliver()) }

// fetch brings what the hub has declared into the partner's inbox, and puts it away at the hub.
func (v visit) fetch() error {
	entries, err := v.client.ReadDir(v.far("inbox"))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		name, declared := strings.CutSuffix(e.Name(), ".ok")
		if !declared || e.IsDir() {
			continue
		}
		if err := v.carry(name); err != nil {
			errs = append(errs, fmt.Errorf("fetch %s: %w", v.far(name), err))
		}
	}
	return errors.Join(errs...)
}

// carry fetches one file of the hub, unless a visit that broke off had come that far. What comes under a name that came before
// is fetched as well: whether it is a repetition is the partner's to judge, once it has dealt with the one before.
func (v visit) carry(name string) error {
	manifest, err := read(v.client, v.far("inbox", name+".ok"))
	if err != nil {
		return err
	}
	switch {
	case v.has(name, manifest):
	case isFile(v.near("inbox", name+".ok")):
		return nil
	default:
		err := v.download(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a manifest of nothing
		}
		if err != nil {
			return err
		}
	}
	return v.putAway(name)
}

// has says whether the partner has the file to which the manifest belongs.
func (v visit) has(name string, manifest []byte) bool {
	before, _ := filepath.Glob(v.near("inbox", "done", name+".ok*")) // the pattern is right
	for _, file := range append(before, v.near("inbox", name+".ok")) {
		if text, err := os.ReadFile(file); err == nil && bytes.Equal(text, manifest) { //nolint:gosec // a partner's own folder
			return true
		}
	}
	return false
}

func read(client *sftp.Client, name string) ([]byte, error) {
	in, err := client.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	return io.ReadAll(io.LimitReader(in, maxManifest))
}

func (v visit) download(name string) error {
	for _, half := range halves {
		if err := download(v.client, v.far("inbox", name+half), v.near("inbox", name+half)); err != nil {
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

// putAway moves both halves to done/ at the hub.
func (v visit) putAway(name string) error {
	for _, half := range halves {
		target, err := v.free(name + half)
		if err != nil {
			return err
		}
		err = v.client.Rename(v.far("inbox", name+half), target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// free is where a file can be put away at the hub: under a number where its name is taken.
func (v visit) free(name string) (string, error) {
	target := v.far("inbox", "done", name)
	for n := 2; ; n++ {
		there, err := remote(v.client, target)
		if err != nil || !there {
			return target, err
		}
		target = v.far("inbox", "done", fmt.Sprintf("%s.%d", name, n))
	}
}

// deliver brings what the partner has declared to the hub, and puts it away here. What the hub has already is not sent again.
func (v visit) deliver() error {
	names, err := filepath.Glob(v.near("outbox", "*.ok"))
	if err != nil {
		return err
	}
	var errs []error
	for _, declared := range names {
		name := strings.TrimSuffix(filepath.Base(declared), ".ok")
		if !isFile(v.near("outbox", name)) {
			continue
		}
		if err := v.post(name); err != nil {
			errs = append(errs, fmt.Errorf("deliver %s: %w", v.far(name), err))
		}
	}
	return errors.Join(errs...)
}

// post delivers one file of the partner.
func (v visit) post(name string) error {
	there, err := remote(v.client, v.far("outbox", name+".ok"), v.far("outbox", "done", name+".ok"))
	if err != nil {
		return err
	}
	for _, half := range halves {
		if there {
			break
		}
		if err := upload(v.client, v.near("outbox", name+half), v.far("outbox", name+half)); err != nil {
			return err
		}
	}
	for _, half := range halves {
		if err := os.Rename(v.near("outbox", name+half), v.near("outbox", "done", name+half)); err != nil {
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

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// notify delivers the notices about files of the hub that the partner refused.
func (v visit) notify() error {
	notices, err := filepath.Glob(v.near("outbox", "*.err"))
	if err != nil {
		return err
	}
	for _, notice := range notices {
		name := filepath.Base(notice)
		if err := upload(v.client, notice, v.far("outbox", name)); err != nil {
			return fmt.Errorf("deliver %s: %w", v.far(name), err)
		}
		if err := os.Rename(notice, v.near("outbox", "done", name)); err != nil {
			return err
		}
	}
	return nil
}
