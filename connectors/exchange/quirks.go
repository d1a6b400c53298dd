package exchange

import (
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
)

// Quirks are habits of a partner's server that nobody can find out by asking it; the partner tells of them. What can be found
// out is: whether a file can be replaced by a rename, how files are described, that a file cannot be written over or moved.
type Quirks struct {
	// ReadOnce: a file can be read once, and is then gone or closed, the hub's own files too. Nothing is read back: that a
	// file has arrived is proved by its name and size in a listing (card.Proof.SizeOnly). Nothing is opened again: what is
	// taken is in the archive before the server counts it as read.
	ReadOnce bool
	// LooseNames: names are kept in capitals, or filled up with spaces. Files are found by listing their folder.
	LooseNames bool
	// OneAtATime: the account bears one connection with one open file. Concurrency is 1 then, and the connection ends with
	// each call, so that another program of the hub can have one.
	OneAtATime bool
}

// Manifests says whether files are declared by manifests.
type Manifests string

// How files are declared.
const (
	// ManifestsSigned: a file counts when its signed manifest is there, in both directions.
	ManifestsSigned Manifests = ""
	// ManifestsNone: a file of the partner's counts when it has not changed between two looks that are Endpoint.Stillness
	// apart; whoever reads its content checks that it ends as its layout says. The hub writes no manifests either.
	ManifestsNone Manifests = "none"
)

func (m Manifests) check() error {
	if m == ManifestsSigned || m == ManifestsNone {
		return nil
	}
	return fmt.Errorf("manifests are %q; they can be none, or signed, which is said by nothing", string(m))
}

// check refuses quirks of a server for an account that is a folder of ours.
func (q Quirks) check(e Endpoint) error {
	if e.Directory != "" && q != (Quirks{}) {
		return errors.New("quirks are for accounts on a partner's server")
	}
	return nil
}

// signKey is the key for the hub's manifests, nil when there are none.
func (e Endpoint) signKey() (*sm2.PrivateKey, error) {
	if e.Manifests == ManifestsNone {
		return nil, nil
	}
	return LoadKey(e.SignKeyFile)
}

// verifyKey is the key of the partner's manifests, nil when there are none.
func (e Endpoint) verifyKey() (*ecdsa.PublicKey, error) {
	if e.Manifests == ManifestsNone {
		return nil, nil
	}
	return parseVerifyKey(e.VerifyKey)
}
