package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"onecard/card"
)

const keyFileHead = `# Onecard's keys for personal data. Without this file the data cannot be read again; with it anybody can read it.
# Keep a copy apart from the database's backups. Never remove a key: older rows need it. Never change the index key.

`

// Generate makes a key file with one key, readable by its owner alone. It never overwrites: when there is a file
// already, the error's kind is Conflict.
func Generate(keyFile string) error {
	op := "make key file " + keyFile
	if _, err := os.Lstat(keyFile); err == nil {
		return card.E(card.Conflict, op, "", errors.New("there is one already"))
	}
	text, err := freshKeys().text()
	if err != nil {
		return card.E(card.Internal, op, "", err)
	}
	// A link, unlike a rename, fails when somebody else was faster.
	if err := throughTemporary(keyFile, text, os.Link); err != nil {
		return card.E(fileKind(err), op, "", err)
	}
	return nil
}

// Rotate adds a new key to the key file and makes it the current one. Running programs seal with the old key until they
// open the file anew; what any key sealed still opens.
func Rotate(keyFile string) error {
	f, err := readKeys(keyFile)
	if err != nil {
		return err
	}
	op := "rotate key file " + keyFile
	if _, err := f.vault(); err != nil {
		return card.E(card.Invalid, op, "", err)
	}
	if f.Current, err = f.nextID(); err != nil {
		return card.E(card.Conflict, op, "", err)
	}
	f.Keys = append(f.Keys, key{ID: f.Current, Secret: randomHex(secretSize)})
	text, err := f.text()
	if err != nil {
		return card.E(card.Internal, op, "", err)
	}
	if err := throughTemporary(keyFile, text, os.Rename); err != nil {
		return card.E(fileKind(err), op, "", err)
	}
	return nil
}

func freshKeys() keyFile {
	return keyFile{Current: 1, Index: randomHex(indexKeySize), Keys: []key{{ID: 1, Secret: randomHex(secretSize)}}}
}

func (f keyFile) nextID() (uint8, error) {
	last := uint8(0)
	for _, k := range f.Keys {
		last = max(last, k.ID)
	}
	if last == lastKeyID {
		return 0, fmt.Errorf("all %d key ids are used", lastKeyID)
	}
	return last + 1, nil
}

func (f keyFile) text() ([]byte, error) {
	b := bytes.NewBufferString(keyFileHead)
	if err := toml.NewEncoder(b).Encode(f); err != nil {
		return nil, fmt.Errorf("encode keys: %w", err)
	}
	return b.Bytes(), nil
}

// throughTemporary writes text to disk beside path and then has place put it there, so that no crash leaves half a key file.
func throughTemporary(path string, text []byte, place func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".keys-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already after a rename
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := place(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func randomHex(size int) string {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails: the program ends when the system has no random source
	return hex.EncodeToString(b)
}
