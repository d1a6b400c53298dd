package sim

import (
	"errors"
	"os"
	"path/filepath"
)

// trialFolder is where in an account the files of tests lie, in folders of the same names as the real ones.
const trialFolder = "test"

// found makes the partner's test system, if it has one; it is told of files from then on.
func (p *Partner) found() {
	if p.cfg.Trial == nil {
		return
	}
	cfg := p.cfg
	cfg.Office, cfg.Trial, cfg.Dir = p.cfg.Trial, nil, filepath.Join(p.cfg.Dir, trialFolder)
	p.trial = bare(cfg)
	p.trial.within = trialFolder
}

// openTrial opens the test system: the same protocol and keys, another business and another ledger.
func (p *Partner) openTrial() error {
	t := p.trial
	if t == nil {
		return nil
	}
	t.server, t.key = p.server, p.key
	for _, folder := range []string{t.work(""), t.inbox("done"), t.outbox("done")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	var err error
	if t.ledger, err = openLedger(filepath.Join(t.cfg.Dir, "ledger.csv")); err != nil {
		return err
	}
	return errors.Join(t.recover(), t.reread())
}

// ruled is the name by which rules mean this system.
func (p *Partner) ruled() string {
	if p.within != "" {
		return p.cfg.Name + "/" + p.within
	}
	return p.cfg.Name
}
