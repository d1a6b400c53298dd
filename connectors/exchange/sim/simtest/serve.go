package simtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim"
)

// Serve starts a partner with these rules for a hub with keys of its own: login is a line of authorized_keys, signKey the hub's
// SM2 key; more may be said of the partner in change. It tells what the hub must know of the partner.
func Serve(t testing.TB, name string, office sim.Office, rules string, login []byte, signKey string, change ...func(*sim.PartnerConfig)) sim.Card {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.toml")
	require.NoError(t, os.WriteFile(path, []byte(rules), 0o600))
	book, err := sim.OpenRules(path)
	require.NoError(t, err)
	key, err := sim.ParsePublicKey([]byte(signKey))
	require.NoError(t, err)
	cfg := sim.PartnerConfig{
		Name: name, Dir: t.TempDir(), Office: office, User: "onecard", HubKeys: login, HubSignKey: key, Rules: book,
	}
	for _, c := range change {
		c(&cfg)
	}
	partner, err := sim.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, partner.Close()) })
	at, err := partner.Card()
	require.NoError(t, err)
	return at
}
