package exchange

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"onecard/card"
)

// draft is a file on its way into the archive and out to the partner.
type draft struct {
	*part
	manifest card.Manifest
	meter    *meter
	local    string // where its bytes are
}

// draft writes the content anew. It takes its place at once, unless the archive has an older content of that name: this
// may be published already.
func (a archive) draft(
	f card.File, layout string, write func(io.Writer) (Totals, error), m *meter,
) (*draft, error) {
	p, err := begin(a.out(f))
	if err != nil {
		return nil, err
	}
	manifest := card.Manifest{Name: f.Name(), Layout: layout, Date: f.Date, Sequence: f.Seq}
	d := &draft{part: p, manifest: manifest, meter: m, local: p.Name()}
	if err := d.fill(write); err != nil {
		d.discard()
		return nil, fmt.Errorf("%s: write %s: %w", opPublish, f.Name(), err)
	}
	if _, err := os.Lstat(d.path); errors.Is(err, fs.ErrNotExist) {
		if err := d.settle(); err != nil {
			d.discard()
			return nil, err
		}
	}
	return d, nil
}

// settle gives the draft its place in the archive.
func (d *draft) settle() error {
	if d.local == d.path {
		return nil
	}
	if err := d.place(); err != nil {
		return err
	}
	d.local = d.path
	return nil
}

func (d *draft) fill(write func(io.Writer) (Totals, error)) error {
	digest := newDigester()
	out := bufio.NewWriterSize(io.MultiWriter(d.part, digest, d.meter), 64<<10)
	totals, err := write(out)
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return archiveError(err)
	}
	d.manifest.Rows, d.manifest.TotalFen = totals.Rows, totals.Fen
	d.manifest.Size, d.manifest.SM3 = digest.size, digest.hex()
	if err := checkShape(d.manifest); err != nil {
		return card.E(card.Invalid, opPublish, card.ReasonFileManifest, err)
	}
	return d.seal()
}
