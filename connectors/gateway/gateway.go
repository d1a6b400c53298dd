// Package gateway is the SFTP server that partners log in to: those without a server of their own, who keep the same file
// exchange (docs/partner-files.md) in an account here. Each partner sees four folders, named from its side, and one more:
//
//	inbox/            the hub writes, the partner reads
//	inbox/done/       the partner moves here what it has processed
//	outbox/           the partner writes, the hub reads
//	outbox/done/      the hub moves here what it has taken
//	outbox/refused/   the hub moves here what it has refused; the partner may delete it
//	test/             the same folders, for conformance tests
//
// A partner writes drafts (`<name>.tmp`) and renames them. With its manifest `<name>.ok` a file becomes the hub's: nobody
// can change, replace or delete it until the hub has moved it to done/, where its name stays taken for ever, or to refused/,
// where the name is free again. The hub works on the same folders on its own disk (exchange.Endpoint.Directory) and never
// looks at drafts, so nothing half is ever seen, whenever a connection or this program ends.
//
// There is SSH with public keys, SFTP, and nothing else: no password, shell, command or forwarding, no links, no attributes.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Gateway is a running server. It is safe for concurrent use.
type Gateway struct {
	cfg      Config
	host     ssh.PublicKey
	ssh      *ssh.ServerConfig
	listener net.Listener
	door     *door
	audit    *slog.Logger
	counts   counts
	wg       sync.WaitGroup

	mu       sync.Mutex
	accounts map[string]*account // by partner, and so by the name that it logs in with
	sessions map[*session]struct{}
	last     uint64 // number of the session that came last
	closed   bool
}

// Listen makes the partners' folders and starts the server: it accepts connections until Stop. The error is about the
// configuration, the keys, the folders or the address.
func Listen(cfg Config) (*Gateway, error) {
	g, err := prepare(cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.listener, err = net.Listen("tcp", cfg.Address); err != nil {
		return nil, errors.Join(fmt.Errorf("gateway: %w", err), g.closeAccounts())
	}
	g.wg.Go(g.accept)
	return g, nil
}

func prepare(cfg Config) (*Gateway, error) {
	signer, err := hostKey(cfg.HostKeyFile)
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		cfg:      cfg,
		host:     signer.PublicKey(),
		door:     newDoor(cfg.Limits),
		audit:    slog.New(slog.NewJSONHandler(cfg.Audit, nil)),
		accounts: make(map[string]*account),
		sessions: make(map[*session]struct{}),
	}
	g.ssh = serverConfig(signer, g.admit)
	if err := g.Reload(cfg.Partners); err != nil {
		return nil, errors.Join(err, g.closeAccounts())
	}
	return g, nil
}

// Addr returns the host:port that the server listens on.
func (g *Gateway) Addr() string { return g.listener.Addr().String() }

// HostKey returns the public key that partners pin, as one authorized_keys line without a line feed.
func (g *Gateway) HostKey() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(g.host)))
}

// Reload puts partners in the place of those that may log in now. Sessions of partners, and of keys, that are no longer
// there are ended; all others go on. Nothing changes when an error is returned.
func (g *Gateway) Reload(partners []Partner) error {
	if err := checkPartners(partners); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	fresh, err := g.openAccounts(partners)
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	for s := range g.sessions {
		if a := fresh[s.account.partner]; a == nil || !a.knows(s.key) {
			s.end(errRevoked)
		}
	}
	var gone []*account
	for name, a := range g.accounts {
		if fresh[name] == nil {
			gone = append(gone, a)
		}
	}
	g.accounts = fresh
	for _, a := range gone {
		a.retire()
	}
	return nil
}

// openAccounts returns the accounts of partners: those that are there with their new keys, the others opened.
func (g *Gateway) openAccounts(partners []Partner) (map[string]*account, error) {
	fresh := make(map[string]*account, len(partners))
	var opened []*account
	for _, p := range partners {
		if a := g.accounts[p.Name]; a != nil {
			fresh[p.Name] = a
			continue
		}
		a, err := openAccount(g.cfg.Root, p.Name, g.cfg.Limits)
		if err != nil {
			for _, o := range opened {
				o.retire()
			}
			return nil, err
		}
		fresh[p.Name], opened = a, append(opened, a)
	}
	for _, p := range partners {
		fresh[p.Name].setKeys(p.Keys)
	}
	return fresh, nil
}

func (g *Gateway) account(partner string) *account {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.accounts[partner]
}

func (g *Gateway) closeAccounts() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var faults []error
	for _, a := range g.accounts {
		faults = append(faults, a.root.Close())
	}
	return errors.Join(faults...)
}

// lull is how long a session without open files must have been silent before Stop ends it: time to rename and declare.
const lull = time.Second

// Stop accepts nobody any more, lets sessions that have files open finish, and ends what is left when ctx ends. It returns
// when every session has ended; the error is about files that could not be closed.
func (g *Gateway) Stop(ctx context.Context) error {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	g.mu.Unlock()
	if again {
		return nil
	}
	err := g.listener.Close()
	tick := time.NewTicker(lull / 10)
	defer tick.Stop()
	for g.endSessions(ctx.Err() != nil) > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	g.door.close()
	g.wg.Wait()
	return errors.Join(err, g.closeAccounts())
}

// endSessions ends the quiet sessions, or all, and returns how many were left.
func (g *Gateway) endSessions(all bool) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := 0
	for s := range g.sessions {
		if all || s.quiet(lull) {
			s.end(errStopping)
		} else {
			left++
		}
	}
	return left
}
