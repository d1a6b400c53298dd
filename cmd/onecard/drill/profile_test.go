package drill_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	exchange "onecard/connectors/exchange/sim"
)

// TestEveryServer runs a rollout in which all four kinds of partners have a server of one profile, for each profile: from
// the match to the activation every file passes, once, whatever the server is like.
func TestEveryServer(t *testing.T) {
	enter(t)
	for _, p := range exchange.Profiles() {
		if p.HostKeyChanged {
			continue // such a server is not to be spoken to; see TestHostKeyChanged
		}
		t.Run(p.Name, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			b.rules(fmt.Sprintf("[[partner]]\nname = \"*\"\nprofile = %q\n", p.Name))
			b.start()
			b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 10 })
			id := b.run(b.sample(60, "--banks", "102"))
			b.await(id, card.RolloutDone)
			b.requireComplete(id, "ICBC")
			b.requireNoFileTwice("ICBC")
		})
	}
}

// requireNoFileTwice checks by the partners' ledgers that none of them saw a partial file, or one file twice.
func (b *hub) requireNoFileTwice(banks ...string) {
	b.Helper()
	for _, partner := range append(banks, "CIVIL", "BUREAU", "OUTLET") {
		events := b.tally(partner).Events
		require.Zero(b, events["refused_file"], "%s saw a file that was not whole", partner)
		require.Zero(b, events["repeat"], "%s saw a file twice", partner)
	}
}

// TestHostKeyChanged has a bank whose server shows another key than the pinned one: nothing is sent to it, the rollout stops
// and says why, and it goes on to its end when somebody has pinned the new key.
func TestHostKeyChanged(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules("[[partner]]\nname = \"ICBC\"\nprofile = \"host-key-changed\"\n")
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 10 })
	id := b.run(b.sample(60, "--banks", "102"))
	b.await(id, card.RolloutStopped)
	require.Equal(t, string(card.ReasonHostKeyDiffers), b.show(id).Note)
	require.Empty(t, b.tally("ICBC").Events)

	b.configure(func(c *config.Config) { c.Partners[0].HostKey = b.newHostKey("ICBC") })
	b.onecard("rollout", "resume", id, "--as", "operator1")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	b.requireNoFileTwice("ICBC")
}

// newHostKey is the key that a partner's server really has, as somebody would have asked for by telephone.
func (b *hub) newHostKey(partner string) string {
	b.Helper()
	text, err := os.ReadFile(b.partner(partner, "ssh_host_ed25519_key_new"))
	require.NoError(b, err)
	key, err := ssh.ParsePrivateKey(text)
	require.NoError(b, err)
	return string(ssh.MarshalAuthorizedKey(key.PublicKey()))
}
