package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"onecard/card"
)

// Copy is one set of bytes that the archive has under the name of a file.
type Copy struct {
	Place    string `json:"place"` // out, in, quarantine
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	SM3      string `json:"sm3"`
	Manifest bool   `json:"manifest,omitempty"` // it is a manifest
	Why      string `json:"why,omitempty"`      // of a quarantined one
}

// Copies returns all that the archive has under the name of f, its bytes digested anew.
func (x *Exchange) Copies(f card.File) ([]Copy, error) {
	if err := checkName("exchange.copies", f); err != nil {
		return nil, err
	}
	var copies []Copy
	for _, place := range []struct{ name, path string }{{"out", x.archive.out(f)}, {"in", x.archive.in(f)}} {
		for _, suffix := range []string{"", ".ok"} {
			if err := addCopy(&copies, place.name, place.path+suffix, suffix != ""); err != nil {
				return nil, err
			}
		}
	}
	aside, err := filepath.Glob(x.archive.aside(f, f.Name(), "") + "*")
	if err != nil {
		return nil, archiveError(err)
	}
	for _, name := range aside {
		if strings.HasSuffix(name, ".reason") || strings.HasSuffix(name, ".part") {
			continue
		}
		if err := addCopy(&copies, "quarantine", name, strings.HasPrefix(filepath.Base(name), f.Name()+".ok.")); err != nil {
			return nil, err
		}
	}
	return copies, nil
}

func addCopy(copies *[]Copy, place, name string, manifest bool) error {
	d, err := measure(name)
	if err != nil || d == nil {
		return err
	}
	c := Copy{Place: place, Path: name, Size: d.size, SM3: d.hex(), Manifest: manifest}
	if place == "quarantine" {
		why, err := os.ReadFile(filepath.Clean(name + ".reason"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return archiveError(err)
		}
		c.Why = strings.TrimSpace(string(why))
	}
	*copies = append(*copies, c)
	return nil
}

// maxStray is the largest file of which the bytes are kept although its name is none of the exchange.
const maxStray = 64 << 20

// TakeStray puts the bytes of a file whose name is none of the exchange into quarantine under the hub's own name for it, and
// returns their digest; it is empty for what cannot be read, or is too large to be kept. The partner's copy stays.
func (x *Exchange) TakeStray(ctx context.Context, name string, as card.File, why error) (sm3 string, err error) {
	const op = "exchange.stray"
	if err := checkName(op, as); err != nil {
		return "", err
	}
	l, err := x.lane(as.Partner)
	if err != nil || path.Base(name) != name || name == ".." || name == "." {
		return "", err
	}
	err = l.use(ctx, op, func(s *session) error {
		file, size, err := s.open(path.Join(l.Outbox, name))
		if errors.Is(err, errNotFile) || refused(err) || err == nil && file == nil {
			return nil
		}
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if size > maxStray {
			return nil
		}
		p, err := begin(x.archive.in(as))
		if err != nil {
			return err
		}
		defer p.discard()
		d := newDigester()
		if err := pull(file, size, s.packet, io.MultiWriter(p, d)); err != nil {
			return fmt.Errorf("read a stray file: %w", err)
		}
		sm3 = d.hex()
		return errors.Join(p.seal(), x.archive.quarantine(as, p.Name(), as.Name(), sm3, why))
	})
	return sm3, err
}
