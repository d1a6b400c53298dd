package exchange

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// compare holds what the partner has under a final name against our bytes. Where it must not be read, a file of our size
// counts as ours if the archive says that this very content was about to get its name: then this hub has sent it.
func (p publication) compare(s *session, name string) (verdict, error) {
	v, err := p.compareSent(s, name)
	if err != nil || v != equal || !p.lane.ReadOnce {
		return v, err
	}
	sent, err := os.ReadFile(p.path + ".sent")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return missing, archiveError(err)
	}
	if string(sent) != p.manifest.SM3 {
		return different, nil
	}
	return equal, nil
}

// noteSent is called when the partner has our bytes, before they get their name.
func (p publication) noteSent() error {
	if !p.lane.ReadOnce {
		return nil
	}
	return keep(p.path+".sent", []byte(p.manifest.SM3))
}

// compareSent holds what the partner has under name against our bytes, or against their number where it must not be read.
func (p publication) compareSent(s *session, name string) (verdict, error) {
	if p.lane.ReadOnce {
		return s.compareSize(name, p.manifest.Size)
	}
	return s.compare(name, p.local, p.manifest.Size, p.meter)
}

// compareText holds what the partner has under name against text.
func (p publication) compareText(s *session, name string, text []byte) (verdict, error) {
	if p.lane.ReadOnce {
		return s.compareSize(name, int64(len(text)))
	}
	back, err := s.read(name)
	switch {
	case err != nil || back == nil:
		return missing, err
	case bytes.Equal(back, text):
		return equal, nil
	default:
		return different, nil
	}
}

// compareManifest tells whether a manifest of the partner's side is ours. Who signed it does not matter here: keys are
// changed, and the content is ours.
func (p publication) compareManifest(s *session, name string) (verdict, error) {
	if p.lane.ReadOnce {
		return p.weighManifest(s, name)
	}
	text, err := s.read(name)
	if err != nil || text == nil {
		return missing, err
	}
	if have, err := parseManifest(text); err != nil || have.Manifest != p.manifest {
		return different, nil
	}
	return equal, nil
}

// weighManifest goes by the size of the manifest that an earlier run has archived.
func (p publication) weighManifest(s *session, name string) (verdict, error) {
	kept, err := os.ReadFile(p.path + ".ok")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return missing, archiveError(err)
	}
	return s.compareSize(name, int64(len(kept)))
}

// compareSize holds the size of name against size.
func (s *session) compareSize(name string, size int64) (verdict, error) {
	info, err := s.find(name)
	switch {
	case err != nil || info == nil:
		return missing, err
	case info.Mode().IsRegular() && info.Size() == size:
		return equal, nil
	default:
		return different, nil
	}
}

// find describes the file called name; without an error, nil means that there is none.
func (s *session) find(name string) (os.FileInfo, error) {
	info, err := s.files.Lstat(name)
	if gone, err := absent(err); gone || err != nil {
		return nil, err
	}
	return info, nil
}
