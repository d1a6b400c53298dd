// Package exchange is the hub's side of the SFTP file exchange with its partners: it publishes files with proof, collects
// answers into an archive, and sets bad files aside. The wire is the hub's own convention (docs/partner-files.md): a file
// counts only when its signed manifest `<name>.ok` is there, nothing is deleted on the partner's side, host keys are
// pinned. Contents are bytes to this package; layouts are read elsewhere.
//
// Every call may be repeated at any point, also after the process was killed in the middle of it: it then finishes what is
// missing and does nothing twice.
package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"

	"onecard/card"
)

// Endpoint is one partner's account, on its SFTP server or in our gateway, and how the two sides know each other.
type Endpoint struct {
	Partner     string // as in file names: [A-Z0-9]{2,16}
	Directory   string // the account's folder, of a partner that logs in to our gateway; Address to HostKey are then empty
	Address     string // host:port
	User        string
	KeyFile     string // OpenSSH private key of the hub for this account
	HostKey     string // the server's key as an authorized_keys line; no other is accepted
	Inbox       string // the hub writes here; "inbox" when empty
	Outbox      string // the hub reads here; "outbox" when empty
	Concurrency int    // connections and transfers at once; 2 when 0
	Packet      int    // bytes of one SFTP read or write, 32,768 when 0; more only when the server is known to take it
	SignKeyFile string // the hub's SM2 key for manifests, as GenerateKey writes it
	VerifyKey   string // the partner's SM2 public key, as PublicKey prints it

	Manifests Manifests     // whether files are declared; signed when empty
	Stillness time.Duration // between two looks at a file without manifest, at least; 10 s when 0
	Quirks                  // habits of the partner's server
}

// Config says where files are kept and which partners there are.
type Config struct {
	Archive     string        // folder for out/, in/ and quarantine/
	Endpoints   []Endpoint    // one per partner
	DialTimeout time.Duration // for TCP, SSH handshake and SFTP start together; 15 s when 0
	Silence     time.Duration // a server that sends nothing for so long in mid-transfer is cut off; 30 s when 0
	KeepAlive   time.Duration // between probes of a connection; 15 s when 0
	MaxBytes    int64         // the largest file that is taken from a partner; 1 GiB when 0

	// Written, when set, is told of each file of ours that is in the archive, before anything of it leaves; its error keeps the
	// file here.
	Written func(ctx context.Context, f card.File, m card.Manifest) error
	// Ignored, when set, is told how many names in a partner's outbox were no file names of the exchange.
	Ignored func(partner string, names int)
}

// Exchange moves files between the hub's archive and its partners. It is safe for concurrent use.
type Exchange struct {
	archive  archive
	lanes    map[string]*lane
	maxBytes int64
	ignored  func(partner string, names int)
	written  func(context.Context, card.File, card.Manifest) error
	busy     *turns
}

// Open makes an Exchange. Nothing is dialled and no key is read before it is needed; Config.Check does that early.
func Open(cfg Config) *Exchange {
	cfg = cfg.withDefaults()
	x := &Exchange{
		archive:  archive{root: cfg.Archive},
		lanes:    make(map[string]*lane, len(cfg.Endpoints)),
		maxBytes: cfg.MaxBytes,
		ignored:  cfg.Ignored,
		written:  cfg.Written,
		busy:     newTurns(),
	}
	for _, e := range cfg.Endpoints {
		x.lanes[e.Partner] = newLane(e.withDefaults(), cfg)
	}
	return x
}

// Close ends all connections. Transfers under way fail as Unavailable.
func (x *Exchange) Close() error {
	var wait sync.WaitGroup
	for _, l := range x.lanes {
		wait.Go(l.close)
	}
	wait.Wait()
	return nil
}

// Ping tells whether partner's server can be reached, is the pinned one, lets the hub in, and has both folders. The error
// is Unavailable otherwise, Denied with HOST_KEY_DIFFERS for another server's key, NotFound for an unknown partner.
func (x *Exchange) Ping(ctx context.Context, partner string) error {
	l, err := x.lane(partner)
	if err != nil {
		return err
	}
	return l.use(ctx, "exchange.ping", func(s *session) error {
		for _, dir := range []string{l.Inbox, l.Outbox} {
			info, err := s.files.Stat(dir)
			if err != nil {
				return fmt.Errorf("folder %s: %w", dir, err)
			}
			if !info.IsDir() {
				return fmt.Errorf("folder %s: not a folder", dir)
			}
		}
		return nil
	})
}

// Check reports everything in c that cannot work: unreadable keys, host keys that are none, doubled partners. It dials
// nobody.
func (c Config) Check() error {
	var faults []error
	seen := make(map[string]bool, len(c.Endpoints))
	for _, e := range c.Endpoints {
		if seen[e.Partner] {
			faults = append(faults, fmt.Errorf("exchange: partner %s is there twice", e.Partner))
		}
		seen[e.Partner] = true
		if err := e.check(); err != nil {
			faults = append(faults, fmt.Errorf("exchange: partner %s: %w", e.Partner, err))
		}
	}
	return errors.Join(faults...)
}

func (e Endpoint) check() error {
	name := checkName("exchange.check", card.File{Partner: e.Partner, Kind: card.Report, Date: "20260101", Seq: 1})
	login := e.checkLogin()
	_, sign := e.signKey()
	_, verify := e.verifyKey()
	return errors.Join(name, login, sign, verify, e.Manifests.check(), e.Quirks.check(e))
}

func (e Endpoint) checkLogin() error {
	if e.Directory == "" {
		_, err := clientConfig(e)
		return err
	}
	if e.Address+e.User+e.KeyFile+e.HostKey != "" {
		return errors.New("it has both a folder of ours and a server")
	}
	return nil
}

func (c Config) withDefaults() Config {
	c.DialTimeout = cmp.Or(c.DialTimeout, 15*time.Second)
	c.Silence = cmp.Or(c.Silence, 30*time.Second)
	c.KeepAlive = cmp.Or(c.KeepAlive, 15*time.Second)
	c.MaxBytes = cmp.Or(c.MaxBytes, 1<<30)
	return c
}

func (e Endpoint) withDefaults() Endpoint {
	e.Inbox = path.Clean(cmp.Or(e.Inbox, "inbox"))
	e.Outbox = path.Clean(cmp.Or(e.Outbox, "outbox"))
	e.Concurrency = max(1, cmp.Or(e.Concurrency, 2))
	e.Stillness = cmp.Or(e.Stillness, 10*time.Second)
	if e.OneAtATime {
		e.Concurrency = 1
	}
	e.Packet = min(max(1<<10, cmp.Or(e.Packet, 32<<10)), 255<<10)
	return e
}

func (x *Exchange) lane(partner string) (*lane, error) {
	if l, ok := x.lanes[partner]; ok {
		return l, nil
	}
	return nil, card.E(card.NotFound, "exchange", card.ReasonPartnerUnknown, fmt.Errorf("partner %q is not configured", partner))
}

// checkName refuses a file whose fields would not make a name of the exchange, among them every path trick.
func checkName(op string, f card.File) error {
	back, err := card.ParseFileName(f.Name())
	if err == nil && back == f {
		return nil
	}
	return card.E(card.Invalid, op, card.ReasonFileName, errors.Join(errors.New("not a file of the exchange"), err))
}

type progressKey struct{}

// WithProgress has progress called during Publish and Collect with the bytes that the call has moved so far (archived,
// sent, received and read back together), so that an activity can heartbeat. It is called often, never at the same time.
func WithProgress(ctx context.Context, progress func(bytes int64)) context.Context {
	return context.WithValue(ctx, progressKey{}, progress)
}

// meter counts bytes through whatever it is put into and tells the caller of Publish or Collect.
type meter struct {
	bytes int64
	tell  func(int64)
}

func newMeter(ctx context.Context) *meter {
	tell, ok := ctx.Value(progressKey{}).(func(int64))
	if !ok {
		tell = func(int64) {}
	}
	return &meter{tell: tell}
}

func (m *meter) Write(p []byte) (int, error) {
	m.bytes += int64(len(p))
	m.tell(m.bytes)
	return len(p), nil
}
