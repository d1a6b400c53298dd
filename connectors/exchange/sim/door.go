package sim

import (
	"golang.org/x/crypto/ssh"
)

// Door is how a server departs from letting in one account by one key to nothing but files. The zero value does not.
type Door struct {
	AnyKey   bool // every key opens
	AnyUser  bool // every account name is that of the hub
	Password bool // any password opens, too
	Open     bool // nothing is asked
	Old      bool // algorithms that are broken are offered beside the others
	OldOnly  bool // no others are offered
	Shell    bool // commands are carried out
	Tunnel   bool // connections are passed on
	NoSFTP   bool // files are not served
}

// Algorithms that are broken, or as good as.
var (
	oldCiphers      = []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}
	oldKeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1, ssh.InsecureKeyExchangeDH14SHA1}
)

func (d Door) config(user string, keys [][]byte) *ssh.ServerConfig {
	if d.AnyUser {
		user = ""
	}
	c := &ssh.ServerConfig{PublicKeyCallback: doorkeeper(user, keys), NoClientAuth: d.Open}
	if d.AnyKey {
		c.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return &ssh.Permissions{}, nil }
	}
	if d.Password {
		c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return &ssh.Permissions{}, nil }
	}
	if d.Old || d.OldOnly {
		safe := ssh.SupportedAlgorithms()
		c.Ciphers, c.KeyExchanges = oldCiphers, oldKeyExchanges
		if !d.OldOnly {
			c.Ciphers, c.KeyExchanges = append(safe.Ciphers, oldCiphers...), append(safe.KeyExchanges, oldKeyExchanges...)
		}
	}
	return c
}
