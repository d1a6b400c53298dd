package drill_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/onecard/internal/config"
)

var (
	chaosSeed   = flag.Uint64("chaos.seed", 20261121, "what the faults of TestSubsidyInChaos are drawn from; the same seed draws the same faults")
	chaosPayees = flag.Int("chaos.payees", 20_000, "how many people TestSubsidyInChaos pays")
	chaosFaults = flag.Int("chaos.faults", 150, "how many faults TestSubsidyInChaos strikes with at least")
)

// chaosBanks are the banks that pay in TestSubsidyInChaos.
var chaosBanks = []string{"ICBC", "ABC", "CCB"}

// chaosRules have answers of the banks come twice, late, cut short, out of order, without some rows, with wrong amounts and with
// rows that nobody asked about. The partners draw which.
const chaosRules = `
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "refuse"
code = "ACCT_CLOSED"
share = 0.01
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "omit"
share = 0.01
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "lose"
share = 0.01
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "misstate"
share = 0.005
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "stray"
share = 0.002
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "duplicate"
share = 0.01
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "reorder"
share = 0.5
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "resend"
share = 0.6
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "truncate"
share = 0.5
after = "300ms"
times = 2
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "delay"
after = "4s"
share = 0.3
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "payback"
code = "NAME_MISMATCH"
share = 0.005
after = "2s"
`

// chaosDeadline is how long a bank's answer is waited for; one that takes longer is late.
const chaosDeadline = 3 * time.Second

// TestSubsidyInChaos pays people while everything fails: worker, PostgreSQL, Temporal and the banks are killed, lines are cut, answers
// are late, doubled, cut short and wrong, operators reset and terminate workflows and click twice. In the end the banks' own ledgers
// say that nobody was paid twice, that they paid what ours says, and every payment is explained. How often each kind of fault struck
// is counted where it left its trace: in the banks' ledgers, in Temporal's histories, on the wire, in the exit of a process.
func TestSubsidyInChaos(t *testing.T) {
	t.Logf("chaos.seed %d", *chaosSeed)
	b := enterAlone(t).alone(t)
	b.argv = append(b.argv, "--banks", strings.Join(chaosBanks, ","))
	b.start()
	lines := map[string]*line{}
	b.configure(func(c *config.Config) {
		c.Payout.BatchRows, c.Payout.CanaryRows, c.Payout.CanaryThreshold = 800, 100, 1
		for i, p := range c.Partners {
			c.Partners[i].AnswerWithin = chaosDeadline
			if p.Bank != "" {
				c.Partners[i].Concurrency = 2 // the faults need time
				lines[p.Name] = openLine(t, p.Address)
				c.Partners[i].Address = lines[p.Name].address()
			}
		}
	})
	b.rules(chaosRules)
	c := newChaos(b, lines)
	roster := b.holders(*chaosPayees, chaosCities...)
	c.tell("the holders are loaded")
	c.id = b.subsidy(roster, "2026-01")
	c.tell("the subsidy is started")
	c.strikeUntilDone(drawFaults(*chaosSeed, *chaosFaults))
	struck := c.struck()
	t.Log(struck)
	v := b.show(c.id)
	b.requirePaidOnce(v)
	require.Equal(t, *chaosPayees, v.Payout.Money.Intended.Rows)
	require.Positive(t, v.Payout.Money.Returned.Rows)
	struck.requireAll(t, *chaosFaults)
}

// holders loads people of some cities who hold active cards, and returns a roster of payments to them.
func (b *hub) holders(rows int, cities ...string) payees {
	b.Helper()
	p := payees{path: b.beside("payroll.csv"), rows: rows}
	b.onecard("sample", "holders", "--rows", fmt.Sprint(rows), "--city", strings.Join(cities, ","))
	out := b.onecard("sample", "payout", "--rows", fmt.Sprint(rows), "--programme", allowance, "-o", p.path)
	_, flags, _ := strings.Cut(out, "--fen ")
	_, err := fmt.Sscan(flags, &p.fen)
	require.NoError(b, err, out)
	return p
}

// toll is how often faults of each class have struck.
type toll map[class]int

func (s toll) String() string {
	sum := 0
	var text strings.Builder
	for _, c := range slices.Sorted(maps.Keys(s)) {
		sum += s[c]
		fmt.Fprintf(&text, "%s %d, ", c, s[c])
	}
	return fmt.Sprintf("%sin all %d faults", text.String(), sum)
}

// requireAll wants every class to have struck, and all together so many faults.
func (s toll) requireAll(t *testing.T, least int) {
	t.Helper()
	sum := 0
	for _, c := range append(classes(), returned...) {
		require.Positive(t, s[c], "%s: %s", c, s)
		sum += s[c]
	}
	require.GreaterOrEqual(t, sum, least, "%s", s)
}
