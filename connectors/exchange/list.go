package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"onecard/card"
)

// maxListed is how many files List returns at most; the rest follows when these are done.
const maxListed = 10_000

// List returns the files of a kind in partner's outbox that are ready to be collected, oldest first, at most 10,000: the
// declared ones, or where there are no manifests those that have stopped to change. Names that are none of the exchange are
// left out and only counted (Config.Ignored), for anybody may put anything there.
func (x *Exchange) List(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error) {
	l, err := x.lane(partner)
	if err != nil {
		return nil, err
	}
	var entries []os.FileInfo
	err = l.use(ctx, "exchange.list", func(s *session) (err error) {
		entries, err = s.files.ReadDirContext(ctx, l.Outbox)
		return err
	})
	if err != nil {
		return nil, err
	}
	there, strange := sortOut(partner, entries)
	if strange > 0 && x.ignored != nil {
		x.ignored(partner, strange)
	}
	files, err := shelf{l, x.archive, kind, there}.ready()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b card.File) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Seq, b.Seq))
	})
	return files[:min(len(files), maxListed)], nil
}

// sortOut returns partner's own files by their names, with their manifests, and how many entries are nothing of the exchange.
func sortOut(partner string, entries []os.FileInfo) (there map[string]os.FileInfo, strange int) {
	there = make(map[string]os.FileInfo, len(entries))
	for _, e := range entries {
		name, plain := e.Name(), e.Mode().IsRegular()
		if (name == "done" || name == refusedFolder) && !plain {
			continue
		}
		f, err := card.ParseFileName(strings.TrimSuffix(strings.TrimSuffix(name, ".tmp"), ".ok"))
		if err != nil || f.Partner != partner || !plain {
			strange++
			continue
		}
		there[name] = e
	}
	return there, strange
}

// Done moves f and its manifest to done/ in the partner's outbox: the partner then knows that it was taken. Repeating it
// is harmless. The error is NotFound when f was never there. A file that came by hand is done also while its partner cannot
// be reached, for it need not lie there.
func (x *Exchange) Done(ctx context.Context, f card.File) error {
	const op = "exchange.done"
	if err := checkName(op, f); err != nil {
		return err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return err
	}
	err = l.use(ctx, op, func(s *session) error { return x.done(s, l, f) })
	if card.KindOf(err) != card.Unavailable {
		return err
	}
	byHand, failed := x.joinedCopy(l, f)
	if failed == nil && byHand != nil {
		return nil
	}
	return errors.Join(err, failed)
}

func (x *Exchange) done(s *session, l *lane, f card.File) error {
	data, err := s.setAside(l.Outbox, f.Name(), "done")
	if refused(err) {
		return x.rememberDone(s, l, f)
	}
	if err != nil {
		return err
	}
	manifest, err := s.setAside(l.Outbox, f.Name()+".ok", "done")
	if err != nil {
		return err
	}
	// Some servers have nothing left of a file that was read.
	if !data && !manifest && !x.archive.has(f) {
		return card.E(card.NotFound, "exchange.done", "", fmt.Errorf("partner %s has no %s", l.Partner, f.Name()))
	}
	return x.archive.memory(l.Partner).forget(f, seen, taken, joined)
}

// setAside moves a file of dir to a folder in it and tells whether it is there now. A file of the same name that lies there
// already is not replaced: nothing of the partner's is ever lost.
func (s *session) setAside(dir, name, folder string) (bool, error) {
	from, to := path.Join(dir, name), path.Join(dir, folder, name)
	here, err := s.exists(from)
	if err != nil {
		return false, err
	}
	taken, err := s.exists(to)
	if err != nil || !here {
		return taken, err
	}
	for n := 2; taken; n++ {
		to = fmt.Sprintf("%s.%d", path.Join(dir, folder, name), n)
		if taken, err = s.exists(to); err != nil {
			return false, err
		}
	}
	err = s.rename(from, to)
	if !errors.Is(err, os.ErrNotExist) {
		return err == nil, err
	}
	if here, gone := s.exists(from); gone == nil && !here {
		return true, nil // another worker was faster
	}
	// The folder is the partner's to make, but not worth a failure.
	err = errors.Join(s.files.MkdirAll(path.Join(dir, folder)), s.rename(from, to))
	return err == nil, err
}

func (s *session) exists(name string) (bool, error) {
	info, err := s.find(name)
	return info != nil, err
}
