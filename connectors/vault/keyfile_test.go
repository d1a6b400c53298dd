package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/vault"
)

func writeKeys(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestGenerateNeverOverwrites(t *testing.T) {
	t.Parallel()
	_, keyFile := newVault(t)
	before, err := os.ReadFile(keyFile)
	require.NoError(t, err)
	require.Equal(t, card.Conflict, card.KindOf(vault.Generate(keyFile)))
	after, err := os.ReadFile(keyFile)
	require.NoError(t, err)
	require.Equal(t, before, after)

	entries, err := os.ReadDir(filepath.Dir(keyFile))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestGenerateNeedsItsFolder(t *testing.T) {
	t.Parallel()
	err := vault.Generate(filepath.Join(t.TempDir(), "missing", "vault.toml"))
	require.Equal(t, card.NotFound, card.KindOf(err))
}

func TestKeyFileMustBePrivate(t *testing.T) {
	t.Parallel()
	_, keyFile := newVault(t)
	require.NoError(t, os.Chmod(keyFile, 0o640))
	_, err := vault.Open(keyFile)
	require.Equal(t, card.Denied, card.KindOf(err))
	require.ErrorContains(t, err, "chmod 600")
}

func TestKeyFileMustBeThere(t *testing.T) {
	t.Parallel()
	_, err := vault.Open(filepath.Join(t.TempDir(), "vault.toml"))
	require.Equal(t, card.NotFound, card.KindOf(err))
	require.Equal(t, card.NotFound, card.KindOf(vault.Rotate(filepath.Join(t.TempDir(), "vault.toml"))))
}

func TestKeyFileIsStrictAndItsErrorsShowNoKey(t *testing.T) {
	t.Parallel()
	const secret, index = "5ec2e75ec2e75ec2e75ec2e75ec2e75e", "1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e1d0e"
	file := func(current, index, keys string) string {
		return fmt.Sprintf("current = %s\nindex = %q\n%s", current, index, keys)
	}
	one := fmt.Sprintf("[[key]]\nid = 1\nsecret = %q\n", secret)
	for name, tc := range map[string]struct{ text, says string }{
		"not TOML":          {"current == " + secret, "line 1"},
		"unquoted secret":   {"current = 1\nindex = " + index, "line 2"},
		"wrong type":        {file(`"1"`, index, one), "wrong type"},
		"unknown key":       {file("1", index, one+"secrett = \"x\"\n"), "1 unknown"},
		"no keys":           {file("1", index, ""), "current names key 1"},
		"current missing":   {file("2", index, one), "current names key 2"},
		"current too large": {file("257", index, one), "line 1"},
		"key twice":         {file("1", index, one+one), "key number 2: id 1 is there twice"},
		"key id 0":          {file("1", index, strings.Replace(one, "id = 1", "id = 0", 1)), "its id is 0"},
		"key id 256":        {file("1", index, strings.Replace(one, "id = 1", "id = 256", 1)), "line 4"},
		"short secret":      {file("1", index, strings.Replace(one, secret, secret[2:], 1)), "32 hex digits"},
		"secret not hex":    {file("1", index, strings.Replace(one, secret, "zz"+secret[2:], 1)), "32 hex digits"},
		"short index key":   {file("1", index[2:], one), "64 hex digits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := writeKeys(t, tc.text)
			_, err := vault.Open(path)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.NotContains(t, err.Error(), secret[4:12])
			require.NotContains(t, err.Error(), index[4:12])
			require.Equal(t, card.Invalid, card.KindOf(vault.Rotate(path)))
		})
	}
}

func TestRotateEndsAtTheLastKeyID(t *testing.T) {
	t.Parallel()
	path := writeKeys(t, fmt.Sprintf("current = 255\nindex = %q\n[[key]]\nid = 255\nsecret = %q\n",
		strings.Repeat("0b", 32), strings.Repeat("0a", 16)))
	require.Equal(t, card.Conflict, card.KindOf(vault.Rotate(path)))
}
