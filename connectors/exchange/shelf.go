package exchange

import (
	"errors"
	"fmt"
	"os"
	"path"

	"onecard/card"
)

// shelf is what lies in a partner's outbox of one kind, and what the archive remembers beyond that.
type shelf struct {
	lane    *lane
	archive archive
	kind    card.FileKind
	there   map[string]os.FileInfo
}

// ready returns the files that can be collected.
func (h shelf) ready() ([]card.File, error) {
	var files []card.File
	for name, info := range h.there {
		f, err := card.ParseFileName(name)
		if err != nil || f.Kind != h.kind {
			continue
		}
		ok, err := h.isReady(f, info)
		if err != nil {
			return nil, err
		}
		if ok {
			files = append(files, f)
		}
	}
	vanished, err := h.vanished()
	if err != nil {
		return nil, err
	}
	return append(files, vanished...), h.tidy()
}

func (h shelf) isReady(f card.File, info os.FileInfo) (bool, error) {
	m := h.archive.memory(h.lane.Partner)
	finished, err := m.recall(f, done)
	if err != nil || (finished != nil && finished.sees(info)) {
		return false, err
	}
	if h.lane.Manifests == ManifestsNone {
		return m.still(f, info, h.lane.Stillness)
	}
	if h.there[f.Name()+".ok"] != nil {
		return true, nil
	}
	// Its manifest may have been read by somebody who was killed before the file came.
	_, err = os.Stat(h.archive.in(f) + ".ok")
	return h.lane.ReadOnce && err == nil, nil
}

// vanished returns what was collected from a server that has no more of it since, and is not done with.
func (h shelf) vanished() ([]card.File, error) {
	if !h.lane.ReadOnce {
		return nil, nil
	}
	all, err := h.archive.memory(h.lane.Partner).all(taken)
	var files []card.File
	for _, f := range all {
		if f.Kind == h.kind && h.there[f.Name()] == nil && h.archive.has(f) {
			files = append(files, f)
		}
	}
	return files, err
}

// tidy forgets what was remembered of files that have gone.
func (h shelf) tidy() error {
	m := h.archive.memory(h.lane.Partner)
	for _, w := range []what{seen, done} {
		all, err := m.all(w)
		if err != nil {
			return err
		}
		for _, f := range all {
			if h.there[f.Name()] != nil {
				continue
			}
			if err := m.forget(f, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// refused tells that a healthy server does not let us do something.
func refused(err error) bool { return errors.Is(err, os.ErrPermission) || unsupported(err) }

// rememberDone is for files that the partner's server does not let us move: they stay, and count as done as long as they look
// the same.
func (x *Exchange) rememberDone(s *session, l *lane, f card.File) error {
	info, err := s.find(path.Join(l.Outbox, f.Name()))
	if err != nil {
		return err
	}
	if info == nil {
		return fmt.Errorf("%s went away while it was moved", f.Name())
	}
	m := x.archive.memory(l.Partner)
	if err := m.keep(f, done, sightOf(info)); err != nil {
		return err
	}
	return m.forget(f, taken)
}
