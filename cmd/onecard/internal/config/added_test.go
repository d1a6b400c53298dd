package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

// newcomer is a partner that was added, with one thing to be put into it.
const newcomer = `# ours
[[partner]]
name = "CCB"
kind = "bank"
bank = "105"
address = "sftp.ccb.example:22"
user = "onecard"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEx"
verify_key = "04"
`

func replaced(pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(newcomer)
}

// added writes the sample with a partner beside it.
func added(t *testing.T, name, text string) (config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	settings, err := os.ReadFile(sample)
	require.NoError(t, err)
	path := filepath.Join(dir, "onecard.toml")
	require.NoError(t, os.WriteFile(path, settings, 0o600))
	file := config.AddedFile(path, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return config.Load(path)
}

func TestAddedPartnersStandBesideTheSettings(t *testing.T) {
	t.Parallel()
	c, err := added(t, "CCB", newcomer+"layouts = [\"a.toml\"]\n")
	require.NoError(t, err)
	p := c.Partners[len(c.Partners)-1]
	require.Equal(t, "CCB", p.Name)
	require.Equal(t, config.AddedFolder, filepath.Base(filepath.Dir(p.Added)))
	require.Equal(t, filepath.Join(filepath.Dir(p.Added), "a.toml"), p.Layouts[0], "paths are taken from its own folder")
	require.Equal(t, config.DefaultPartner().Poll, p.Poll)
	for _, other := range c.Partners[:len(c.Partners)-1] {
		require.Empty(t, other.Added)
	}
}

func TestAddedPartnersWithFaultsAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, text, says string }{
		"unknown key":     {"CCB", newcomer + "live = true\n", "line 10: partner[1].live: is not a setting"},
		"other settings":  {"CCB", "[vault]\nkey_file = \"x\"\n" + newcomer, "vault: is not a setting"},
		"two":             {"CCB", newcomer + newcomer, "exactly one [[partner]]"},
		"none":            {"CCB", "# nothing\n", "exactly one [[partner]]"},
		"another's file":  {"ABC", newcomer, "must stand in CCB.toml"},
		"no such habit":   {"CCB", newcomer + "[partner.server]\nknown = [\"sleeps\"]\n", "no habit that can be declared"},
		"second of bank":  {"CCB2", replaced("105", "102", "CCB", "CCB2"), "102 is there twice"},
		"another's bank":  {"CCB", replaced("105", "103"), "is not the prefix of CCB, which is 105"},
		"second bureau":   {"CCB", replaced("\"bank\"\nbank = \"105\"", "\"bureau\""), "there is a bureau already"},
		"no TOML":         {"CCB", newcomer + "= 1\n", "line 10"},
		"wrong host port": {"CCB", replaced(":22", ""), "must be host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := added(t, tc.file, tc.text)
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.ErrorContains(t, err, tc.says)
		})
	}
}
