package sim

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/crypto/ssh"
)

// hostKey reads the key of path, or makes one there.
func hostKey(path string) (ssh.Signer, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator of the simulator names the file
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeHostKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("host key %s: %w", path, err)
	}
	return signer, nil
}

func makeHostKey(path string) ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(key, "simulated partner")
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(block)
	return text, replaceFile(path, text)
}

// replaceFile writes text under a temporary name and renames it, so that path is never half written.
func replaceFile(path string, text []byte) error {
	if err := os.WriteFile(path+".tmp", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// authorized reads the lines of an authorized_keys file.
func authorized(text []byte) ([][]byte, error) {
	var keys [][]byte
	for len(bytes.TrimSpace(text)) > 0 {
		key, _, _, rest, err := ssh.ParseAuthorizedKey(text)
		if err != nil {
			return nil, fmt.Errorf("authorized keys: %w", err)
		}
		keys = append(keys, key.Marshal())
		text = rest
	}
	if len(keys) == 0 {
		return nil, errors.New("authorized keys: none given")
	}
	return keys, nil
}
