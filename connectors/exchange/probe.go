package exchange

import (
	"crypto/rand"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/crypto/ssh"
)

// ClientConfig returns how the hub logs in at e: its account and key, the pinned host key, and modern algorithms only. It is
// the caller's to change, for whoever tests what a server does with other logins.
func ClientConfig(e Endpoint) (*ssh.ClientConfig, error) { return clientConfig(e) }

// SignLines returns lines, which each end with an LF, with the line that signs them by the SM2 key in keyFile, whatever they
// say: a manifest, when they are the nine lines of one.
func SignLines(lines []byte, keyFile string) ([]byte, error) {
	key, err := loadSignKey(keyFile)
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
