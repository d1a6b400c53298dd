package exchange

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/crypto/ssh"
)

// ClientConfig returns how the hub logs in at e: its account and key, the pinned host key, and modern algorithms only. It is
// the caller's to change, for whoever tests what a server does with other logins.
func ClientConfig(e Endpoint) (*ssh.ClientConfig, error) { return clientConfig(e) }

// SignLines returns lines, which each end with an LF, with the line that signs them by the SM2 key in keyFile, whatever they
// say: a manifest, when they are the nine lines of one.
func SignLines(lines []byte, keyFile string) ([]byte, error) {
	key, err := LoadKey(keyFile)
	if err != nil {
		return nil, err
	}
	return signLines(lines, key)
}

func signLines(lines []byte, key *sm2.PrivateKey) ([]byte, error) {
	signature, err := key.Sign(rand.Reader, lines, sm2.NewSM2SignerOption(true, []byte(userID)))
	if err != nil {
		return nil, fmt.Errorf("sign manifest: %w", err)
	}
	return fmt.Appendf(lines[:len(lines):len(lines)], "signature=%x\n", signature), nil
}

// errScanned ends a handshake once the server has shown its key.
var errScanned = errors.New("the key was shown")

// ScanHostKey returns the public key that the server at address shows now, as an authorized_keys line. Nobody vouches for it:
// it counts only when somebody who knows the server has confirmed its fingerprint.
func ScanHostKey(ctx context.Context, address string) (string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("scan host key: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing was sent but a handshake
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var shown ssh.PublicKey
	_, _, _, err = ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		Config: ssh.Config{Ciphers: ciphers, MACs: macs, KeyExchanges: keyExchanges}, HostKeyAlgorithms: hostKeys,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			shown = key
			return errScanned
		},
	})
	if shown == nil {
		return "", fmt.Errorf("scan host key: %w", err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(shown))), nil
}
