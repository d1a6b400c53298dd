package vault

import (
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/BurntSushi/toml"
	"github.com/emmansun/gmsm/sm4"

	"onecard/card"
)

const (
	secretSize   = sm4.BlockSize // an SM4 key is as long as its block
	indexKeySize = 32
	lastKeyID    = math.MaxUint8
)

// keyFile is the key file's content; secrets are lower-case hex.
type keyFile struct {
	Current uint8  `toml:"current"`
	Index   string `toml:"index"`
	Keys    []key  `toml:"key"`
}

type key struct {
	ID     uint8  `toml:"id"`
	Secret string `toml:"secret"`
}

// Open reads the key file (made by Generate) and returns its vault. The file must be readable by its owner alone. Errors
// are *card.Error and never show a key: NotFound when there is no file, Denied when others may read it, else Invalid.
func Open(keyFile string) (*Vault, error) {
	f, err := readKeys(keyFile)
	if err != nil {
		return nil, err
	}
	v, err := f.vault()
	if err != nil {
		return nil, card.E(card.Invalid, "read key file "+keyFile, "", err)
	}
	return v, nil
}

func readKeys(path string) (keyFile, error) {
	op := "read key file " + path
	info, err := os.Stat(path)
	if err != nil {
		return keyFile{}, card.E(fileKind(err), op, "", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return keyFile{}, card.E(card.Denied, op, "", fmt.Errorf("mode is %#o; run chmod 600 on it", mode))
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return keyFile{}, card.E(fileKind(err), op, "", err)
	}
	f, err := parseKeys(string(text))
	if err != nil {
		return keyFile{}, card.E(card.Invalid, op, "", err)
	}
	return f, nil
}

// parseKeys is strict. The decoder's own messages are dropped, because they quote the text, which holds keys.
func parseKeys(text string) (keyFile, error) {
	var f keyFile
	md, err := toml.Decode(text, &f)
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return keyFile{}, fmt.Errorf("line %d is not as expected", parse.Position.Line)
	}
	if err != nil {
		return keyFile{}, errors.New("a value is of the wrong type")
	}
	if extra := md.Undecoded(); len(extra) > 0 {
		return keyFile{}, fmt.Errorf("%d unknown keys", len(extra))
	}
	return f, nil
}

func (f keyFile) vault() (*Vault, error) {
	ciphers := make(map[byte]cipher.AEAD, len(f.Keys))
	for n, k := range f.Keys {
		aead, err := k.cipher()
		if err != nil {
			return nil, fmt.Errorf("key number %d: %w", n+1, err)
		}
		if _, twice := ciphers[k.ID]; twice {
			return nil, fmt.Errorf("key number %d: id %d is there twice", n+1, k.ID)
		}
		ciphers[k.ID] = aead
	}
	if ciphers[f.Current] == nil {
		return nil, fmt.Errorf("current names key %d, which is not in the file", f.Current)
	}
	indexKey, err := hex.DecodeString(f.Index)
	if err != nil || len(indexKey) != indexKeySize {
		return nil, fmt.Errorf("index must be %d hex digits", 2*indexKeySize)
	}
	v := &Vault{current: f.Current, ciphers: ciphers}
	v.nonces.New = newNonceStock
	v.indexes.New = indexMaker(indexKey)
	return v, nil
}

func (k key) cipher() (cipher.AEAD, error) {
	if k.ID == 0 {
		return nil, errors.New("its id is 0 or missing")
	}
	secret, err := hex.DecodeString(k.Secret)
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("secret must be %d hex digits", 2*secretSize)
	}
	block, err := sm4.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("set up SM4: %w", err)
	}
	return cipher.NewGCMWithTagSize(block, tagSize)
}

func fileKind(err error) card.Kind {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return card.NotFound
	case errors.Is(err, fs.ErrExist):
		return card.Conflict
	case errors.Is(err, fs.ErrPermission):
		return card.Denied
	}
	return card.Internal
}
