package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/vault"
)

func newVault(t testing.TB) (v *vault.Vault, keyFile string) {
	t.Helper()
	keyFile = filepath.Join(t.TempDir(), "vault.toml")
	require.NoError(t, vault.Generate(keyFile))
	v, err := vault.Open(keyFile)
	require.NoError(t, err)
	return v, keyFile
}

func TestSealedTextOpensOnlyWithItsAAD(t *testing.T) {
	t.Parallel()
	v, _ := newVault(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plain")
		aad := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "aad")
		sealed := v.Seal(plain, aad)
		require.Len(t, sealed, len(plain)+vault.Overhead)

		opened, err := v.Open(sealed, aad)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, opened))

		_, err = v.Open(sealed, append(aad, 'x'))
		require.Equal(t, card.Breach, card.KindOf(err))
	})
}

func TestAnyChangedBitIsNoticed(t *testing.T) {
	t.Parallel()
	v, _ := newVault(t)
	sealed := v.Seal([]byte("a synthetic name"), nil)
	for n := range len(sealed) * 8 {
		altered := bytes.Clone(sealed)
		altered[n/8] ^= 1 << (n % 8)
		_, err := v.Open(altered, nil)
		require.Error(t, err, "bit %d", n)
	}
	for n := range len(sealed) {
		_, err := v.Open(sealed[:n], nil)
		require.Error(t, err, "cut to %d bytes", n)
	}
}

func TestOpenSaysWhatIsWrongWithoutContent(t *testing.T) {
	t.Parallel()
	v, _ := newVault(t)
	sealed := v.Seal([]byte("synthetic"), nil)
	patched := func(at int, b byte) []byte {
		c := bytes.Clone(sealed)
		c[at] = b
		return c
	}
	for name, tc := range map[string]struct {
		sealed []byte
		kind   card.Kind
	}{
		"empty":           {nil, card.Invalid},
		"short":           {sealed[:vault.Overhead-1], card.Invalid},
		"unknown version": {patched(0, 9), card.Invalid},
		"unknown key":     {patched(1, 200), card.NotFound},
		"altered":         {patched(20, sealed[20]^1), card.Breach},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := v.Open(tc.sealed, nil)
			var typed *card.Error
			require.ErrorAs(t, err, &typed)
			require.Equal(t, tc.kind, typed.Kind)
			require.NotContains(t, err.Error(), "synthetic")
		})
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	v, _ := newVault(t)
	plain, aad := []byte("a synthetic name"), []byte("person/7")
	sealed := v.AppendSeal([]byte("front"), plain, aad)
	require.True(t, bytes.HasPrefix(sealed, []byte("front")))
	opened, err := v.AppendOpen([]byte("front"), sealed[5:], aad)
	require.NoError(t, err)
	require.Equal(t, "fronta synthetic name", string(opened))
}

func TestNoNonceIsUsedTwiceByConcurrentSealers(t *testing.T) {
	t.Parallel()
	v, _ := newVault(t)
	const workers, each = 8, 2000
	nonces := make(chan string, workers*each)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				nonces <- string(v.Seal(nil, nil)[2:14])
			}
		})
	}
	wg.Wait()
	close(nonces)
	seen := map[string]bool{}
	for n := range nonces {
		require.False(t, seen[n])
		seen[n] = true
	}
	require.Len(t, seen, workers*each)
}

func TestIndex(t *testing.T) {
	t.Parallel()
	v, keyFile := newVault(t)
	again, err := vault.Open(keyFile)
	require.NoError(t, err)
	other, _ := newVault(t)

	ssn := v.Index("ssn", "value")
	require.Equal(t, ssn, again.Index("ssn", "value"), "the same key file gives the same index")
	require.NotEqual(t, ssn, v.Index("phone", "value"), "purposes are apart")
	require.NotEqual(t, v.Index("ab", "c"), v.Index("a", "bc"), "purpose and value do not run together")
	require.NotEqual(t, ssn, other.Index("ssn", "value"), "another key gives another index")
}

// TestIndexIsHMACSM3 holds the index to a value computed apart from this package (openssl dgst -sm3 -mac hmac).
func TestIndexIsHMACSM3(t *testing.T) {
	t.Parallel()
	path := writeKeys(t, "current = 1\nindex = \""+strings.Repeat("0b", 32)+"\"\n[[key]]\nid = 1\nsecret = \""+strings.Repeat("0a", 16)+"\"\n")
	v, err := vault.Open(path)
	require.NoError(t, err)
	want := [vault.IndexSize]byte{0x8f, 0x54, 0x20, 0x2d, 0x77, 0xeb, 0x07, 0xf2, 0x0e, 0xd2, 0xae, 0x4a, 0x82, 0x6a, 0x03, 0xce}
	require.Equal(t, want, v.Index("ssn", "value"))
}

func TestOldKeyStillOpensAfterRotation(t *testing.T) {
	t.Parallel()
	before, keyFile := newVault(t)
	old := before.Seal([]byte("synthetic"), nil)
	require.NoError(t, vault.Rotate(keyFile))

	after, err := vault.Open(keyFile)
	require.NoError(t, err)
	opened, err := after.Open(old, nil)
	require.NoError(t, err)
	require.Equal(t, "synthetic", string(opened))

	fresh := after.Seal([]byte("synthetic"), nil)
	require.EqualValues(t, 2, fresh[1], "the new key seals")
	_, err = before.Open(fresh, nil)
	require.Equal(t, card.NotFound, card.KindOf(err))
	require.Equal(t, before.Index("ssn", "value"), after.Index("ssn", "value"), "the index outlives a rotation")

	info, err := os.Stat(keyFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
