// Package vault keeps personal data unreadable at rest: SM4-GCM (GB/T 32907, GB/T 36624) with a key that the
// ciphertext names, and a keyed SM3 blind index (GB/T 32905) for look-ups and matches.
//
// A sealed text is one version byte, one key id byte, a 12-byte random nonce, and the ciphertext with its 16-byte tag.
// A key should be rotated long before it has sealed 2^32 texts; old keys stay in the key file and still open.
package vault

import (
	"crypto/cipher"
	"errors"
	"sync"

	"onecard/card"
)

const (
	version    = 1
	headerSize = 2
	nonceSize  = 12
	tagSize    = 16

	// Overhead is by how many bytes a sealed text is longer than the plain one.
	Overhead = headerSize + nonceSize + tagSize
)

var (
	errTooShort   = errors.New("the sealed text is too short")
	errVersion    = errors.New("the sealed text is of an unknown version")
	errUnknownKey = errors.New("the sealed text names a key that the key file lacks")
	errAltered    = errors.New("the sealed text was altered, or belongs elsewhere")
)

// Vault seals, opens and indexes. All its methods may be called concurrently.
type Vault struct {
	current byte
	ciphers map[byte]cipher.AEAD
	nonces  sync.Pool // of *nonceStock
	indexes sync.Pool // of *indexer
}

// Seal encrypts plain under the current key and returns the sealed text. Whoever opens it must give the same aad, which
// says where the text belongs (a table's column, a row) and is not part of the sealed text.
func (v *Vault) Seal(plain, aad []byte) []byte {
	return v.AppendSeal(make([]byte, 0, len(plain)+Overhead), plain, aad)
}

// AppendSeal is Seal, appending to dst; it allocates only when dst has less than len(plain)+Overhead bytes to spare.
// plain must not lie in dst's spare room.
func (v *Vault) AppendSeal(dst, plain, aad []byte) []byte {
	dst = append(dst, version, v.current)
	dst = v.appendNonce(dst)
	return v.ciphers[v.current].Seal(dst, dst[len(dst)-nonceSize:], plain, aad)
}

// Open returns the plain text of what Seal made with the same aad, under any key of the key file. Its errors are
// *card.Error and bear nothing of the content: Invalid when it is no sealed text, NotFound when its key is missing,
// Breach when it was altered or moved.
func (v *Vault) Open(sealed, aad []byte) ([]byte, error) {
	return v.AppendOpen(nil, sealed, aad)
}

// AppendOpen is Open, appending to dst; it allocates only when dst has too little room to spare. After an error the
// bytes that dst already had are untouched.
func (v *Vault) AppendOpen(dst, sealed, aad []byte) ([]byte, error) {
	const op = "open sealed text"
	if len(sealed) < Overhead {
		return nil, card.E(card.Invalid, op, "", errTooShort)
	}
	if sealed[0] != version {
		return nil, card.E(card.Invalid, op, "", errVersion)
	}
	aead, ok := v.ciphers[sealed[1]]
	if !ok {
		return nil, card.E(card.NotFound, op, "", errUnknownKey)
	}
	body := sealed[headerSize:]
	plain, err := aead.Open(dst, body[:nonceSize], body[nonceSize:], aad)
	if err != nil {
		return nil, card.E(card.Breach, op, "", errAltered)
	}
	return plain, nil
}
