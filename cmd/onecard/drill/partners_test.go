package drill_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

// TestSilentPartner has a bank keep silent past its deadline, and then answer.
func TestSilentPartner(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules(fmt.Sprintf(mute, "ICBC", "ACCTREQ"))
	b.start()
	b.configure(func(c *config.Config) { c.Partners[0].AnswerWithin = time.Second })
	id := b.run(b.sample(200, "--banks", "102"))
	b.eventually("the silence shows", func() bool { return has(b.show(id), "ICBC", true) })
	require.Equal(t, card.RolloutRunning, b.show(id).Status)
	require.Contains(t, b.onecard("rollout", "timeline", id), "ICBC_ACCTRET")
	b.rules("")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
}

// misdeeds are what partners do wrong, all of them with every kind of file that is named.
var misdeeds = map[string]struct {
	rule  string
	kinds []string
}{
	"truncate":  {"do = \"truncate\"\nafter = \"2s\"", []string{"*"}},
	"duplicate": {"do = \"duplicate\"\nshare = 0.2", []string{"*"}},
	"drop":      {"do = \"drop\"", []string{"*"}},
	"resend":    {"do = \"resend\"", []string{"*"}},
	"omit":      {"do = \"omit\"\nshare = 0.03", []string{"MATCHREQ", "ACCTREQ", "CARDREQ", "ACTREQ"}},
}

// TestMisledByPartners ends with every row accounted for, whatever the partners did.
func TestMisledByPartners(t *testing.T) {
	enter(t)
	for name, m := range misdeeds {
		t.Run(name, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC", "ABC")
			rules := ""
			for _, kind := range m.kinds {
				rules += fmt.Sprintf("[[rule]]\npartner = \"*\"\nkind = %q\n%s\n", kind, m.rule)
			}
			b.rules(rules)
			b.start()
			b.configure(func(c *config.Config) { c.Issuance.CanaryThreshold = 1 })
			id := b.run(b.sample(1000, "--banks", "102,103", "--bad", "0.02"))
			b.await(id, card.RolloutDone)
			if name != "omit" {
				b.requireComplete(id, "ICBC", "ABC")
				return
			}
			b.requireAnswersMissed(id)
		})
	}
}

// requireAnswersMissed checks a rollout of which every partner left rows out of its answers.
func (b *hub) requireAnswersMissed(id string) {
	b.Helper()
	v := b.show(id)
	b.requireSound(v)
	b.requireOnce("ICBC", "ABC")
	require.Positive(b, v.Counts.Unknown)
	require.Equal(b, v.Counts.Rows-v.Counts.Active, b.explained(id))
	icbc, abc := b.tally("ICBC").Events, b.tally("ABC").Events
	require.Positive(b, icbc["enquired"]+abc["enquired"], "openings without answer are asked about")
	require.Equal(b, icbc["opened"]+abc["opened"], v.Counts.AccountOpened, "and then known")
	require.Greater(b, b.tally("BUREAU").Events["made"], v.Counts.Made)
	require.Less(b, v.Counts.AccountActive, v.Counts.Active, "the bank's word alone makes an account active")
}

// TestAnswerInDisorder has civil affairs answer with rows out of order, which the layout forbids: nothing of the file is
// applied, and the batch waits until a correct one lies under the same name.
func TestAnswerInDisorder(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules("[[rule]]\npartner = \"CIVIL\"\nkind = \"MATCHREQ\"\ndo = \"reorder\"\n")
	b.start()
	id := b.run(b.sample(300, "--banks", "102"))
	b.eventually("the answer is refused", func() bool {
		n, ok := b.count("select count(*) from exchange_file where kind = 'MATCHRET' and state = 'quarantined'")
		return ok && n == 1
	})
	v := b.show(id)
	require.Zero(t, v.Counts.Matched)
	require.True(t, has(v, "CIVIL", false))
	require.Contains(t, b.onecard("rollout", "timeline", id), string(card.ReasonFileLayout))
	b.rules("")
	b.mend("CIVIL", "MATCHRET")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
}
