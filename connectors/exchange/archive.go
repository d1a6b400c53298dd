package exchange

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// archive keeps every file that went out or came in: <root>/out|in/<partner>/<date>/<name>, its manifest beside it. A file
// is there whole or not at all. Its own faults are Internal; a full disk is Unavailable.
type archive struct{ root string }

func (a archive) out(f card.File) string {
	return filepath.Join(a.root, "out", f.Partner, f.Date, f.Name())
}
func (a archive) in(f card.File) string {
	return filepath.Join(a.root, "in", f.Partner, f.Date, f.Name())
}

// has tells whether f came in.
func (a archive) has(f card.File) bool {
	_, err := os.Stat(a.in(f))
	return err == nil
}

func archiveError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return card.E(card.Unavailable, "exchange.archive", card.ReasonDiskFull, err)
	}
	return card.E(card.Internal, "exchange.archive", "", err)
}

// staleAfter is when an unfinished file is surely nobody's any more.
const staleAfter = 24 * time.Hour

// part is a file of the archive that is being written under another name.
type part struct {
	*os.File
	path string // where it will be
}

// begin starts the file at path, and clears what killed processes left of earlier attempts.
func begin(path string) (*part, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, archiveError(err)
	}
	pattern := filepath.Base(path) + ".*.part"
	left, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil, archiveError(err)
	}
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = os.Remove(name) // whoever comes next tries again
		}
	}
	file, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, archiveError(err)
	}
	return &part{file, path}, nil
}

// Write is the archive's own, so that a full disk is not taken for the partner's fault.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	return n, archiveError(err)
}

// seal makes the bytes outlive a power failure.
func (p *part) seal() error {
	return archiveError(errors.Join(p.Sync(), p.Close()))
}

// place gives the sealed file its name, in place of what has it.
func (p *part) place() error { return archiveError(os.Rename(p.Name(), p.path)) }

// discard removes the file if it was not placed.
func (p *part) discard() {
	_ = p.Close()
	_ = os.Remove(p.Name())
}

// keep writes a small file whole.
func keep(path string, text []byte) error {
	p, err := begin(path)
	if err != nil {
		return err
	}
	defer p.discard()
	if _, err := p.Write(text); err != nil {
		return archiveError(err)
	}
	if err := p.seal(); err != nil {
		return err
	}
	return p.place()
}

// digester counts and digests what is written.
type digester struct {
	sum  hash.Hash
	size int64
}

func newDigester() *digester { return &digester{sum: sm3.New()} }

func (d *digester) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	return d.sum.Write(p)
}

func (d *digester) hex() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// measure digests the file at path; without an error, nil means that there is none.
func measure(path string) (*digester, error) {
	file, err := os.Open(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, archiveError(err)
	}
	defer func() { _ = file.Close() }()
	d := newDigester()
	if _, err := io.Copy(d, file); err != nil {
		return nil, archiveError(err)
	}
	return d, nil
}

// is tells whether what was digested is what m promises.
func (d *digester) is(m card.Manifest) bool { return d.size == m.Size && d.hex() == m.SM3 }

// matcher compares what is written to it with a file of the archive.
type matcher struct {
	file  *os.File
	local *bufio.Reader
}

var errDiffers = errors.New("the bytes differ from the archived ones")

func newMatcher(path string) (*matcher, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, archiveError(err)
	}
	return &matcher{file, bufio.NewReaderSize(file, 64<<10)}, nil
}

func (m *matcher) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n := min(len(p)-done, m.local.Size())
		ours, err := m.local.Peek(n)
		if errors.Is(err, io.EOF) || !bytes.Equal(ours, p[done:done+len(ours)]) {
			return done, errDiffers
		}
		if err != nil {
			return done, archiveError(err)
		}
		if _, err := m.local.Discard(n); err != nil {
			return done, archiveError(err)
		}
		done += n
	}
	return len(p), nil
}

func (m *matcher) Close() error { return m.file.Close() }

// quarantine puts the file at path, which a partner sent and which cannot be used, out of the way and says beside it why.
// The digest in the new name keeps several bad files of one name apart.
func (a archive) quarantine(f card.File, path, name, digest string, why error) error {
	to := a.aside(f, name, digest)
	if err := keep(to+".reason", fmt.Appendf(nil, "reason=%s\ntime=%s\n%v\n",
		card.ReasonOf(why), time.Now().UTC().Format(time.RFC3339), why)); err != nil {
		return err
	}
	return archiveError(os.Rename(path, to))
}

// aside is where a bad edition of f lies; without a digest it is how the names of all of them begin.
func (a archive) aside(f card.File, name, digest string) string {
	if digest != "" {
		name = fmt.Sprintf("%s.%.16s", name, digest)
	}
	return filepath.Join(a.root, "quarantine", f.Partner, f.Date, name)
}
