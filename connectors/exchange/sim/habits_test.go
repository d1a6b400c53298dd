package sim_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

func withProfile(t *testing.T, h *simtest.Hub, name string) (*sim.Partner, sim.Card) {
	t.Helper()
	cfg := h.Config("ICBC", &echo{})
	var err error
	cfg.Profile, err = sim.ProfileNamed(name)
	require.NoError(t, err)
	p := h.Start(cfg)
	card, err := p.Card()
	require.NoError(t, err)
	return p, card
}

func TestAPartnerWithoutManifests(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"no-manifests", "grows", "size-late"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := simtest.New(t)
			_, card := withProfile(t, h, name)
			require.Equal(t, "none", card.Manifests)
			outbox, inbox := filepath.Join(h.Dir, "root", "outbox"), filepath.Join(h.Dir, "root", "inbox")
			text := simtest.Text(simtest.Name(t, ask1), askRows(200)...)
			require.NoError(t, os.WriteFile(filepath.Join(inbox, ask1+".tmp"), text, 0o600))
			require.NoError(t, os.Rename(filepath.Join(inbox, ask1+".tmp"), filepath.Join(inbox, ask1)))
			h.Eventually("answered", func() bool { return h.Events()["answered"] == 1 })
			answer, err := os.ReadFile(filepath.Join(outbox, ret1))
			require.NoError(t, err)
			require.True(t, strings.HasSuffix(string(answer), "\nT|200|0\n"))
			require.NoFileExists(t, filepath.Join(outbox, ret1+".ok"))
			require.FileExists(t, filepath.Join(inbox, "done", ask1))

			require.NoError(t, os.WriteFile(filepath.Join(inbox, ask2), text[:len(text)-3], 0o600))
			require.Equal(t, "FILE_SIZE", h.Refusal(ask2), "half a file is refused whole")
			require.Equal(t, 200, h.Events()["asked"])
		})
	}
}

func TestAChangedHostKey(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p, card := withProfile(t, h, "host-key-changed")
	require.NotEqual(t, card.HostKey, p.Server().HostKey())
	require.True(t, strings.HasPrefix(card.HostKey, "ssh-ed25519 "))
}

func TestTermsTellWhatTheWireDoesNot(t *testing.T) {
	t.Parallel()
	silent := map[string]sim.Terms{
		"read-once": {ReadOnce: true}, "read-once-denied": {ReadOnce: true}, "one-file": {OneAtATime: true}, "one-session": {OneAtATime: true},
		"small-packets": {Packet: 4096}, "upper-case": {LooseNames: true}, "padded-names": {LooseNames: true},
		"no-manifests": {Manifests: "none"}, "grows": {Manifests: "none"}, "size-late": {Manifests: "none"},
	}
	for _, p := range sim.Profiles() {
		require.Equal(t, silent[p.Name], p.Terms(), p.Name)
	}
	_, err := sim.ProfileNamed("what")
	require.ErrorContains(t, err, "no-posix-rename")
}
