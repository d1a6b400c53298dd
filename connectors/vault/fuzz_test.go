package vault_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzOpen(f *testing.F) {
	v, _ := newVault(f)
	sealed := v.Seal([]byte("synthetic"), []byte("aad"))
	f.Add(sealed, []byte("aad"))
	f.Add(sealed[:20], []byte{})
	f.Add([]byte{1, 1}, []byte("aad"))
	f.Fuzz(func(t *testing.T, text, aad []byte) {
		plain, err := v.Open(text, aad)
		if string(text) == string(sealed) && string(aad) == "aad" {
			require.NoError(t, err)
			require.Equal(t, "synthetic", string(plain))
			return
		}
		require.Error(t, err, "nothing but what was sealed opens")
	})
}
