//go:build !race

package vault_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNothingIsAllocatedPerRow is left out under the race detector, which empties pools at random.
func TestNothingIsAllocatedPerRow(t *testing.T) {
	v, _ := newVault(t)
	plain, aad := []byte("a synthetic name"), []byte("person/7")
	out, back := make([]byte, 0, 200), make([]byte, 0, 200)
	require.Zero(t, testing.AllocsPerRun(1000, func() { out = v.AppendSeal(out[:0], plain, aad) }))
	var err error
	require.Zero(t, testing.AllocsPerRun(1000, func() { back, err = v.AppendOpen(back[:0], out, aad) }))
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(1000, func() { v.Index("ssn", "44060019900101001X") }))
}
