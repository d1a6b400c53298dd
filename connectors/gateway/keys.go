package gateway

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/crypto/ssh"
)

// version is all that the server says of itself; it is the same in every release.
const version = "SSH-2.0-Onecard"

const minRSA = 3072

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
	hostAlgorithms = []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
	loginAlgorithms = append([]string{ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256}, hostAlgorithms...)
)

// serverConfig lets in whom admit lets in, by public key alone.
func serverConfig(
	host ssh.Signer, admit func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error),
) *ssh.ServerConfig {
	c := &ssh.ServerConfig{
		Config:                  ssh.Config{Ciphers: ciphers, MACs: macs, KeyExchanges: keyExchanges},
		PublicKeyCallback:       admit,
		PublicKeyAuthAlgorithms: loginAlgorithms,
		ServerVersion:           version,
		MaxAuthTries:            6,
	}
	c.AddHostKey(host)
	return c
}

// hostKey reads the server's own key, which nobody else may be able to read.
func hostKey(file string) (ssh.Signer, error) {
	info, err := os.Stat(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("host key (ssh-keygen -t ed25519 makes one): %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("host key %s: others can read it (chmod 600)", file)
	}
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("host key %s: %w", file, err)
	}
	if err := checkStrength(signer.PublicKey(), hostAlgorithms); err != nil {
		return nil, fmt.Errorf("host key %s: %w", file, err)
	}
	several, ok := signer.(ssh.MultiAlgorithmSigner)
	if !ok || signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer, nil
	}
	// Left to itself an RSA key would also sign with SHA-1.
	return ssh.NewSignerWithAlgorithms(several, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
}

// loginKey reads one line of an authorized_keys file; options such as from= would not be obeyed and so are refused.
func loginKey(line string) (ssh.PublicKey, error) {
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	switch {
	case err != nil:
		return nil, err
	case len(options) > 0:
		return nil, errors.New("options are not supported")
	case len(rest) > 0:
		return nil, errors.New("more than one line")
	default:
		return key, checkStrength(key, loginAlgorithms)
	}
}

func checkStrength(key ssh.PublicKey, kinds []string) error {
	if key.Type() != ssh.KeyAlgoRSA {
		if !slices.Contains(kinds, key.Type()) {
			return fmt.Errorf("%s is no accepted kind", key.Type())
		}
		return nil
	}
	holder, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return errors.New("not a plain RSA key")
	}
	public, ok := holder.CryptoPublicKey().(*rsa.PublicKey)
	if !ok || public.N.BitLen() < minRSA {
		return fmt.Errorf("an RSA key below %d bits", minRSA)
	}
	return nil
}
