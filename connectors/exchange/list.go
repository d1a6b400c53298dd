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

// List returns the declared files of a kind in partner's outbox, oldest first, at most 10,000. Names that are none of the
// exchange are left out and only counted (Config.Ignored), for anybody may put anything there.
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
	files, strange := declaredFiles(partner, entries)
	if strange > 0 && x.ignored != nil {
		x.ignored(partner, strange)
	}
	files = slices.DeleteFunc(files, func(f card.File) bool { return f.Kind != kind })
	slices.SortFunc(files, func(a, b card.File) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Seq, b.Seq))
	})
	return files[:min(len(files), maxListed)], nil
}

// declaredFiles returns partner's files that have a manifest, and how many entries are nothing of the exchange.
func declaredFiles(partner string, entries []os.FileInfo) (files []card.File, strange int) {
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = e.Mode().IsRegular()
	}
	for name, plain := range there {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".tmp"), ".ok")
		f, err := card.ParseFileName(stem)
		switch {
		case (name == "done" || name == refusedFolder) && !plain:
		case err != nil || f.Partner != partner || !plain:
			strange++
		case stem == name && there[name+".ok"]:
			files = append(files, f)
		}
	}
	return files, strange
}

// Done moves f and its manifest to done/ in the partner's outbox: the partner then knows that it was taken. Repeating it
// is harmless. The error is NotFound when f was never there.
func (x *Exchange) Done(ctx context.Context, f card.File) error {
	const op = "exchange.done"
	if err := checkName(op, f); err != nil {
		return err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return err
	}
	return l.use(ctx, op, func(s *session) error {
		data, err := s.setAside(l.Outbox, f.Name(), "done")
		if err != nil {
			return err
		}
		manifest, err := s.setAside(l.Outbox, f.Name()+".ok", "done")
		if err == nil && !data && !manifest {
			return card.E(card.NotFound, op, "", fmt.Errorf("partner %s has no %s", l.Partner, f.Name()))
		}
		return err
	})
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
	_, err := s.files.Lstat(name)
	gone, err := absent(err)
	return !gone && err == nil, err
}
