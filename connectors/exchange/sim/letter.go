package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// letter is an answer on its way out: how often it is sent cut, then whole, then once more.
type letter struct {
	Name     string        `json:"name"`
	Manifest string        `json:"manifest"`
	Cuts     int           `json:"cuts,omitempty"`
	Pause    time.Duration `json:"pause,omitempty"` // after each cut edition
	Again    int           `json:"again,omitempty"` // whole editions after the first, each when the hub has taken the one before
	Sent     int           `json:"sent"`            // editions
	Due      time.Time     `json:"due,omitzero"`
	Aside    bool          `json:"aside,omitempty"` // goes its own way, before or after the answer
}

// letter makes the plan for one answer.
func (j *job) letter(out *output, manifest []byte) letter {
	l := letter{Name: out.name.String(), Manifest: string(manifest)}
	if out.name.Kind == j.desk.Aside {
		l.Aside, l.Due = true, j.partner.cfg.Clock().Add(out.later)
		return l
	}
	if r := j.rule(Postpone); r != nil {
		l.Due = j.partner.cfg.Clock().Add(r.After)
	}
	if r := j.rule(Truncate); r != nil {
		l.Cuts, l.Pause = max(r.Times, 1), r.After
		if l.Pause == 0 {
			l.Pause = time.Second
		}
	}
	if j.rule(Resend) != nil {
		l.Again = 1
	}
	return l
}

func (l *letter) done() bool { return l.Sent > l.Cuts+l.Again }

// whole reports whether the hub can read all of the letter by now.
func (l *letter) whole() bool { return l.Sent > l.Cuts }

// commit is the point from which on a request is dealt with: once its file is there, everything in it is carried out,
// however often the partner is killed meanwhile.
type commit struct {
	Request string   `json:"request"`
	Start   int64    `json:"start"` // bytes of the ledger before the effects of this request
	Letters []letter `json:"letters"`

	path string
}

func (c *commit) save() error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return replaceFile(c.path, text)
}

func loadCommit(path string) (*commit, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a partner's own folder
	if err != nil {
		return nil, err
	}
	c := &commit{path: path}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// post sends what is due of every answer that is under way. The answers to one request go out in their order.
func (p *Partner) post() error {
	var errs []error
	left := p.pending[:0]
	for _, c := range p.pending {
		done, err := p.postCommit(c)
		if err != nil {
			errs = append(errs, err)
		}
		if !done {
			left = append(left, c)
		}
	}
	clear(p.pending[len(left):])
	p.pending = left
	return errors.Join(errs...)
}

func (p *Partner) postCommit(c *commit) (done bool, err error) {
	request, err := ParseFileName(c.Request)
	if err != nil {
		return false, err
	}
	if p.silenced(request) {
		return false, nil
	}
	done = true
	held := false
	for i := range c.Letters {
		l := &c.Letters[i]
		if !held || l.Aside {
			if err := p.postLetter(c, l); err != nil {
				return false, err
			}
		}
		done = done && l.done()
		held = held || !l.whole() && !l.Aside
	}
	if !done {
		return false, nil
	}
	return true, p.forget(c)
}

// forget removes what was kept to send the answers again.
func (p *Partner) forget(c *commit) error {
	for _, l := range c.Letters {
		if err := os.Remove(p.work(l.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Remove(c.path)
}

// postLetter sends the editions that are due.
func (p *Partner) postLetter(c *commit, l *letter) error {
	for !l.done() && !p.cfg.Clock().Before(l.Due) {
		if l.whole() && p.waits(l.Name) {
			return nil // the hub has not taken the last edition yet
		}
		result := "ok"
		if l.Sent < l.Cuts {
			result = "cut"
		} else if l.whole() {
			result = "again"
		}
		if err := p.publish(l, result == "cut"); err != nil {
			return fmt.Errorf("publish %s: %w", l.Name, err)
		}
		l.Sent++
		if result == "cut" {
			l.Due = p.cfg.Clock().Add(l.Pause)
		}
		if err := c.save(); err != nil {
			return err
		}
		if err := p.note(eventAnswered, l.Name, result, "for="+c.Request); err != nil {
			return err
		}
	}
	return nil
}

// waits reports whether an answer lies in the outbox.
func (p *Partner) waits(name string) bool {
	_, err := os.Stat(p.outbox(name))
	return err == nil
}

// publish puts the file under its name and then its manifest, each by a rename.
func (p *Partner) publish(l *letter, cut bool) error {
	if !cut && l.Sent == l.Cuts && p.published(l) {
		return nil // a run that was killed had come this far
	}
	end := p.server.Writing(path.Join(p.within, "outbox", l.Name))
	defer end()
	if err := p.bring(l, cut); err != nil || p.cfg.Profile.NoManifests {
		return err
	}
	p.server.Writing(path.Join(p.within, "outbox", l.Name+".ok"))()
	return replaceFile(p.outbox(l.Name+".ok"), []byte(l.Manifest))
}

// bring puts the file, or half of it, under its name.
func (p *Partner) bring(l *letter, cut bool) error {
	write := os.Link
	if cut {
		write = copyHalf
	}
	if p.cfg.Profile.InPieces {
		if !cut {
			write = p.grow
		}
		return write(p.work(l.Name), p.outbox(l.Name))
	}
	temporary := p.outbox(l.Name + ".tmp")
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := write(p.work(l.Name), temporary); err != nil {
		return err
	}
	return os.Rename(temporary, p.outbox(l.Name))
}

// published reports whether this very answer was put out as a whole before, whether or not the hub has taken it since.
func (p *Partner) published(l *letter) bool {
	for _, folder := range []string{"", "done"} {
		if !p.cfg.Profile.NoManifests {
			manifest, err := os.ReadFile(p.outbox(filepath.Join(folder, l.Name+".ok")))
			if err != nil || string(manifest) != l.Manifest {
				continue
			}
		}
		out, err := os.Stat(p.outbox(filepath.Join(folder, l.Name)))
		kept, err2 := os.Stat(p.work(l.Name))
		if err == nil && err2 == nil && out.Size() == kept.Size() {
			return true
		}
	}
	return false
}

func copyHalf(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, in, info.Size()/2)
	return errors.Join(err, out.Close())
}
