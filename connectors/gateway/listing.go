package gateway

import (
	"errors"
	"io"
	"os"
	"path"
)

// listed is how many entries of a folder are read at once.
const listed = 100

// listing hands out a folder as it is read, so that its size does not matter. Names that are none of the exchange's, and
// what is neither a file nor a folder, are not shown.
type listing struct {
	dir     *os.File
	folder  string // its path in the account
	session *session
}

// ListAt returns the entries that follow; the offset is always that of the entries before.
func (l *listing) ListAt(page []os.FileInfo, _ int64) (int, error) {
	for {
		if err := l.session.pass(0); err != nil {
			return 0, l.session.answer(err)
		}
		entries, err := l.dir.Readdir(len(page))
		n := 0
		for _, info := range entries {
			if f, ok := l.show(info); ok {
				page[n] = f
				n++
			}
		}
		switch {
		case n > 0:
			return n, nil
		case errors.Is(err, io.EOF):
			return 0, io.EOF
		case err != nil:
			return 0, l.session.answer(err)
		}
	}
}

func (l *listing) show(info os.FileInfo) (facts, bool) {
	p, ok := parsePlace(path.Join(l.folder, info.Name()), l.session.account.partner)
	return facts{info, p}, ok && info.IsDir() == p.isFolder() && (info.IsDir() || info.Mode().IsRegular())
}

// Close ends the listing.
func (l *listing) Close() error {
	l.session.release()
	return l.session.answer(l.dir.Close())
}

// single is the answer to a stat.
type single [1]os.FileInfo

// ListAt returns the one entry.
func (s single) ListAt(page []os.FileInfo, _ int64) (int, error) {
	copy(page, s[:])
	return 1, nil
}

// facts are what a partner is told about a file: size and time, and as its mode whether it can be written. Owners and
// numbers of this machine are nobody's business.
type facts struct {
	os.FileInfo
	place place
}

// Mode is what the partner may do, not what the disk has.
func (f facts) Mode() os.FileMode {
	switch {
	case f.place.isFolder():
		return os.ModeDir | 0o700
	case f.place.draft:
		return 0o600
	default:
		return 0o400
	}
}

// Sys returns nothing.
func (f facts) Sys() any { return nil }
