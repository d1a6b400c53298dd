package exchange

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// GenerateKey writes a new SM2 private key to file (PKCS #8 in PEM, mode 0600) and returns its public key as PublicKey
// does. A file that exists is never replaced.
func GenerateKey(file string) (string, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("generate key: %w", err)
	}
	der, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("generate key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der})
	out, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("generate key: %w", err)
	}
	_, err = out.Write(text)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", fmt.Errorf("generate key: %w", err)
	}
	return printKey(&key.PublicKey)
}

// PublicKey returns the public key of the SM2 private key in file: the uncompressed point in hex, 04 and twice 64 digits,
// the form in which partners exchange keys.
func PublicKey(file string) (string, error) {
	key, err := LoadKey(file)
	if err != nil {
		return "", err
	}
	return printKey(&key.PublicKey)
}

func printKey(key *ecdsa.PublicKey) (string, error) {
	point, err := sm2.PublicKeyToECDH(key)
	if err != nil {
		return "", fmt.Errorf("public key: %w", err)
	}
	return hex.EncodeToString(point.Bytes()), nil
}

// LoadKey reads an SM2 private key as GenerateKey wrote it.
func LoadKey(file string) (*sm2.PrivateKey, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("signature key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, fmt.Errorf("signature key %s: no %s block", file, privateBlock)
	}
	parsed, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signature key %s: %w", file, err)
	}
	key, ok := parsed.(*sm2.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("signature key %s: not an SM2 key", file)
	}
	return key, nil
}

// parseVerifyKey reads an SM2 public key: the point in hex, or a PUBLIC KEY block in PEM.
func parseVerifyKey(text string) (*ecdsa.PublicKey, error) {
	text = strings.TrimSpace(text)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return parsePublicBlock(block)
	}
	point, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("verification key: %w", err)
	}
	key, err := sm2.NewPublicKey(point)
	if err != nil {
		return nil, fmt.Errorf("verification key: %w", err)
	}
	return key, nil
}

func parsePublicBlock(block *pem.Block) (*ecdsa.PublicKey, error) {
	if block.Type != publicBlock {
		return nil, fmt.Errorf("verification key: no %s block", publicBlock)
	}
	parsed, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("verification key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || !sm2.IsSM2PublicKey(key) {
		return nil, errors.New("verification key: not an SM2 key")
	}
	return key, nil
}
