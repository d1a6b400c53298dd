package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/crypto/ssh"

	"onecard/card"
)

// Only algorithms without known weaknesses; AES-GCM first because processors do it in hardware.
var (
	ciphers = []string{
		ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherChaCha20Poly1305, ssh.CipherAES256CTR, ssh.CipherAES128CTR,
	}
	macs         = []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM}
	keyExchanges = []string{
		ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519,
		ssh.KeyExchangeECDHP256, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521,
	}
	hostKeys = []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
)

var errHostKey = errors.New("the server shows another host key than the pinned one")

// clientConfig reads the keys of e anew, so that a replaced key file holds from the next connection on.
func clientConfig(e Endpoint) (*ssh.ClientConfig, error) {
	signer, err := loginKey(e.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("login key: %w", err)
	}
	pinned, _, _, _, err := ssh.ParseAuthorizedKey([]byte(e.HostKey))
	if err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	}
	if pinned.Type() != ssh.KeyAlgoRSA && !slices.Contains(hostKeys, pinned.Type()) {
		return nil, fmt.Errorf("host key: %s is no accepted kind", pinned.Type())
	}
	return &ssh.ClientConfig{
		Config:            ssh.Config{Ciphers: ciphers, MACs: macs, KeyExchanges: keyExchanges},
		User:              e.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback:   pin(pinned),
		HostKeyAlgorithms: algorithmsFor(pinned),
	}, nil
}

func loginKey(file string) (ssh.Signer, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	several, ok := signer.(ssh.MultiAlgorithmSigner)
	if !ok || signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer, nil
	}
	// Left to itself an RSA key would also sign with SHA-1.
	return ssh.NewSignerWithAlgorithms(several, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
}

func pin(pinned ssh.PublicKey) ssh.HostKeyCallback {
	want := pinned.Marshal()
	return func(_ string, _ net.Addr, shown ssh.PublicKey) error {
		if !bytes.Equal(shown.Marshal(), want) {
			return errHostKey
		}
		return nil
	}
}

// algorithmsFor asks for the pinned key's kind first: a server with several keys then shows that one. The others stay
// allowed so that a server that lost its key is told from one that cannot be talked to.
func algorithmsFor(pinned ssh.PublicKey) []string {
	kinds := []string{pinned.Type()}
	if pinned.Type() == ssh.KeyAlgoRSA {
		kinds = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	for _, other := range hostKeys {
		if !slices.Contains(kinds, other) {
			kinds = append(kinds, other)
		}
	}
	return kinds
}

func loginError(err error) error {
	if errors.Is(err, errHostKey) {
		return card.E(card.Denied, "exchange.dial", card.ReasonHostKeyDiffers, err)
	}
	return err
}
