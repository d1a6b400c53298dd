package exchange

import (
	"context"
	"path"

	"onecard/card"
)

// Place is something of a file that lies at its partner.
type Place struct {
	Path string `json:"path"` // in the partner's account, such as inbox/done/NAME.txt.ok
	Size int64  `json:"size"`
}

// Whereabouts looks for a file at its partner: the file, its manifest, what was withdrawn of it and the notice about it, each
// in all folders in which it may lie. The error is Unavailable when the partner cannot be asked.
func (x *Exchange) Whereabouts(ctx context.Context, f card.File) ([]Place, error) {
	const op = "exchange.whereabouts"
	if err := checkName(op, f); err != nil {
		return nil, err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return nil, err
	}
	places := []Place{}
	err = l.use(ctx, op, func(s *session) error {
		for _, name := range l.hidingPlaces(f.Name()) {
			info, err := s.find(name)
			if err != nil {
				return err
			}
			if info != nil {
				places = append(places, Place{Path: name, Size: info.Size()})
			}
		}
		return nil
	})
	return places, err
}

func (l *lane) hidingPlaces(name string) []string {
	var paths []string
	for _, dir := range []string{l.Inbox, path.Join(l.Inbox, "done"), l.Outbox, path.Join(l.Outbox, "done"), path.Join(l.Outbox, refusedFolder)} {
		for _, suffix := range []string{"", ".ok", withdrawn, ".ok" + withdrawn, ".err"} {
			paths = append(paths, path.Join(dir, name+suffix))
		}
	}
	return paths
}
