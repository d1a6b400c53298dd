package sim

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// userID is the signer's identity that GB/T 35276 prescribes where nothing else is agreed.
const userID = "1234567812345678"

// SignKey reads the SM2 private key of path (PKCS #8 PEM), or makes one there.
func SignKey(path string) (*sm2.PrivateKey, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator of the simulator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return makeSignKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("sm2 key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("sm2 key %s: not PEM", path)
	}
	key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("sm2 key %s: %w", path, err)
	}
	own, ok := key.(*sm2.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("sm2 key %s: a key of another kind", path)
	}
	return own, nil
}

func makeSignKey(path string) (*sm2.PrivateKey, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, replaceFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// PublicHex is the public key as hex of the uncompressed point, 04‖X‖Y: 130 characters.
func PublicHex(key *ecdsa.PublicKey) (string, error) {
	point, err := sm2.PublicKeyToECDH(key)
	if err != nil {
		return "", fmt.Errorf("sm2 public key: %w", err)
	}
	return hex.EncodeToString(point.Bytes()), nil
}

// ParsePublicKey reads an SM2 public key: hex of the uncompressed point, or a PEM block "PUBLIC KEY".
func ParsePublicKey(text []byte) (*ecdsa.PublicKey, error) {
	if block, _ := pem.Decode(text); block != nil {
		return parsePKIX(block.Bytes)
	}
	point, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, errors.New("sm2 public key: neither hex nor PEM")
	}
	key, err := sm2.NewPublicKey(point)
	if err != nil {
		return nil, fmt.Errorf("sm2 public key: %w", err)
	}
	return key, nil
}

func parsePKIX(der []byte) (*ecdsa.PublicKey, error) {
	key, err := smx509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("sm2 public key: %w", err)
	}
	if !sm2.IsSM2PublicKey(key) {
		return nil, errors.New("sm2 public key: a key of another kind")
	}
	return key.(*ecdsa.PublicKey), nil
}
