package gateway

import (
	"errors"
	"io"
	"os"
	"path"

	"github.com/pkg/sftp"
)

// usage is what of a partner's quota is used.
type usage struct {
	files int
	bytes int64
}

// recount looks at the partner's files that the hub has not taken; those that are being written count with what was granted
// to them. The hub takes files away without asking, so nothing that was counted before is sure. a.mu is held.
func (a *account) recount() error {
	var u usage
	for _, p := range []place{{folder: outbox}, {folder: outboxRefused}, {folder: outbox, trial: true}, {folder: outboxRefused, trial: true}} {
		err := a.each(p.path(), func(info os.FileInfo) {
			size := info.Size()
			if d := a.drafts[path.Join(p.path(), info.Name())]; d != nil {
				size = max(size, d.granted)
			}
			u.files++
			u.bytes += size
		})
		if err != nil {
			return err
		}
	}
	a.used = u
	return nil
}

// each tells of every plain file of a folder.
func (a *account) each(folder string, tell func(os.FileInfo)) error {
	dir, err := a.root.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	for {
		entries, err := dir.Readdir(listed)
		for _, info := range entries {
			if info.Mode().IsRegular() {
				tell(info)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grant lets d grow to size bytes.
func (a *account) grant(d *draft, size int64) error {
	if size > a.limits.FileBytes {
		return errTooLarge
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	more := size - d.granted
	if more <= 0 {
		return nil
	}
	if a.used.bytes+more > a.limits.Bytes {
		if err := a.recount(); err != nil {
			return err
		}
	}
	if a.used.bytes+more > a.limits.Bytes {
		return errFullBytes
	}
	a.used.bytes += more
	d.granted = size
	return nil
}

// statBlock is the unit in which quotas are told.
const statBlock = 1 << 10

// quota tells what of the quota is used, in the terms of a file system, so that `df` shows it.
func (a *account) quota() (*sftp.StatVFS, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.recount(); err != nil {
		return nil, err
	}
	free, left := count((a.limits.Bytes-a.used.bytes)/statBlock), count(int64(a.limits.Files-a.used.files))
	return &sftp.StatVFS{
		Bsize: statBlock, Frsize: statBlock, Blocks: count(a.limits.Bytes / statBlock), Bfree: free, Bavail: free,
		Files: count(int64(a.limits.Files)), Ffree: left, Favail: left, Namemax: maxPath,
	}, nil
}

// count is n, and 0 for what is below: the hub may have set the quota lower than what is there.
func count(n int64) uint64 { return uint64(max(0, n)) }
