package exchange

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/smx509"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func anyManifest(t *rapid.T) card.Manifest {
	f := card.File{
		Partner: rapid.StringMatching(`[A-Z0-9]{2,16}`).Draw(t, "partner"),
		Kind:    card.FileKind(rapid.StringMatching(`[A-Z]{3,12}`).Draw(t, "kind")),
		Date:    rapid.SampledFrom([]string{"20261121", "20280229", "19991231"}).Draw(t, "date"),
		Seq:     rapid.IntRange(1, card.MaxSeq).Draw(t, "sequence"),
	}
	size := rapid.Int64Min(0).Draw(t, "size")
	return card.Manifest{
		Name: f.Name(), Layout: string(f.Kind) + "/" + rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "version"),
		Date: f.Date, Sequence: f.Seq, Size: size, Rows: int(rapid.Int64Range(0, size).Draw(t, "rows")),
		TotalFen: rapid.Int64Min(0).Draw(t, "fen"), SM3: rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "sm3"),
	}
}

func TestManifestComesBack(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	public, err := GenerateKey(file)
	require.NoError(t, err)
	key, err := LoadKey(file)
	require.NoError(t, err)
	verify, err := parseVerifyKey(public)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		m := anyManifest(t)
		text, err := encodeManifest(m, key)
		require.NoError(t, err)
		back, err := parseManifest(text)
		require.NoError(t, err)
		require.Equal(t, m, back.Manifest)
		require.True(t, back.by(verify))

		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		text[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		back, err = parseManifest(text)
		require.False(t, err == nil && back.by(verify), "one byte changed")
	})
}

// A manifest as a partner would write it, byte by byte.
const written = `manifest=1
name=ICBC_ACCTREQ_20261121_000017.txt
layout=ACCTREQ/1
date=20261121
sequence=17
size=123456
rows=1000
total=0
sm3=66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0
signature=3006020101020101
`

func TestManifestAsWritten(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte(written))
	require.NoError(t, err)
	require.Equal(t, card.Manifest{
		Name: "ICBC_ACCTREQ_20261121_000017.txt", Layout: "ACCTREQ/1", Date: "20261121", Sequence: 17, Size: 123456,
		Rows: 1000, SM3: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
	}, m.Manifest)
	require.Equal(t, written, string(statement(m.Manifest))+"signature=3006020101020101\n")
}

func TestManifestIsStrict(t *testing.T) {
	t.Parallel()
	for title, change := range map[string][2]string{
		"version":       {"manifest=1", "manifest=2"},
		"CRLF":          {"\n", "\r\n"},
		"no last LF":    {"0101\n", "0101"},
		"more lines":    {"0101\n", "0101\nx=1\n"},
		"blank line":    {"rows=", "\nrows="},
		"order":         {"size=123456\nrows=1000\n", "rows=1000\nsize=123456\n"},
		"spaces":        {"rows=1000", "rows= 1000"},
		"leading zero":  {"rows=1000", "rows=01000"},
		"sign":          {"rows=1000", "rows=+1000"},
		"negative":      {"total=0", "total=-1"},
		"negative zero": {"total=0", "total=-0"},
		"overflow":      {"size=123456", "size=9223372036854775808"},
		"fraction":      {"total=0", "total=0.0"},
		"upper case":    {"sm3=66c7f", "sm3=66C7F"},
		"short digest":  {"ba8e0\n", "ba8e\n"},
		"path":          {"name=", "name=../"},
		"other date":    {"date=20261121", "date=20261122"},
		"other number":  {"sequence=17", "sequence=18"},
		"layout":        {"ACCTREQ/1", "acctreq/1"},
		"too many rows": {"rows=1000", "rows=123457"},
		"no signature":  {"3006020101020101", ""},
		"odd signature": {"3006020101020101", "30060201010201010"},
		"key":           {"total=", "Total="},
		"BOM":           {"manifest=1", "\ufeffmanifest=1"},
		"too long":      {"3006020101020101", strings.Repeat("30", maxManifest)},
	} {
		text := strings.ReplaceAll(written, change[0], change[1])
		require.NotEqual(t, written, text, title)
		_, err := parseManifest([]byte(text))
		require.Error(t, err, title)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(strings.ReplaceAll(written, "1000", "")))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		require.True(t, strings.HasPrefix(string(text), string(statement(m.Manifest))), "one spelling only")
		_, err = card.ParseFileName(m.Name)
		require.NoError(t, err)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	public, err := GenerateKey(file)
	require.NoError(t, err)
	require.Len(t, public, 130)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	again, err := PublicKey(file)
	require.NoError(t, err)
	require.Equal(t, public, again)
	_, err = GenerateKey(file)
	require.ErrorIs(t, err, os.ErrExist, "a key is never replaced")

	key, err := parseVerifyKey(public)
	require.NoError(t, err)
	der, err := smx509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	same, err := parseVerifyKey(string(pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der})))
	require.NoError(t, err)
	require.True(t, key.Equal(same))

	for _, bad := range []string{"", "zz", "04", public[:128], "02" + public[2:66], public[:129] + "g",
		string(pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}))} {
		_, err := parseVerifyKey(bad)
		require.Error(t, err, bad)
	}
}
