package sim

import (
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/emmansun/gmsm/sm3"
)

// layoutOf is the version of the partner's layout of a kind.
func (p *Partner) layoutOf(kind string) int {
	if f := p.forms[kind]; f != nil {
		return f.version
	}
	return 1
}

// standard returns the file in, which came with manifest m, in the standard layout, and the manifest of that: the file itself, or
// a translation for whose end the caller cares.
func (p *Partner) standard(m Manifest, in *os.File) (*os.File, Manifest, error) {
	form := p.forms[m.Name.Kind]
	if form == nil {
		return in, m, nil
	}
	out, err := os.OpenFile(p.work(m.Name.String()+".plain"), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, m, err
	}
	plain, err := form.unfold(m, in, out)
	if err != nil {
		return nil, m, errors.Join(err, out.Close(), os.Remove(out.Name()))
	}
	return out, plain, nil
}

// unfold writes the file in as one of the standard layout to out, and returns the manifest of that; in must be what m says.
func (f *Form) unfold(m Manifest, in io.Reader, out io.WriteSeeker) (Manifest, error) {
	digest, size := sm3.New(), tally(0)
	found, err := f.translate(in, m.Name, io.MultiWriter(out, digest, &size))
	switch {
	case err != nil:
		return m, err
	case found.Rows != m.Rows:
		return m, &Refusal{Code: "FILE_ROWS"}
	case found.Total != m.Total:
		return m, &Refusal{Code: "FILE_TOTAL"}
	case found.Size != m.Size:
		return m, &Refusal{Code: "FILE_SIZE"}
	case found.SM3 != m.SM3:
		return m, &Refusal{Code: "FILE_DIGEST"}
	}
	m.Version, m.Size, m.SM3 = 1, int64(size), hex.EncodeToString(digest.Sum(nil))
	_, err = out.Seek(0, io.SeekStart)
	return m, err
}

// replace writes the standard file at path anew in the form, and returns the manifest of that.
func (f *Form) replace(path string, m Manifest) (Manifest, error) {
	in, err := os.Open(path) //nolint:gosec // a partner's own folder
	if err != nil {
		return m, err
	}
	out, err := os.OpenFile(path+".own", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return m, errors.Join(err, in.Close())
	}
	m, err = f.dress(in, m, out)
	if err := errors.Join(err, out.Close(), in.Close()); err != nil {
		return m, errors.Join(err, os.Remove(out.Name()))
	}
	return m, os.Rename(out.Name(), path)
}
