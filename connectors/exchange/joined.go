package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"onecard/card"
)

// joined is remembered of a file that is in the archive and need not be asked for at the partner: it came by hand, or was
// taken out of quarantine.
const joined what = "joined"

// Rejoin puts a partner's file that came by hand into the archive: the file at path with its manifest at ok, checked as if it
// had been collected. From then on Collect returns it without asking the partner. Repeating it is harmless.
//
// The error is Invalid, with the reason, for a file or manifest that is not what it says; its bytes then lie in quarantine.
func (x *Exchange) Rejoin(ctx context.Context, f card.File, path, ok string) (card.Manifest, error) {
	if err := checkName("exchange.rejoin", f); err != nil {
		return card.Manifest{}, err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return card.Manifest{}, err
	}
	key, err := l.verifyKey()
	if err != nil {
		return card.Manifest{}, card.E(card.Internal, "exchange.rejoin", "", err)
	}
	end, err := x.busy.take(ctx, f.Name())
	if err != nil {
		return card.Manifest{}, err
	}
	defer end()
	c := collection{archive: x.archive, lane: l, file: f, key: key, maxBytes: x.maxBytes, meter: newMeter(ctx), path: x.archive.in(f)}
	if err := c.join(path, ok); err != nil {
		return card.Manifest{}, err
	}
	return c.manifest, x.archive.memory(f.Partner).keep(f, joined, sight{Size: c.manifest.Size})
}

// join is run for a file that lies on a disk of ours.
func (c *collection) join(path, ok string) error {
	text, err := c.manifestOfJoined(ok)
	if err != nil {
		return err
	}
	if text != nil {
		if c.manifest, err = c.accept(text); err != nil {
			return c.refuse(text, err)
		}
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return card.E(card.NotFound, "exchange.rejoin", card.ReasonNoSuchFile, err)
	}
	defer func() { _ = file.Close() }()
	p, err := begin(c.path)
	if err != nil {
		return err
	}
	defer p.discard()
	d := newDigester()
	if _, err := io.Copy(io.MultiWriter(p, d, c.meter), io.LimitReader(file, c.maxBytes+1)); err != nil {
		return archiveError(err)
	}
	if text == nil {
		c.describe(d)
	}
	if d.is(c.manifest) {
		if err := c.makeRoom(d); err != nil {
			return err
		}
	}
	if text == nil {
		return errors.Join(p.seal(), p.place())
	}
	return c.finish(p, d, text, false)
}

// makeRoom sets an edition aside that was collected before and is not the one that came by hand.
func (c *collection) makeRoom(d *digester) error {
	have, err := measure(c.path)
	if err != nil || have == nil || have.hex() == d.hex() {
		return err
	}
	return c.quarantine(c.file, c.path, c.file.Name(), have.hex(), c.fault(card.Conflict, card.ReasonFileHeld, "was replaced by one that came by hand"))
}

// manifestOfJoined reads the manifest of a file that came by hand; nil where there are none.
func (c *collection) manifestOfJoined(path string) ([]byte, error) {
	if c.lane.Manifests == ManifestsNone {
		return nil, nil
	}
	file, err := os.Open(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, c.fault(card.Invalid, card.ReasonFileNoManifest, "came without its manifest beside it")
	}
	if err != nil {
		return nil, archiveError(err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxManifest+1))
	return text, archiveError(err)
}

// Restore takes the bytes with the digest sm3 of f out of quarantine again. From then on Collect returns them without asking
// the partner. Repeating it is harmless. The error is NotFound with FILE_ARCHIVE when they are not there.
func (x *Exchange) Restore(f card.File, sm3 string) error {
	if err := checkName("exchange.restore", f); err != nil {
		return err
	}
	have, err := measure(x.archive.in(f))
	if err != nil {
		return err
	}
	if have == nil || have.hex() != sm3 {
		from := x.archive.aside(f, f.Name(), sm3)
		set, err := measure(from)
		if err != nil {
			return err
		}
		if set == nil || set.hex() != sm3 {
			return card.E(card.NotFound, "exchange.restore", card.ReasonFileArchive, fmt.Errorf("%s is not in quarantine", f.Name()))
		}
		if err := os.Rename(from, x.archive.in(f)); err != nil {
			return archiveError(err)
		}
		have = set
	}
	return x.archive.memory(f.Partner).keep(f, joined, sight{Size: have.size})
}

// joinedCopy returns a file that need not be asked for, nil for any other.
func (x *Exchange) joinedCopy(l *lane, f card.File) (*Received, error) {
	look, err := x.archive.memory(f.Partner).recall(f, joined)
	if err != nil || look == nil {
		return nil, err
	}
	have, err := measure(x.archive.in(f))
	if err != nil || have == nil {
		return nil, err
	}
	c := collection{archive: x.archive, lane: l, file: f, path: x.archive.in(f)}
	r := &Received{File: f, Path: c.path, Undeclared: l.Manifests == ManifestsNone}
	if r.Undeclared {
		c.describe(have)
		r.Manifest = c.manifest
		return r, nil
	}
	text, err := os.ReadFile(c.path + ".ok")
	if err != nil {
		return nil, archiveError(err)
	}
	m, err := parseManifest(text)
	if err != nil || !have.is(m.Manifest) {
		return nil, card.E(card.Internal, opCollect, card.ReasonFileArchive, errors.Join(fmt.Errorf("%s is not as its manifest says", f.Name()), err))
	}
	r.Manifest = m.Manifest
	return r, nil
}
