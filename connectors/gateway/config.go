package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/crypto/ssh"

	"onecard/card"
)

// Config says where a Gateway listens, where it keeps its files and whom it lets in.
type Config struct {
	Address     string // host:port; port 0 takes a free one
	HostKeyFile string // OpenSSH private key (Ed25519, ECDSA, RSA from 3,072 bits) that nobody else may read
	Root        string // folder with one folder per partner; made when missing
	Partners    []Partner
	Limits      Limits
	Audit       io.Writer    // gets one JSON line per operation, in one Write; nil for none
	Log         *slog.Logger // is told what is the gateway\'s own fault; nil for nowhere

	// LoggedIn, when set, is told of each partner that begins a session. It must not block.
	LoggedIn func(partner string) `json:"-"`
}

// Partner is who may log in, under its own name as the user.
type Partner struct {
	Name string   // as in file names: [A-Z0-9]{2,16}
	Keys []string // its public keys, one authorized_keys line each; options in them are refused
}

// Limits bound what anybody can use. Zero values take the defaults.
type Limits struct {
	FileBytes int64 // the largest file; 1 GiB
	Bytes     int64 // of one partner's files that the hub has not taken, drafts and refused ones among them; 8 GiB
	Files     int   // how many these may be; 2,000

	BytesPerSecond      int64 // of one partner, both ways together; 256 MiB
	OperationsPerSecond int   // of one partner, reads and writes not counted; 200

	Sessions        int // of all partners at once; 1,024
	PartnerSessions int // of one partner at once; 8
	Handles         int // open files and folders of one session; 32

	Logins               int           // connections that have not logged in yet, at once; 64
	AddressLogins        int           // of these from one address; 8
	ConnectionsPerMinute int           // from one address; 120
	Login                time.Duration // within which a login must be done; 20 s
	Idle                 time.Duration // after which a session that asks for nothing is ended; 10 min
}

func (c Config) withDefaults() Config {
	if c.Audit == nil {
		c.Audit = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.LoggedIn == nil {
		c.LoggedIn = func(string) {}
	}
	l := &c.Limits
	l.FileBytes = cmp.Or(l.FileBytes, 1<<30)
	l.Bytes = cmp.Or(l.Bytes, 8<<30)
	l.Files = cmp.Or(l.Files, 2000)
	l.BytesPerSecond = cmp.Or(l.BytesPerSecond, 256<<20)
	l.OperationsPerSecond = cmp.Or(l.OperationsPerSecond, 200)
	l.Sessions = cmp.Or(l.Sessions, 1024)
	l.PartnerSessions = cmp.Or(l.PartnerSessions, 8)
	l.Handles = cmp.Or(l.Handles, 32)
	l.Logins = cmp.Or(l.Logins, 64)
	l.AddressLogins = cmp.Or(l.AddressLogins, 8)
	l.ConnectionsPerMinute = cmp.Or(l.ConnectionsPerMinute, 120)
	l.Login = cmp.Or(l.Login, 20*time.Second)
	l.Idle = cmp.Or(l.Idle, 10*time.Minute)
	return c
}

// Check reports everything in c that cannot work: the host key, the partners' names and keys. It listens nowhere.
func (c Config) Check() error {
	_, host := hostKey(c.HostKeyFile)
	if err := errors.Join(host, checkPartners(c.Partners)); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

func checkPartners(partners []Partner) error {
	var faults []error
	names, owners := map[string]bool{}, map[string]string{}
	for _, p := range partners {
		// The name becomes a folder's: only what could stand in a file name is one.
		if _, err := card.ParseFileName(card.File{Partner: p.Name, Kind: card.Report, Date: "20260101", Seq: 1}.Name()); err != nil {
			faults = append(faults, fmt.Errorf("partner %q: not 2 to 16 of A-Z and 0-9", p.Name))
		}
		if names[p.Name] {
			faults = append(faults, fmt.Errorf("partner %s is there twice", p.Name))
		}
		names[p.Name] = true
		faults = append(faults, p.checkKeys(owners))
	}
	return errors.Join(faults...)
}

// checkKeys also finds keys of two partners: whoever has one could be taken for either.
func (p Partner) checkKeys(owners map[string]string) error {
	if len(p.Keys) == 0 {
		return fmt.Errorf("partner %s: no login key", p.Name)
	}
	var faults []error
	for n, line := range p.Keys {
		key, err := loginKey(line)
		if err != nil {
			faults = append(faults, fmt.Errorf("partner %s: login key %d: %w", p.Name, n+1, err))
			continue
		}
		shown := ssh.FingerprintSHA256(key)
		if owner, taken := owners[shown]; taken {
			faults = append(faults, fmt.Errorf("partner %s: login key %d is also a key of %s", p.Name, n+1, owner))
		}
		owners[shown] = p.Name
	}
	return errors.Join(faults...)
}
