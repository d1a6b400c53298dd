package exchange

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"onecard/card"
)

// declaredOnce returns the manifest of a file on a server that lets it be read only once: it is in the archive before it
// counts as read there, and is not asked for again.
func (c *collection) declaredOnce(s *session) ([]byte, error) {
	kept, err := os.ReadFile(filepath.Clean(c.path + ".ok"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, archiveError(err)
	}
	if kept != nil && c.has(c.file) {
		return kept, nil
	}
	// Beside a manifest whose file never came a new one may lie by now.
	for _, name := range c.places(".ok") {
		text, err := s.readSafely(name, func(text []byte) error { return keep(c.path+".ok", text) })
		if errors.Is(err, os.ErrPermission) {
			continue // it was read before
		}
		if err != nil || text != nil {
			return text, err
		}
	}
	if kept != nil {
		return kept, nil
	}
	return nil, c.fault(card.Later, "", "is not there yet")
}

// forgetManifest removes the manifest of a file that is refused: the partner will send another one.
func (c *collection) forgetManifest() error {
	if !c.lane.ReadOnce {
		return nil
	}
	if err := os.Remove(c.path + ".ok"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return archiveError(err)
	}
	return nil
}

// rememberTaken notes, while the file is still open over there, that it is in the archive and how it looked.
func (c *collection) rememberTaken(look sight) error {
	if !c.lane.ReadOnce && c.lane.Manifests != ManifestsNone {
		return nil
	}
	return c.memory(c.lane.Partner).keep(c.file, taken, look)
}
