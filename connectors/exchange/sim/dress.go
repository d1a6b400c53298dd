package sim

import (
	"os"
	"path"
	"strings"
	"time"
)

// paddedWidth is how long padded names are.
const paddedWidth = 44

// shown is how a file's name looks to a client. Folders keep their names.
func (p *Profile) shown(name string) string {
	if p.Upper {
		name = strings.ToUpper(name)
	}
	if p.Padded && len(name) < paddedWidth {
		name += strings.Repeat(" ", paddedWidth-len(name))
	}
	return name
}

// stored is the name under which the partner has what a client calls name: as the exchange writes it.
func (p *Profile) stored(name string) string {
	if p.Padded {
		name = strings.TrimRight(name, " ")
	}
	if p.Upper {
		stem, end, dotted := strings.Cut(name, ".")
		name = strings.ToUpper(stem)
		if dotted {
			name += "." + strings.ToLower(end)
		}
	}
	return name
}

// place turns the path of a request into one relative to the root. What the client only looks for it must call as it is
// shown; a new file it may call as it likes.
func (j *jail) place(p string, isNew bool) (string, error) {
	p = inside(p)
	dir, name := path.Split(p)
	if j.server.isFolder(p) {
		return p, nil
	}
	stored := j.server.cfg.Profile.stored(name)
	if !isNew && j.server.cfg.Profile.shown(stored) != name {
		return "", os.ErrNotExist
	}
	return dir + stored, nil
}

func (s *Server) isFolder(name string) bool {
	info, err := s.root.Stat(name)
	return err == nil && info.IsDir()
}

// described is a file as the server describes it.
type described struct {
	os.FileInfo
	name string
	size int64
	time time.Time
}

// Name returns the name that is shown.
func (d described) Name() string { return d.name }

// Size returns the size that is shown.
func (d described) Size() int64 { return d.size }

// ModTime returns the time that is shown.
func (d described) ModTime() time.Time { return d.time }

// describe shows what lies at path to a client.
func (s *Server) describe(info os.FileInfo, path string) os.FileInfo {
	d := described{FileInfo: info, name: info.Name(), size: info.Size(), time: s.cfg.Profile.Clock.shown(info.ModTime())}
	if !info.IsDir() {
		d.name = s.cfg.Profile.shown(d.name)
	}
	if s.cfg.Profile.SizeLate && s.traffic.isWritten(path) {
		d.size = 0
	}
	return d
}

func (c Clock) shown(t time.Time) time.Time {
	switch c {
	case ClockZero:
		return time.Unix(0, 0)
	case ClockFuture:
		return t.AddDate(0, 1, 0)
	case ClockLocal:
		return t.Add(8 * time.Hour)
	default:
		return t
	}
}
