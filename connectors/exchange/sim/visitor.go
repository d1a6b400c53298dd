package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// VisitorConfig says for whom a Visitor goes, and where to.
type VisitorConfig struct {
	Partner string // the account's name
	Dir     string // the partner's own folder, as in PartnerConfig
	Address string // host:port of the hub's server
	HostKey string // which it must show, as one line
	// Rest is how long the visitor waits between two visits; 0 for 200 ms.
	Rest time.Duration
	Log  *slog.Logger // is told what goes wrong; nil for silence
}

// Visitor goes for a partner that has no server of its own: it logs in to its account at the hub, fetches what lies there into
// the partner's inbox, and delivers what the partner has put into its outbox.
type Visitor struct {
	cfg     VisitorConfig
	login   ssh.Signer
	ssh     *ssh.ClientConfig
	trouble string // the last one that was told, so that it is told once

	closing  context.Context
	shutdown context.CancelFunc
	done     sync.WaitGroup
}

// StartVisitor starts visits, also while there is nobody at the address yet. The login key lies in the partner's folder and is
// made when missing.
func StartVisitor(cfg VisitorConfig) (*Visitor, error) {
	v := &Visitor{cfg: cfg}
	if v.cfg.Rest == 0 {
		v.cfg.Rest = 200 * time.Millisecond
	}
	if v.cfg.Log == nil {
		v.cfg.Log = slog.New(slog.DiscardHandler)
	}
	host, _, _, _, err := ssh.ParseAuthorizedKey([]byte(cfg.HostKey))
	if err != nil {
		return nil, fmt.Errorf("visitor of %s: the hub's host key: %w", cfg.Partner, err)
	}
	if v.login, err = hostKey(filepath.Join(cfg.Dir, "login_ed25519_key")); err != nil {
		return nil, fmt.Errorf("visitor of %s: login key: %w", cfg.Partner, err)
	}
	v.ssh = &ssh.ClientConfig{User: cfg.Partner, Auth: []ssh.AuthMethod{ssh.PublicKeys(v.login)},
		HostKeyCallback: ssh.FixedHostKey(host), HostKeyAlgorithms: []string{host.Type()}, Timeout: handshake}
	v.closing, v.shutdown = context.WithCancel(context.Background())
	v.done.Go(v.run)
	return v, nil
}

// LoginKey is the public key that the hub must know, as one line.
func (v *Visitor) LoginKey() string { return printed(v.login.PublicKey()) }

// Close ends the visits. What is on its way is begun again by the next visitor.
func (v *Visitor) Close() error {
	v.shutdown()
	v.done.Wait()
	return nil
}

func (v *Visitor) run() {
	for v.closing.Err() == nil {
		v.tell(v.stay())
		v.rest()
	}
}

func (v *Visitor) rest() {
	select {
	case <-v.closing.Done():
	case <-time.After(v.cfg.Rest):
	}
}

func (v *Visitor) tell(err error) {
	text := ""
	if err != nil && v.closing.Err() == nil {
		text = err.Error()
	}
	if text != "" && text != v.trouble {
		v.cfg.Log.Error("visit", "partner", v.cfg.Partner, "err", text)
	}
	v.trouble = text
}

// stay logs in and carries files to and fro until something fails.
func (v *Visitor) stay() (err error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(v.closing, "tcp", v.cfg.Address)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	leave := context.AfterFunc(v.closing, func() { hangUp(conn) })
	defer leave()
	link, channels, requests, err := ssh.NewClientConn(conn, v.cfg.Address, v.ssh)
	if err != nil {
		return err
	}
	client, err := sftp.NewClient(ssh.NewClient(link, channels, requests))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for v.closing.Err() == nil {
		if err := v.visit(client); err != nil {
			return err
		}
		v.tell(nil)
		v.rest()
	}
	return nil
}

// visit sees to the partner's real files, and to those of its test system where it has one.
func (v *Visitor) visit(client *sftp.Client) error {
	root := filepath.Join(v.cfg.Dir, "root")
	errs := []error{visit{client, "", root}.pay()}
	if test := filepath.Join(root, trialFolder); isFolder(filepath.Join(test, "inbox")) {
		errs = append(errs, visit{client, trialFolder, test}.pay())
	}
	return errors.Join(errs...)
}
