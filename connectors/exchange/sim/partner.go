package sim

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm2"
)

// PartnerConfig is what a simulated partner is made of.
type PartnerConfig struct {
	// Name is the partner in file names, e.g. ICBC.
	Name string
	// Dir is the partner's own folder: root/ (what the hub sees), ledger.csv, work/, keys and the port. It outlives the partner.
	Dir string
	// Office is the partner's business.
	Office Office
	// User is the hub's account and HubKeys its keys, in the form of an authorized_keys file.
	User    string
	HubKeys []byte
	// HubSignKey is the key that the hub's manifests are signed with.
	HubSignKey *ecdsa.PublicKey
	// Trial is the business of the partner's test system, which lives in the folder test/ of the same account and has a ledger
	// of its own; nil for a partner without one.
	Trial Office
	// Rules say how the partner misbehaves; nil for an obliging one. The test system is in the rules as NAME/test.
	Rules *Rulebook
	// Profile is what kind of a server the partner has; the zero value is an obliging one.
	Profile Profile
	// Forms are the partner's own layouts, one for each kind at most; other kinds have the standard ones.
	Forms []*Form
	// Rest is how long the partner waits before it looks again when nobody wakes it; 0 for 200 ms.
	Rest time.Duration
	// Clock tells the time; nil for the machine's.
	Clock func() time.Time
	// Log is told what happens, in file names and counts; nil for silence.
	Log *slog.Logger
}

// Partner is a running simulated partner: an SFTP server, and behind it somebody who deals with what arrives.
type Partner struct {
	cfg       PartnerConfig
	within    string // folder of the account that is this system's: empty, or that of the tests
	trial     *Partner
	desks     map[string]*Desk
	forms     map[string]*Form
	server    *Server
	key       *sm2.PrivateKey
	ledger    *Ledger
	rules     []Rule
	version   int
	cuts      map[string]func()
	unsettled *commit // committed, but its effects are not all in the ledger yet
	pending   []*commit
	wake      chan struct{}
	closing   context.Context
	shutdown  context.CancelFunc
	done      sync.WaitGroup
	trouble   string // the last one that was told, so that it is told once

	// What the ledger says.
	taken    map[string]string // digest by file
	sequence map[string]int    // last unsolicited answer by kind and date
	serial   int64
	used     map[string]int // files by rule
}

// Start carries out what a run before had promised and then serves until Close.
func Start(cfg PartnerConfig) (*Partner, error) {
	p, err := newPartner(cfg)
	if err != nil {
		return nil, err
	}
	p.done.Go(p.run)
	if p.trial != nil {
		p.done.Go(p.trial.run)
	}
	return p, nil
}

// newPartner makes a partner that is listening but does nothing by itself.
func newPartner(cfg PartnerConfig) (*Partner, error) {
	p := bare(cfg)
	if err := p.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("partner %s: %w", cfg.Name, err), p.release())
	}
	return p, nil
}

// bare makes a partner that has opened nothing yet.
func bare(cfg PartnerConfig) *Partner {
	p := &Partner{
		cfg: cfg, desks: map[string]*Desk{}, forms: map[string]*Form{}, cuts: map[string]func(){}, wake: make(chan struct{}, 1),
		taken: map[string]string{}, sequence: map[string]int{}, used: map[string]int{},
	}
	if p.cfg.Clock == nil {
		p.cfg.Clock = time.Now
	}
	if p.cfg.Rest == 0 {
		p.cfg.Rest = 200 * time.Millisecond
	}
	if p.cfg.Log == nil {
		p.cfg.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range cfg.Office.Desks() {
		p.desks[d.Kind] = &d
	}
	for _, f := range cfg.Forms {
		p.forms[f.kind] = f
	}
	p.closing, p.shutdown = context.WithCancel(context.Background())
	return p
}

func (p *Partner) open() error {
	err := os.MkdirAll(filepath.Join(p.cfg.Dir, "work"), 0o700)
	if err != nil {
		return err
	}
	if p.key, err = SignKey(filepath.Join(p.cfg.Dir, "sm2.pem")); err != nil {
		return err
	}
	if p.ledger, err = openLedger(filepath.Join(p.cfg.Dir, "ledger.csv")); err != nil {
		return err
	}
	if err := p.recover(); err != nil {
		return err
	}
	p.found()
	if p.server, err = p.listen(); err != nil {
		return err
	}
	return errors.Join(p.reread(), p.openTrial())
}

// listen takes the port of the run before, or a free one when somebody else has it now.
func (p *Partner) listen() (*Server, error) {
	remembered := filepath.Join(p.cfg.Dir, "address")
	cfg := Config{
		Address: "127.0.0.1:0", Root: filepath.Join(p.cfg.Dir, "root"), HostKeyFile: p.hostKeyFile(),
		User: p.cfg.User, AuthorizedKeys: p.cfg.HubKeys, Renamed: p.renamed, Profile: p.cfg.Profile,
	}
	if p.cfg.Profile.HostKeyChanged {
		cfg.HostKeyFile += "_new"
	}
	if text, err := os.ReadFile(remembered); err == nil { //nolint:gosec // a partner's own folder
		again := cfg
		again.Address = strings.TrimSpace(string(text))
		if server, err := Listen(again); err == nil {
			return server, nil
		}
	}
	server, err := Listen(cfg)
	if err != nil {
		return nil, err
	}
	return server, replaceFile(remembered, []byte(server.Addr()+"\n"))
}

// hostKeyFile holds the host key that the partner has announced.
func (p *Partner) hostKeyFile() string { return filepath.Join(p.cfg.Dir, "ssh_host_ed25519_key") }

// renamed wakes the partner when a file has arrived, or was taken.
func (p *Partner) renamed(path string) {
	if rest, tested := strings.CutPrefix(path, trialFolder+"/"); tested && p.trial != nil {
		p.trial.renamed(rest)
		return
	}
	if _, ok := p.complete(path); ok || strings.HasPrefix(path, "outbox/done/") {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

// Card is what the hub has to know of a partner.
type Card struct {
	Name         string `json:"name"`
	Address      string `json:"address"`
	User         string `json:"user"`
	HostKey      string `json:"host_key"`
	SM2PublicKey string `json:"sm2_public_key"`
	Ledger       string `json:"ledger"`
	Terms
}

// Card tells address and keys.
func (p *Partner) Card() (Card, error) {
	public, err := PublicHex(&p.key.PublicKey)
	if err != nil {
		return Card{}, err
	}
	announced, err := hostKey(p.hostKeyFile())
	if err != nil {
		return Card{}, err
	}
	return Card{
		Name: p.cfg.Name, Address: p.server.Addr(), User: p.cfg.User, HostKey: printed(announced.PublicKey()), SM2PublicKey: public,
		Ledger: p.ledger.path, Terms: p.cfg.Profile.Terms(),
	}, nil
}

// Server is the partner's end of the wire, for further faults.
func (p *Partner) Server() *Server { return p.server }

// Close stops the partner. A request that is being dealt with is left for the next run.
func (p *Partner) Close() error {
	p.shutdown()
	if p.trial != nil {
		p.trial.shutdown()
	}
	p.done.Wait()
	return p.release()
}

func (p *Partner) release() error {
	p.shutdown()
	var errs []error
	if p.trial != nil {
		errs = append(errs, p.trial.release())
	}
	if p.server != nil && p.within == "" {
		errs = append(errs, p.server.Close())
	}
	if p.ledger != nil {
		errs = append(errs, p.ledger.close())
	}
	return errors.Join(errs...)
}

func (p *Partner) isClosing() bool { return p.closing.Err() != nil }

func (p *Partner) run() {
	ticker := time.NewTicker(p.cfg.Rest)
	defer ticker.Stop()
	for {
		p.tell(p.turn())
		select {
		case <-p.closing.Done():
			return
		case <-p.wake:
		case <-ticker.C:
		}
	}
}

// tell logs what went wrong, once as long as it stays the same.
func (p *Partner) tell(err error) {
	text := ""
	if err != nil && !errors.Is(err, errClosing) {
		text = err.Error()
	}
	if text != "" && text != p.trouble {
		p.cfg.Log.Error("trouble", "partner", p.cfg.Name, "err", text)
	}
	p.trouble = text
}

// turn does all that can be done now.
func (p *Partner) turn() error {
	if err := p.settle(); err != nil {
		return err
	}
	return errors.Join(p.reread(), p.collect(), p.post())
}

func (p *Partner) reread() error {
	if p.cfg.Rules == nil {
		return nil
	}
	rules, version, err := p.cfg.Rules.Current()
	if err != nil || version == p.version {
		return err
	}
	if err := p.adopt(rules); err != nil {
		return err
	}
	p.version = version
	return nil
}

func (p *Partner) work(name string) string { return filepath.Join(p.cfg.Dir, "work", name) }

func (p *Partner) inbox(name string) string { return filepath.Join(p.account(), "inbox", name) }

func (p *Partner) outbox(name string) string { return filepath.Join(p.account(), "outbox", name) }

// account is the folder of this system's files.
func (p *Partner) account() string {
	if p.within != "" {
		return filepath.Join(filepath.Dir(p.cfg.Dir), "root", p.within)
	}
	return filepath.Join(p.cfg.Dir, "root")
}
