package exchange

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"onecard/card"
)

// Carry writes our archived file f, which is as m says, to the path to, and its signed manifest to `<to>.ok`: both can be
// carried to the partner by hand. The error is NotFound with FILE_ARCHIVE when the archive has nothing like it.
func (x *Exchange) Carry(f card.File, m card.Manifest, to string) error {
	const op = "exchange.carry"
	if err := checkName(op, f); err != nil {
		return err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return err
	}
	key, err := l.signKey()
	if err != nil {
		return card.E(card.Internal, op, "", err)
	}
	have, err := measure(x.archive.out(f))
	if err != nil {
		return err
	}
	if have == nil || !have.is(m) {
		return card.E(card.NotFound, op, card.ReasonFileArchive, fmt.Errorf("%s is not in the archive as the ledger says", f.Name()))
	}
	text, err := publication{&draft{part: &part{path: x.archive.out(f)}, manifest: m}, l, key}.manifestText()
	if err != nil {
		return err
	}
	return errors.Join(copyFile(x.archive.out(f), to), os.WriteFile(filepath.Clean(to)+".ok", text, 0o600))
}

func copyFile(from, to string) error {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return archiveError(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(filepath.Clean(to), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// DeclaredAt reads the manifest at path without trusting it: what file it speaks of, and which bytes. The error is Invalid
// when it is no manifest, NotFound when there is nothing.
func DeclaredAt(path string) (card.Manifest, error) {
	const op = "exchange.declared"
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return card.Manifest{}, card.E(card.NotFound, op, card.ReasonFileNoManifest, err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxManifest+1))
	if err != nil {
		return card.Manifest{}, card.E(card.Internal, op, "", err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return card.Manifest{}, card.E(card.Invalid, op, card.ReasonFileManifest, err)
	}
	return m.Manifest, nil
}
