package vault

import (
	"crypto/hmac"
	"encoding/binary"
	"hash"

	"github.com/emmansun/gmsm/sm3"
)

// IndexSize is the length of a blind index in bytes.
const IndexSize = 16

// indexer is one HMAC-SM3 with its scratch space, for one goroutine at a time.
type indexer struct {
	mac hash.Hash
	in  []byte
	sum [sm3.Size]byte
}

// Index returns the blind index of value: HMAC-SM3 under the index key, cut to 128 bits. Equal values have equal
// indexes within one purpose and unrelated ones across purposes ("ssn", "phone"). The caller normalises value first.
// The index key is never rotated: a new one means a new index of every row.
func (v *Vault) Index(purpose, value string) [IndexSize]byte {
	x := v.indexes.Get().(*indexer)
	// The length in front keeps ("ab", "c") apart from ("a", "bc").
	x.in = binary.AppendUvarint(x.in[:0], uint64(len(purpose)))
	x.in = append(x.in, purpose...)
	x.in = append(x.in, value...)
	x.mac.Reset()
	_, _ = x.mac.Write(x.in) // a hash never fails
	x.mac.Sum(x.sum[:0])
	index := [IndexSize]byte(x.sum[:])
	clear(x.in)
	v.indexes.Put(x)
	return index
}

func indexMaker(key []byte) func() any {
	return func() any { return &indexer{mac: hmac.New(sm3.New, key)} }
}
