package vault_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// rowSize is about what one person's packed row takes.
const rowSize = 120

func BenchmarkAppendSeal(b *testing.B) {
	v, _ := newVault(b)
	plain, aad, out := bytes.Repeat([]byte("x"), rowSize), []byte("person"), make([]byte, 0, 2*rowSize)
	b.SetBytes(rowSize)
	b.ReportAllocs()
	for b.Loop() {
		out = v.AppendSeal(out[:0], plain, aad)
	}
}

func BenchmarkAppendOpen(b *testing.B) {
	v, _ := newVault(b)
	sealed, out := v.Seal(bytes.Repeat([]byte("x"), rowSize), []byte("person")), make([]byte, 0, 2*rowSize)
	b.SetBytes(rowSize)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		out, err = v.AppendOpen(out[:0], sealed, []byte("person"))
		require.NoError(b, err)
	}
}

func BenchmarkIndex(b *testing.B) {
	v, _ := newVault(b)
	b.ReportAllocs()
	for b.Loop() {
		v.Index("ssn", "44060019900101001X")
	}
}
