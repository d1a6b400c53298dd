package exchange

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// window is how many bytes of a file are asked for ahead of their turn; it bounds the memory of a transfer.
const window = 2 << 20

// absent takes "no such file" for an answer.
func absent(err error) (bool, error) {
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	return false, err
}

var errNotFile = errors.New("not a plain file")

// open opens a file for reading and returns its size; without an error, a nil file means that there is none.
func (s *session) open(name string) (stored, int64, error) {
	file, err := s.files.Open(name)
	if err != nil {
		_, err = absent(err)
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotFile
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open %s: %w", name, err), file.Close())
	}
	return file, info.Size(), nil
}

// read returns a manifest's text, at most one byte more than a manifest may have; nil means that there is none.
func (s *session) read(name string) ([]byte, error) {
	return s.readSafely(name, func([]byte) error { return nil })
}

// readSafely is read that makes the text safe before the partner's server is told that it was read.
func (s *session) readSafely(name string, secure func([]byte) error) ([]byte, error) {
	file, _, err := s.open(name)
	if err != nil || file == nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return text, secure(text)
}

// verdict is what a look at the partner's side says about a file.
type verdict int

const (
	missing verdict = iota
	equal
	different
)

// compare reads name back and holds it against the file at path, which has size bytes.
func (s *session) compare(name, path string, size int64, m *meter) (verdict, error) {
	file, found, err := s.open(name)
	if err != nil || file == nil {
		return missing, err
	}
	defer func() { _ = file.Close() }()
	if found != size {
		return different, nil
	}
	local, err := newMatcher(path)
	if err != nil {
		return missing, err
	}
	defer func() { _ = local.Close() }()
	err = pull(file, size, s.packet, io.MultiWriter(local, m))
	if errors.Is(err, errDiffers) {
		return different, nil
	}
	if err != nil {
		return missing, fmt.Errorf("read back %s: %w", name, err)
	}
	return equal, nil
}

// upload writes the file at path to name, replacing what an earlier attempt left there.
func (s *session) upload(name, path string, m *meter) error {
	local, err := os.Open(filepath.Clean(path))
	if err != nil {
		return archiveError(err)
	}
	defer func() { _ = local.Close() }()
	return s.write(name, io.TeeReader(local, m))
}

func (s *session) write(name string, from io.Reader) error {
	if err := s.files.store(name, from); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// rename gives a file its final name in one step; servers without the extension refuse a name that is taken.
func (s *session) rename(from, to string) error {
	if err := s.files.rename(from, to); err != nil {
		return fmt.Errorf("rename to %s: %w", to, err)
	}
	return nil
}

// slot holds one piece of a file that was asked for.
type slot struct {
	buf  []byte
	err  error
	done chan struct{}
}

func (s *slot) ask(from io.ReaderAt, offset int64, size int) {
	s.buf = s.buf[:size]
	go func() {
		n, err := from.ReadAt(s.buf, offset)
		switch {
		case n == size:
			err = nil
		case err == nil || errors.Is(err, io.EOF):
			err = io.ErrUnexpectedEOF // shorter than it was a moment ago
		}
		s.err = err
		s.done <- struct{}{}
	}()
}

// pull copies the first size bytes of from to the writer, in order, with several reads under way at once. The library's
// own WriteTo leaves out bytes when a server answers a read with less than was asked for.
func pull(from io.ReaderAt, size int64, packet int, to io.Writer) error {
	pieces := (size + int64(packet) - 1) / int64(packet)
	slots := make([]slot, min(int64(max(1, window/packet)), pieces))
	for i := range slots {
		slots[i] = slot{buf: make([]byte, packet), done: make(chan struct{}, 1)}
	}
	turn := func(i int64) *slot { return &slots[i%int64(len(slots))] }
	var asked, taken int64
	defer func() {
		for ; taken < asked; taken++ {
			<-turn(taken).done // the buffers are in use until then
		}
	}()
	for taken < pieces {
		for ; asked < min(pieces, taken+int64(len(slots))); asked++ {
			offset := asked * int64(packet)
			turn(asked).ask(from, offset, int(min(int64(packet), size-offset)))
		}
		s := turn(taken)
		<-s.done
		taken++
		if s.err != nil {
			return s.err
		}
		if _, err := to.Write(s.buf); err != nil {
			return err
		}
	}
	return nil
}
