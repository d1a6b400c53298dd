package exchange

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"onecard/card"
)

// Survey looks at partner's whole outbox: what can be collected, and what lies there and cannot. Files of ours that the
// partner refuses are told by a notice `<name>.err` there.
func (x *Exchange) Survey(ctx context.Context, partner string) (card.Survey, error) {
	l, err := x.lane(partner)
	if err != nil {
		return card.Survey{}, err
	}
	entries, err := l.list(ctx, l.Outbox)
	if err != nil {
		return card.Survey{}, err
	}
	there, _ := sortOut(partner, entries)
	s := card.Survey{Strays: strays(partner, entries)}
	ready := map[card.File]bool{}
	for _, kind := range kindsOf(there) {
		files, err := shelf{l, x.archive, kind, there}.ready()
		if err != nil {
			return card.Survey{}, err
		}
		s.Ready = append(s.Ready, files...)
		for _, f := range files {
			ready[f] = true
		}
	}
	if l.Manifests != ManifestsNone {
		s.NoManifest, s.NoData = x.halves(there, ready)
	}
	s.Notices = notices(partner, entries)
	for _, files := range [][]card.File{s.Ready, s.NoManifest, s.NoData, s.Notices} {
		slices.SortFunc(files, byName)
	}
	return s, nil
}

func byName(a, b card.File) int { return strings.Compare(a.Name(), b.Name()) }

func (l *lane) list(ctx context.Context, dir string) (entries []os.FileInfo, err error) {
	err = l.use(ctx, "exchange.list", func(s *session) (err error) {
		entries, err = s.files.ReadDirContext(ctx, dir)
		return err
	})
	return entries, err
}

func kindsOf(there map[string]os.FileInfo) []card.FileKind {
	var kinds []card.FileKind
	for name := range there {
		if f, err := card.ParseFileName(name); err == nil && !slices.Contains(kinds, f.Kind) {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

// halves returns the data files without manifest and the manifests without data file.
func (x *Exchange) halves(there map[string]os.FileInfo, ready map[card.File]bool) (noManifest, noData []card.File) {
	for name := range there {
		stem, declares := strings.CutSuffix(name, ".ok")
		f, err := card.ParseFileName(stem)
		switch {
		case err != nil || ready[f] || x.finished(f, there[name]):
		case declares && there[stem] == nil && !x.archive.has(f):
			noData = append(noData, f)
		case !declares && there[name+".ok"] == nil:
			noManifest = append(noManifest, f)
		}
	}
	return noManifest, noData
}

// finished tells whether the partner's file is done with and could not be moved.
func (x *Exchange) finished(f card.File, info os.FileInfo) bool {
	look, err := x.archive.memory(f.Partner).recall(f, done)
	return err == nil && look != nil && look.sees(info)
}

// strays returns the names of plain files that nobody can take for files of the exchange. Temporary files are somebody's who
// is still writing.
func strays(partner string, entries []os.FileInfo) []string {
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasSuffix(name, ".tmp") {
			continue
		}
		f, err := card.ParseFileName(strings.TrimSuffix(strings.TrimSuffix(name, ".ok"), ".err"))
		if err != nil || f.Partner != partner || !e.Mode().IsRegular() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func notices(partner string, entries []os.FileInfo) []card.File {
	var files []card.File
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), ".err")
		if f, err := card.ParseFileName(stem); ok && err == nil && f.Partner == partner && e.Mode().IsRegular() {
			files = append(files, f)
		}
	}
	return files
}

// Fates sorts files of ours at a partner: taken were moved to done/, gone are neither there nor in the inbox any more. The
// others still lie in the inbox. On a server where nothing is left of a file that was read, gone is taken.
func (x *Exchange) Fates(ctx context.Context, partner string, files []card.File) (taken, gone []card.File, err error) {
	l, err := x.lane(partner)
	if err != nil || len(files) == 0 {
		return nil, nil, err
	}
	err = l.use(ctx, "exchange.fates", func(s *session) error {
		entries, err := s.files.ReadDirContext(ctx, l.Inbox)
		if err != nil {
			return err
		}
		lying := map[string]bool{}
		for _, e := range entries {
			lying[e.Name()] = true
		}
		for _, f := range files {
			if lying[f.Name()] || lying[f.Name()+".ok"] {
				continue
			}
			found, err := s.processed(l, f)
			switch {
			case err != nil:
				return err
			case found || l.ReadOnce:
				taken = append(taken, f)
			default:
				gone = append(gone, f)
			}
		}
		return nil
	})
	return taken, gone, err
}

// processed tells whether a file of ours, or what the partner keeps of it, lies in done/.
func (s *session) processed(l *lane, f card.File) (bool, error) {
	for _, suffix := range []string{".ok", ""} {
		found, err := s.exists(path.Join(l.Inbox, "done", f.Name()+suffix))
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}
