package exchange

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"onecard/card"
)

const opCollect = "exchange.collect"

// Received is a partner's file in the archive: its bytes are those that the manifest promises, and the partner signed it.
// What is in it nobody has looked at; Manifest.Rows and TotalFen are for whoever does to hold against. Of a file that nobody
// declared (ManifestsNone) Manifest is what was found: its Rows and TotalFen are 0 and mean nothing.
type Received struct {
	File       card.File
	Manifest   card.Manifest
	Path       string
	Undeclared bool // there was no manifest; that the file is whole only its last line can tell
}

// Declared returns the partner's manifest, nil when there was none.
func (r *Received) Declared() *card.Manifest {
	if r.Undeclared {
		return nil
	}
	return &r.Manifest
}

// Open opens the archived file for reading.
func (r *Received) Open() (io.ReadCloser, error) {
	file, err := os.Open(filepath.Clean(r.Path))
	if err != nil {
		return nil, archiveError(err)
	}
	return file, nil
}

// Collect fetches f from the partner's outbox into the archive. What is archived already is not fetched again, also after
// Done.
//
// The error is Later while the partner has not declared the file, or while it still changes, Unavailable when the partner, or the way to it, failed;
// both may simply be repeated. It is Invalid, with the reason, for a file or manifest that is not what it says: its bytes
// then lie in quarantine. It is Conflict when the partner changed a file after it was archived.
func (x *Exchange) Collect(ctx context.Context, f card.File) (*Received, error) {
	if err := checkName(opCollect, f); err != nil {
		return nil, err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return nil, err
	}
	key, err := l.verifyKey()
	if err != nil {
		return nil, card.E(card.Internal, opCollect, "", err)
	}
	end, err := x.busy.take(ctx, f.Name())
	if err != nil {
		return nil, l.unavailable(opCollect, err)
	}
	defer end()
	if r, err := x.joinedCopy(l, f); r != nil || err != nil {
		return r, err
	}
	c := collection{
		archive: x.archive, lane: l, file: f, key: key, maxBytes: x.maxBytes, meter: newMeter(ctx), path: x.archive.in(f),
	}
	if err := l.use(ctx, opCollect, c.runAndGiveBack); err != nil {
		return nil, err
	}
	return &Received{File: f, Manifest: c.manifest, Path: c.path, Undeclared: l.Manifests == ManifestsNone}, nil
}

// Take is Collect for who wants to know no more than what was collected.
func (x *Exchange) Take(ctx context.Context, f card.File) (card.Manifest, error) {
	r, err := x.Collect(ctx, f)
	if err != nil {
		return card.Manifest{}, err
	}
	return r.Manifest, nil
}

// Quarantine takes a collected file that turned out to be unusable out of the archive; why is written beside it. Repeating
// it is harmless. The copy on a partner's server stays where it is; in an account of ours it moves to outbox/refused/.
func (x *Exchange) Quarantine(f card.File, why error) error {
	if err := checkName("exchange.quarantine", f); err != nil {
		return err
	}
	at := x.archive.in(f)
	d, err := measure(at)
	if err != nil || d == nil {
		return err
	}
	if err := x.giveBack(f, at+".ok"); err != nil {
		return err
	}
	if err := x.archive.quarantine(f, at, f.Name(), d.hex(), why); err != nil {
		return err
	}
	return x.archive.memory(f.Partner).forget(f, taken, joined)
}

// collection is one run of fetching a file.
type collection struct {
	archive
	lane     *lane
	file     card.File
	key      *ecdsa.PublicKey
	maxBytes int64
	meter    *meter
	path     string
	manifest card.Manifest
}

func (c *collection) run(s *session) error {
	if c.lane.Manifests == ManifestsNone {
		return c.runUndeclared(s)
	}
	text, err := c.declared(s)
	if err != nil {
		return err
	}
	if c.manifest, err = c.accept(text); err != nil {
		return c.refuse(text, err)
	}
	have, err := measure(c.path)
	if err != nil {
		return err
	}
	if have != nil && have.is(c.manifest) {
		return nil
	}
	return c.fetch(s, text, func(p *part, d *digester) error { return c.finish(p, d, text, have != nil) })
}

// places are where the file, or with a suffix its manifest, may lie.
func (c *collection) places(suffix string) []string {
	name := c.file.Name() + suffix
	return []string{path.Join(c.lane.Outbox, name), path.Join(c.lane.Outbox, "done", name)}
}

func (c *collection) declared(s *session) ([]byte, error) {
	if c.lane.ReadOnce {
		return c.declaredOnce(s)
	}
	for _, name := range c.places(".ok") {
		text, err := s.read(name)
		if err != nil || text != nil {
			return text, err
		}
	}
	return nil, c.fault(card.Later, "", "is not there yet")
}

// accept returns what the manifest says if it is one, speaks of this file, and comes from the partner.
func (c *collection) accept(text []byte) (card.Manifest, error) {
	m, err := parseManifest(text)
	switch {
	case err != nil:
		return card.Manifest{}, c.misfit(card.ReasonFileManifest, "", err.Error(), "a manifest as agreed")
	case !m.by(c.key):
		return card.Manifest{}, c.misfit(card.ReasonFileSignature, "signature", "a signature that the partner did not make", "one by the partner's registered key")
	case m.Name != c.file.Name():
		return card.Manifest{}, c.misfit(card.ReasonFileName, "name", "the manifest of "+m.Name, c.file.Name())
	case !strings.HasPrefix(m.Layout, string(c.file.Kind)+"/"):
		return card.Manifest{}, c.misfit(card.ReasonFileLayout, "layout", m.Layout, "a layout of "+string(c.file.Kind))
	case m.Size > c.maxBytes:
		return card.Manifest{}, c.tooLarge(m.Size)
	default:
		return m.Manifest, nil
	}
}

// fault makes an error about the file; none of its text comes from the partner.
func (c *collection) fault(kind card.Kind, reason card.Reason, what string) error {
	return card.E(kind, opCollect, reason, fmt.Errorf("partner %s: %s %s", c.lane.Partner, c.file.Name(), what))
}

// misfit refuses the file for what was found; name is the line of the manifest that is meant.
func (c *collection) misfit(reason card.Reason, name, found, expected string) error {
	what := card.Misplaced{Reason: reason, Name: name, Found: found, Expected: expected}
	return card.E(card.Invalid, opCollect, reason, fmt.Errorf("partner %s: %s: %w", c.lane.Partner, c.file.Name(), what))
}

func (c *collection) tooLarge(size int64) error {
	return c.misfit(card.ReasonFileTooLarge, "size", fmt.Sprintf("%d bytes", size), fmt.Sprintf("at most %d", c.maxBytes))
}

// refuse puts the manifest into quarantine for why.
func (c *collection) refuse(text []byte, why error) error {
	p, err := begin(c.path + ".ok")
	if err != nil {
		return err
	}
	defer p.discard()
	d := newDigester()
	if _, err := io.MultiWriter(p, d).Write(text); err != nil {
		return err
	}
	return c.setAside(p, c.file.Name()+".ok", d, why)
}

// setAside seals p and moves it into quarantine; the error is why, unless that fails.
func (c *collection) setAside(p *part, name string, d *digester, why error) error {
	if err := p.seal(); err != nil {
		return err
	}
	if err := c.quarantine(c.file, p.Name(), name, d.hex(), why); err != nil {
		return err
	}
	if err := c.forgetManifest(); err != nil {
		return err
	}
	return card.WithEdition(why, d.hex())
}

// fetch brings the raw bytes home before anything is said about them; finish then decides about them. The partner's file
// stays open until that has ended: a server that lets it be read only once does not count it as read before.
func (c *collection) fetch(s *session, manifest []byte, finish func(*part, *digester) error) error {
	file, size, err := c.open(s)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if size > c.maxBytes {
		return c.refuse(manifest, c.tooLarge(size))
	}
	p, err := begin(c.path)
	if err != nil {
		return err
	}
	defer p.discard()
	d := newDigester()
	if err := pull(file, size, s.packet, io.MultiWriter(p, d, c.meter)); err != nil {
		return fmt.Errorf("read %s: %w", c.file.Name(), err)
	}
	return finish(p, d)
}

// finish holds the bytes against the manifest and puts both into their places.
func (c *collection) finish(p *part, d *digester, text []byte, archived bool) error {
	if why := c.judge(d, archived); why != nil {
		return c.setAside(p, c.file.Name(), d, why)
	}
	if err := keep(c.path+".ok", text); err != nil {
		return err
	}
	if err := p.seal(); err != nil {
		return err
	}
	if err := p.place(); err != nil {
		return err
	}
	return c.rememberTaken(sight{Size: d.size})
}

func (c *collection) open(s *session) (stored, int64, error) {
	for _, name := range c.places("") {
		file, size, err := s.open(name)
		if err != nil || file != nil {
			return file, size, err
		}
	}
	return nil, 0, c.fault(card.Later, "", "is declared but not there")
}

func (c *collection) judge(d *digester, archived bool) error {
	switch {
	case d.size != c.manifest.Size:
		return c.misfit(card.ReasonFileSize, "size", fmt.Sprintf("%d bytes", d.size), fmt.Sprintf("%d as the manifest says", c.manifest.Size))
	case d.hex() != c.manifest.SM3:
		return c.misfit(card.ReasonFileDigest, "sm3", "the digest "+d.hex(), c.manifest.SM3+" as the manifest says")
	case archived:
		return c.fault(card.Conflict, card.ReasonFileDigest, "was changed after it was taken")
	default:
		return nil
	}
}
