package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// recover brings the partner back to where a run that ended, in whatever way, had come: what was committed is carried out,
// what was not is forgotten (its request still lies in the inbox), and the ledger is read.
func (p *Partner) recover() error {
	commits, err := p.commits()
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	for _, c := range commits {
		if err := p.redo(c); err != nil {
			return fmt.Errorf("recover %s: %w", c.Request, err)
		}
	}
	if err := p.ledger.Scan(p.replay); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	p.pending = commits
	return p.sweep()
}

func (p *Partner) commits() ([]*commit, error) {
	entries, err := os.ReadDir(p.work(""))
	if err != nil {
		return nil, err
	}
	var commits []*commit
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".commit") {
			continue
		}
		c, err := loadCommit(p.work(e.Name()))
		if err != nil {
			return nil, err
		}
		commits = append(commits, c)
	}
	return commits, nil
}

// redo repeats settle for a request whose effects may not all have reached the ledger.
func (p *Partner) redo(c *commit) error {
	effects := p.work(c.Request + ".effects")
	err := p.ledger.adopt(effects, c.Start)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // settled before
	}
	if err != nil {
		return err
	}
	return errors.Join(p.shelve(c.Request), os.Remove(effects))
}

// sweep removes from the work folder what belongs to no committed request.
func (p *Partner) sweep() error {
	keep := map[string]bool{}
	for _, c := range p.pending {
		keep[c.Request+".commit"] = true
		for _, l := range c.Letters {
			keep[l.Name] = true
		}
	}
	entries, err := os.ReadDir(p.work(""))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !keep[e.Name()] {
			errs = append(errs, os.Remove(p.work(e.Name())))
		}
	}
	return errors.Join(errs...)
}
