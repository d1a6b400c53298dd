package sim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// maxTrailer is the longest last line, in bytes: T|<10 digits>|<19 digits> and its line feed.
const maxTrailer = 40

// undeclared makes for a file that came without a manifest the one that it would have had. A file without a whole last line
// is refused: it was not all there.
func (p *Partner) undeclared(n FileName, in io.ReadSeeker) (Manifest, error) {
	if f := p.forms[n.Kind]; f != nil {
		m, err := f.translate(in, n, io.Discard)
		_, again := in.Seek(0, io.SeekStart)
		return m, errors.Join(err, again)
	}
	digest := sm3.New()
	size, err := io.Copy(digest, in)
	if err != nil {
		return Manifest{}, err
	}
	if _, err := in.Seek(max(0, size-maxTrailer), io.SeekStart); err != nil {
		return Manifest{}, err
	}
	tail, err := io.ReadAll(in)
	if err != nil {
		return Manifest{}, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return Manifest{}, err
	}
	rows, total, ok := trailerOf(tail)
	if !ok {
		return Manifest{}, &Refusal{Code: "FILE_SIZE", Detail: "last line"}
	}
	return Manifest{Name: n, Version: 1, Size: size, Rows: int(rows), Total: total, SM3: hex.EncodeToString(digest.Sum(nil))}, nil
}

// trailerOf reads the last line of what a file ends with.
func trailerOf(tail []byte) (rows, total int64, ok bool) {
	text, ended := bytes.CutSuffix(tail, []byte("\n"))
	line := string(text[bytes.LastIndexByte(text, '\n')+1:])
	fields := strings.Split(line, "|")
	if !ended || len(fields) != 3 || fields[0] != "T" {
		return 0, 0, false
	}
	rows, err := plainNumber(fields[1])
	total, err2 := plainNumber(fields[2])
	return rows, total, err == nil && err2 == nil
}

// pieces is in how many pieces a partner writes that does not care who is reading.
const pieces = 8

// grow writes the file at from to path little by little, under the name that readers look for.
func (p *Partner) grow(from, to string) error {
	text, err := os.ReadFile(from) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	for n := range pieces {
		_, err := out.Write(text[n*len(text)/pieces : (n+1)*len(text)/pieces])
		if err != nil {
			return errors.Join(err, out.Close())
		}
		p.pause(p.cfg.Rest / pieces)
	}
	return out.Close()
}

func (p *Partner) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.closing.Done():
	}
}
