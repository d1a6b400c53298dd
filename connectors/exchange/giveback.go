package exchange

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"onecard/card"
)

// refusedFolder in the outbox is where files that the hub refused lie in the accounts of ours. There a declared file is the
// hub's: the partner cannot touch it before it was taken to done/, or given back here so that its name is free again.
const refusedFolder = "refused"

// runAndGiveBack gives the file back when it was refused.
func (c *collection) runAndGiveBack(s *session) error {
	err := c.run(s)
	if c.lane.Directory == "" || card.KindOf(err) != card.Invalid {
		return err
	}
	return errors.Join(err, c.lane.giveBack(s, c.file))
}

// giveBack moves f to the refused ones, the manifest last: until then nobody can put another file in the place of f.
func (l *lane) giveBack(s *session, f card.File) error {
	for _, name := range []string{f.Name(), f.Name() + ".ok"} {
		// What an earlier call moved is passed over by setAside.
		if _, err := s.setAside(l.Outbox, name, refusedFolder); err != nil {
			return err
		}
	}
	return nil
}

// giveBack gives a collected file back if its account is one of ours, and still has the manifest that was archived: it may
// be another file by now.
func (x *Exchange) giveBack(f card.File, manifest string) error {
	const op = "exchange.quarantine"
	l, known := x.lanes[f.Partner]
	if !known || l.Directory == "" {
		return nil
	}
	archived, err := os.ReadFile(filepath.Clean(manifest))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return archiveError(err)
	}
	return l.use(context.Background(), op, func(s *session) error {
		there, err := s.read(path.Join(l.Outbox, f.Name()+".ok"))
		if err != nil || !bytes.Equal(there, archived) {
			return err
		}
		return l.giveBack(s, f)
	})
}
