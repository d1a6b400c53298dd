package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"

	"onecard/card"
)

const opPublish = "exchange.publish"

// Totals are what a file's trailer says: its detail rows, and the money in them in fen.
type Totals struct {
	Rows int
	Fen  int64
}

// Publish has write make the content of f, archives it, and brings it to the partner's inbox with proof; layout is such as
// ACCTREQ/1. Content that is already there (also when the partner has moved it to done/) is not sent again.
//
// The error is Unavailable when the partner, or the way to it, failed: repeating is safe at any point. It is Conflict when
// another content has the name already, Invalid when f or layout have no valid name, and write's own error otherwise.
func (x *Exchange) Publish(
	ctx context.Context, f card.File, layout string, write func(io.Writer) (Totals, error),
) (card.Proof, error) {
	if err := checkPublished(f, layout); err != nil {
		return card.Proof{}, err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return card.Proof{}, err
	}
	end, err := x.busy.take(ctx, f.Name())
	if err != nil {
		return card.Proof{}, l.unavailable(opPublish, err)
	}
	defer end()
	d, err := x.archive.draft(f, layout, write, newMeter(ctx))
	if err != nil {
		return card.Proof{}, err
	}
	defer d.discard()
	if x.written != nil {
		if err := x.written(ctx, f, d.manifest); err != nil {
			return card.Proof{}, err
		}
	}
	return d.publish(ctx, l)
}

func checkPublished(f card.File, layout string) error {
	if err := checkName(opPublish, f); err != nil {
		return err
	}
	if !layoutShape.MatchString(layout) || !strings.HasPrefix(layout, string(f.Kind)+"/") {
		return card.E(card.Invalid, opPublish, card.ReasonFileLayout, fmt.Errorf("%s: not a layout of it", f.Name()))
	}
	return nil
}

// publication is one run of the proof protocol.
type publication struct {
	*draft
	lane *lane
	key  *sm2.PrivateKey
}

func (d *draft) publish(ctx context.Context, l *lane) (card.Proof, error) {
	key, err := l.signKey()
	if err != nil {
		return card.Proof{}, card.E(card.Internal, opPublish, "", err)
	}
	if err := l.use(ctx, opPublish, publication{d, l, key}.run); err != nil {
		return card.Proof{}, err
	}
	// Whichever way run came to its end, the partner's bytes, or the manifest that it kept of them, were compared with ours;
	// or no more than their number, where they must not be read.
	return card.Proof{
		Manifest: d.manifest, RemoteSize: d.manifest.Size, ConfirmedAt: time.Now().UTC(), SizeOnly: l.ReadOnce,
	}, nil
}

func (p publication) inbox(suffix string) string {
	return path.Join(p.lane.Inbox, p.manifest.Name+suffix)
}
func (p publication) done(suffix string) string {
	return path.Join(p.lane.Inbox, "done", p.manifest.Name+suffix)
}

// run looks, uploads, reads back, renames, and writes the manifest last; each only if it is still to do.
func (p publication) run(s *session) error {
	found, err := p.look(s)
	if err != nil {
		return err
	}
	// Only now is it certain that no older content of the archive was published.
	if err := p.settle(); err != nil {
		return err
	}
	if found == nowhere {
		if err := p.send(s); err != nil {
			return err
		}
	}
	if found == published || p.lane.Manifests == ManifestsNone {
		return nil
	}
	return p.declare(s)
}

// progress is how far an earlier run came.
type progress int

const (
	nowhere    progress = iota
	undeclared          // the file is there, its manifest is not
	published
)

// look tells how far an earlier run came. The order matters: the partner moves files from the inbox to done/, never back.
func (p publication) look(s *session) (progress, error) {
	for _, name := range []string{p.inbox(""), p.done("")} {
		v, err := p.compare(s, name)
		switch {
		case err != nil:
			return nowhere, err
		case v == different:
			return nowhere, p.conflict(card.ReasonFileDigest, "another content")
		case v == equal && (name == p.done("") || p.lane.Manifests == ManifestsNone):
			return published, nil
		case v == equal:
			return p.declared(s, undeclared, p.inbox(".ok"), p.done(".ok"))
		}
	}
	// A partner may keep no more than the manifest of what it has done.
	return p.declared(s, nowhere, p.done(".ok"))
}

// declared returns published when one of names is our manifest, otherwise when there is none.
func (p publication) declared(s *session, otherwise progress, names ...string) (progress, error) {
	for _, name := range names {
		v, err := p.compareManifest(s, name)
		switch {
		case err != nil:
			return nowhere, err
		case v == different:
			return nowhere, p.conflict(card.ReasonFileManifest, "another manifest")
		case v == equal:
			return published, nil
		}
	}
	return otherwise, nil
}

func (p publication) conflict(reason card.Reason, what string) error {
	return card.E(card.Conflict, opPublish, reason,
		fmt.Errorf("partner %s has %s under the name %s", p.lane.Partner, what, p.manifest.Name))
}

func (p publication) send(s *session) error {
	temporary := p.inbox(".tmp")
	if err := s.upload(temporary, p.local, p.meter); err != nil {
		return err
	}
	// Concurrent writes of an aborted attempt can leave holes: only what was read back counts.
	v, err := p.compareSent(s, temporary)
	if err != nil {
		return err
	}
	if v != equal {
		return p.broken(temporary)
	}
	if err := p.noteSent(); err != nil {
		return err
	}
	return s.rename(temporary, p.inbox(""))
}

func (p publication) declare(s *session) error {
	text, err := p.manifestText()
	if err != nil {
		return err
	}
	final := p.inbox(".ok")
	if err := s.write(final+".tmp", bytes.NewReader(text)); err != nil {
		return err
	}
	v, err := p.compareText(s, final+".tmp", text)
	if err != nil {
		return err
	}
	if v != equal {
		return p.broken(final + ".tmp")
	}
	err = s.rename(final+".tmp", final)
	if err != nil && answered(err) {
		// Some servers replace nothing: the manifest may be there from a run whose file the partner has lost since.
		if v, again := p.compareManifest(s, final); again == nil && v == equal {
			return nil
		}
	}
	return err
}

// manifestText returns the text of the manifest, which is archived before it is sent. An earlier run's is used again: where
// nothing can be read back its size must stay the same.
func (p publication) manifestText() ([]byte, error) {
	kept, err := os.ReadFile(p.path + ".ok")
	if err == nil {
		if m, err := parseManifest(kept); err == nil && m.Manifest == p.manifest && m.by(&p.key.PublicKey) {
			return kept, nil
		}
	}
	text, err := encodeManifest(p.manifest, p.key)
	if err != nil {
		return nil, card.E(card.Internal, opPublish, "", err)
	}
	return text, keep(p.path+".ok", text)
}

func (p publication) broken(name string) error {
	return card.E(card.Unavailable, opPublish, card.ReasonFileDigest,
		fmt.Errorf("partner %s: %s was not stored as it was sent", p.lane.Partner, name))
}
