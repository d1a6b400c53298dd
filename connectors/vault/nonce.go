package vault

import "crypto/rand"

// noncesPerRead is how many nonces one read of the system's random source yields: one system call for each nonce would
// cost more than the encryption.
const noncesPerRead = 256

// nonceStock is a supply of random bytes that one goroutine draws on at a time. No byte is handed out twice.
type nonceStock struct {
	used int
	buf  [noncesPerRead * nonceSize]byte
}

func newNonceStock() any {
	s := new(nonceStock)
	s.used = len(s.buf)
	return s
}

// appendNonce appends a fresh nonce to dst.
func (v *Vault) appendNonce(dst []byte) []byte {
	s := v.nonces.Get().(*nonceStock)
	if s.used == len(s.buf) {
		_, _ = rand.Read(s.buf[:]) // never fails: the program ends when the system has no random source
		s.used = 0
	}
	dst = append(dst, s.buf[s.used:s.used+nonceSize]...)
	s.used += nonceSize
	v.nonces.Put(s)
	return dst
}
