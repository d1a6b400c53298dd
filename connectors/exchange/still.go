package exchange

import (
	"os"

	"onecard/card"
)

// runUndeclared fetches a file that has no manifest, once it has stopped to change.
func (c *collection) runUndeclared(s *session) error {
	have, err := measure(c.path)
	if err != nil {
		return err
	}
	if have != nil {
		c.describe(have)
		if c.lane.ReadOnce {
			return nil
		}
	}
	info, err := c.lying(s, have != nil)
	if err != nil {
		return err
	}
	if info == nil && have != nil {
		return nil
	}
	if info == nil {
		return c.fault(card.Later, "", "is not there yet")
	}
	return c.takeStill(s, info, have)
}

// lying describes the file in the outbox; in done/ only one is looked for that the archive has lost.
func (c *collection) lying(s *session, archived bool) (os.FileInfo, error) {
	for _, name := range c.places("") {
		info, err := s.find(name)
		if err != nil || info != nil || archived {
			return info, err
		}
	}
	return nil, nil
}

func (c *collection) takeStill(s *session, info os.FileInfo, have *digester) error {
	m := c.memory(c.lane.Partner)
	before, err := m.recall(c.file, taken)
	if err != nil || (have != nil && before != nil && before.sees(info)) {
		return err
	}
	still, err := m.still(c.file, info, c.lane.Stillness)
	if err != nil {
		return err
	}
	if !still {
		return c.fault(card.Later, "", "has not been still for two looks")
	}
	return c.fetch(s, nil, func(p *part, d *digester) error { return c.finishStill(s, p, d, info, have) })
}

// finishStill puts the bytes into their place if the file looks afterwards as it did before.
func (c *collection) finishStill(s *session, p *part, d *digester, before os.FileInfo, have *digester) error {
	after, err := c.lying(s, false)
	if err != nil {
		return err
	}
	if after == nil || !sightOf(before).sees(after) || d.size != before.Size() {
		return c.fault(card.Later, "", "changed while it was read")
	}
	c.describe(d)
	if have != nil && !have.is(c.manifest) {
		return c.setAside(p, c.file.Name(), d, c.fault(card.Conflict, card.ReasonFileDigest, "was changed after it was taken"))
	}
	if err := p.seal(); err != nil {
		return err
	}
	if err := p.place(); err != nil {
		return err
	}
	return c.rememberTaken(sightOf(before))
}

// describe makes the manifest of what was found.
func (c *collection) describe(d *digester) {
	c.manifest = card.Manifest{
		Name: c.file.Name(), Layout: string(c.file.Kind) + "/1", Date: c.file.Date, Sequence: c.file.Seq, Size: d.size, SM3: d.hex(),
	}
}
