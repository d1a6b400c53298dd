package exchange

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

// The simulated partner reads the protocol for itself; whatever one side signs the other must understand.
func TestTwoReadingsOfOneManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	public, err := GenerateKey(filepath.Join(dir, "hub"))
	require.NoError(t, err)
	hub, err := LoadKey(filepath.Join(dir, "hub"))
	require.NoError(t, err)
	seenByPartner, err := sim.ParsePublicKey([]byte(public))
	require.NoError(t, err)
	own, err := sim.SignKey(filepath.Join(dir, "partner"))
	require.NoError(t, err)
	printed, err := sim.PublicHex(&own.PublicKey)
	require.NoError(t, err)
	seenByHub, err := parseVerifyKey(printed)
	require.NoError(t, err)

	rapid.Check(t, func(t *rapid.T) {
		m := anyManifest(t)
		f, err := card.ParseFileName(m.Name)
		require.NoError(t, err)
		m.Layout = string(f.Kind) + "/1"
		text, err := encodeManifest(m, hub)
		require.NoError(t, err)
		theirs, err := sim.ReadManifest(text, seenByPartner)
		require.NoError(t, err)
		text, err = theirs.Sign(own)
		require.NoError(t, err)
		back, err := parseManifest(text)
		require.NoError(t, err)
		require.True(t, back.by(seenByHub))
		require.Equal(t, m, back.Manifest)
	})
}
