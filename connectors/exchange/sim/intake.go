package sim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Events of whole files in a ledger; the events of rows are the offices' own.
const (
	eventProcessed = "processed" // a request was dealt with
	eventPrepared  = "prepared"  // an answer was made
	eventAnswered  = "answered"  // an edition of an answer was published: ok, cut, again
	eventRepeat    = "repeat"    // a request came again
	eventRefused   = "refused_file"
	eventRule      = "rule" // a rule with a limited number of files was applied
)

// collect deals with every complete request in the inbox.
func (p *Partner) collect() error {
	entries, err := os.ReadDir(p.inbox(""))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if p.isClosing() || p.unsettled != nil {
			break
		}
		if name, ok := p.complete(e.Name()); ok && e.Type().IsRegular() {
			errs = append(errs, p.take(name))
		}
	}
	return errors.Join(errs...)
}

// complete returns the file that is complete, now that there is an entry of that name.
func (p *Partner) complete(entry string) (name string, ok bool) {
	if p.cfg.Profile.NoManifests {
		return entry, strings.HasSuffix(entry, ".txt")
	}
	return strings.CutSuffix(entry, ".ok")
}

// take deals with one file that is complete: it is refused whole or dealt with whole.
func (p *Partner) take(name string) error {
	in, err := os.Open(p.inbox(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the file itself is not there (yet)
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	err = p.consider(name, in)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return p.turnAway(name, refusal)
	}
	return err
}

func (p *Partner) consider(name string, in *os.File) error {
	m, err := p.manifest(name, in)
	if err != nil {
		return err
	}
	if p.taken[name] == m.SM3 && !p.cfg.Profile.Forgetful {
		p.cfg.Log.Info("repeat", "partner", p.cfg.Name, "file", name)
		return errors.Join(p.note(eventRepeat, name, "ignored", ""), p.shelve(name))
	}
	if p.taken[name] != "" && !p.cfg.Profile.Forgetful {
		return &Refusal{Code: "FILE_SEQUENCE"}
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &Refusal{Code: "FILE_UNREADABLE"}
	}
	if info.Size() != m.Size {
		return &Refusal{Code: "FILE_SIZE"}
	}
	return p.read(m, in)
}

// read reads a file that is as large as it should be, and deals with it.
func (p *Partner) read(m Manifest, in *os.File) (err error) {
	text, plain, err := p.standard(m, in)
	if err != nil {
		return err
	}
	if text != in {
		defer func() { err = errors.Join(err, text.Close(), os.Remove(text.Name())) }()
	}
	if m.Name.Kind == KindReceipt {
		return p.receive(m, text, plain)
	}
	return p.process(m, text, plain)
}

// manifest reads the manifest of a file that is called name, or makes the one that it would have.
func (p *Partner) manifest(name string, in *os.File) (Manifest, error) {
	n, err := ParseFileName(name)
	if err != nil {
		return Manifest{}, err
	}
	m, err := p.declared(n, in)
	switch {
	case err != nil:
		return Manifest{}, err
	case m.Version != p.layoutOf(n.Kind):
		return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key layout"}
	case m.Name != n:
		return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key name"}
	case n.Partner != p.cfg.Name:
		return Manifest{}, &Refusal{Code: "PARTNER_UNKNOWN"}
	case p.desks[n.Kind] == nil && (n.Kind != KindReceipt || p.cfg.Profile.refuses(StrictReceipt)):
		return Manifest{}, &Refusal{Code: "FILE_LAYOUT", Detail: "kind " + n.Kind}
	case m.Rows == 0 && p.cfg.Profile.refuses(StrictEmpty):
		return Manifest{}, &Refusal{Code: "FILE_ROWS"}
	case m.Total != 0 && (p.desks[n.Kind] == nil || p.desks[n.Kind].Fen == 0):
		return Manifest{}, &Refusal{Code: "FILE_TOTAL"}
	}
	return m, nil
}

func (p *Partner) declared(n FileName, in *os.File) (Manifest, error) {
	if p.cfg.Profile.NoManifests {
		return p.undeclared(n, in)
	}
	file, err := os.Open(p.inbox(n.String() + ".ok"))
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxManifest))
	if err != nil {
		return Manifest{}, err
	}
	return ReadManifest(text, p.cfg.HubSignKey)
}

// process deals with a request, whose standard text in is as plain says.
func (p *Partner) process(m Manifest, in io.Reader, plain Manifest) error {
	j, err := p.newJob(m, p.desks[m.Name.Kind])
	if err != nil {
		return err
	}
	if err := j.run(in, plain); err != nil {
		j.abandon()
		return err
	}
	letters, err := j.close()
	if err != nil {
		j.abandon()
		return err
	}
	c, err := p.commit(j, letters)
	if err != nil {
		return err
	}
	p.cfg.Log.Info("processed", "partner", p.cfg.Name, "file", m.Name.String(), "rows", m.Rows)
	p.unsettled = c
	return errors.Join(p.settle(), p.post())
}

// commit is the moment in which the request counts as dealt with.
func (p *Partner) commit(j *job, letters []letter) (*commit, error) {
	start, err := p.ledger.size()
	if err != nil {
		return nil, err
	}
	c := &commit{Request: j.name.String(), Start: start, Letters: letters, path: p.work(j.name.String() + ".commit")}
	return c, c.save()
}

// settle writes the effects of the committed request in the ledger and puts the request away. Until it has succeeded it is
// repeated, and nothing else is done.
func (p *Partner) settle() error {
	c := p.unsettled
	if c == nil {
		return nil
	}
	effects := p.work(c.Request + ".effects")
	if err := p.ledger.adopt(effects, c.Start); err != nil {
		return err
	}
	if err := p.replayFile(effects); err != nil {
		return err
	}
	if err := errors.Join(p.shelve(c.Request), os.Remove(effects)); err != nil {
		return err
	}
	p.pending = append(p.pending, c)
	p.unsettled = nil
	return nil
}

// replayFile tells the partner and its office what the effects were.
func (p *Partner) replayFile(path string) error {
	file, err := os.Open(path) //nolint:gosec // a partner's own folder
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return scan(bufio.NewReaderSize(file, 256<<10), p.replay)
}

// replay learns from one ledger line.
func (p *Partner) replay(e *Entry) error {
	switch string(e.Event) {
	case eventProcessed:
		d, err := parseTaken(e.Detail)
		if err != nil {
			return fmt.Errorf("ledger: file %s: %w", e.File, err)
		}
		p.taken[string(e.File)] = d.sm3
		p.serial = d.serial
	case eventPrepared:
		n, err := ParseFileName(string(e.File))
		if err != nil {
			return err
		}
		p.sequence[n.series()] = max(p.sequence[n.series()], n.Seq)
	case eventRule:
		p.used[string(e.Detail)]++
	case EventReceipt:
		return p.replayReceipt(e)
	case eventAnswered, eventRepeat, eventRefused, EventReceiptRow:
	default:
		p.cfg.Office.Replay(e)
	}
	return nil
}

// note writes a ledger line about a file.
func (p *Partner) note(event, file, result, detail string) error {
	return p.ledger.add(Entry{
		Time: stampOf(p.cfg.Clock()), Event: []byte(event), File: []byte(file), Result: []byte(result), Detail: []byte(detail),
	})
}

// turnAway tells the hub that a file is refused, and why.
func (p *Partner) turnAway(name string, r *Refusal) error {
	if p.cfg.Profile.overlooks(r) {
		return p.shelve(name)
	}
	p.cfg.Log.Warn("refused", "partner", p.cfg.Name, "file", name, "reason", r.Error())
	if err := p.note(eventRefused, name, r.Code, r.Detail); err != nil {
		return err
	}
	return errors.Join(replaceFile(p.outbox(name+".err"), p.cfg.Profile.notice(name, r)), p.shelve(name))
}

// shelve moves a file and its manifest to done/, the manifest first so that nobody takes the file again.
func (p *Partner) shelve(name string) error {
	return errors.Join(p.putAway(name+".ok"), p.putAway(name))
}

// putAway keeps what has the same name in done/ already.
func (p *Partner) putAway(name string) error {
	target := filepath.Join("done", name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(p.inbox(target)); errors.Is(err, fs.ErrNotExist) {
			break
		}
		target = filepath.Join("done", fmt.Sprintf("%s.%d", name, n))
	}
	err := os.Rename(p.inbox(name), p.inbox(target))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
