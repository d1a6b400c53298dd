package drill_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

// TestPartnersThatLogIn has a bank and the outlets without servers of their own: they log in to the gateway with their keys,
// fetch what they are asked and deliver their answers there, also over the gateway's death, and every card becomes active. A third
// such bank is brought in by commands alone: tested at the gateway, signed by two people, and then it takes part.
func TestPartnersThatLogIn(t *testing.T) {
	b := enter(t).lodger(t, "ICBC", "ABC")
	b.argv = append(b.argv, "--visitors", "ICBC,OUTLET")
	b.start()
	var at config.Gateway
	b.configure(func(c *config.Config) {
		at = c.Gateway
		c.Issuance.CanaryRows = 10
		for _, p := range c.Partners {
			require.Equal(t, p.Name == "ICBC" || p.Name == "OUTLET", p.LogsIn(), p.Name)
			require.Equal(t, p.LogsIn(), p.Address == "", p.Name)
		}
	})
	rcc := b.newcomer("RCC", "--visitors", "RCC", "--gateway", at.Listen, "--gateway-key", at.HostKeyFile+".pub")
	b.onecard("partner", "add", "RCC", "--kind", "bank", "--bank", "402", "--poll", "1s",
		"--login-key-file", b.note("rcc.pub", rcc.LoginKey), "--verify-key-file", b.note("rcc.sm2", rcc.SM2PublicKey))
	b.requireTested("RCC")
	b.requireLiveByTwo("RCC")

	id := b.run(b.sample(60, "--banks", "102,103,402"))
	b.eventually("the bank has dealt with a file", func() bool { return b.sent("ICBC") > 0 })
	b.kill("gateway", syscall.SIGKILL)
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC", "ABC", "RCC")
	require.Positive(t, b.tally("RCC").Events["opened"])
	b.requireNoFileTwice("ICBC", "ABC", "RCC")

	audit, err := os.ReadFile(filepath.Join(b.dir(), "log", "gateway-audit.log"))
	require.NoError(t, err)
	require.Contains(t, string(audit), `"op":"login","result":"ok","partner":"ICBC"`)
	b.eventually("the logins are in the ledger", func() bool {
		n, ok := b.count("select count(*) from partner_contact where connected_at is not null and partner in ('ICBC', 'OUTLET')")
		return ok && n == 2
	})
}
