package drill_test

import (
	"flag"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
	"onecard/workflows"
)

var (
	chaosSeed   = flag.Uint64("chaos.seed", 20261121, "what the faults of TestSubsidyInChaos are drawn from")
	chaosPayees = flag.Int("chaos.payees", 3_000, "how many people TestSubsidyInChaos pays")
	chaosFaults = flag.Int("chaos.faults", 50, "how many faults TestSubsidyInChaos strikes with at least")
)

// chaosBanks are the banks that pay in TestSubsidyInChaos.
var chaosBanks = []string{"ICBC", "ABC", "CCB"}

// chaosRules have answers of the banks come twice, late, cut short, out of order, without some rows, with wrong amounts and with
// rows that nobody asked about, and lines break while files pass. Shares of files are drawn by the partner.
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
share = 0.3
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "truncate"
share = 0.3
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
[[rule]]
partner = "*"
kind = "PAYREQ"
do = "drop"
bytes = 20000
times = 4
`

// TestSubsidyInChaos pays people while everything fails: worker, PostgreSQL, Temporal and the banks are killed, lines are cut, answers
// are late, doubled, cut short and wrong, operators terminate workflows and click twice. In the end the banks' own ledgers say that
// nobody was paid twice, that they paid what ours says, and every payment is explained.
func TestSubsidyInChaos(t *testing.T) {
	b := enterAlone(t).alone(t)
	b.argv = append(b.argv, "--banks", strings.Join(chaosBanks, ","))
	b.start()
	b.configure(func(c *config.Config) {
		c.Issuance.CanaryRows = 0
		c.Payout.BatchRows, c.Payout.CanaryRows, c.Payout.CanaryThreshold = 1000, 100, 1
		for i := range c.Partners {
			c.Partners[i].AnswerWithin = 3 * time.Second
		}
	})
	roster := b.sample(*chaosPayees, "--banks", "102,103,105")
	b.await(b.run(roster), card.RolloutDone)
	b.rules(chaosRules)
	id := b.subsidy(b.payroll(roster), "2026-01")
	c := &chaos{hub: b, id: id, draw: rand.New(rand.NewPCG(*chaosSeed, 1)), struck: map[string]int{}}
	c.strikeUntilDone()
	t.Logf("%d faults: %v", c.faults(), c.struck)
	v := b.show(id)
	b.requirePaidOnce(v)
	require.Positive(t, b.show(id).Payout.Money.Returned.Rows)
	require.GreaterOrEqual(t, c.faults(), *chaosFaults)
}

// chaos strikes a hub with faults while a rollout runs.
type chaos struct {
	*hub
	id     string
	draw   *rand.Rand
	struck map[string]int
}

func (c *chaos) faults() (n int) {
	for _, times := range c.struck {
		n += times
	}
	return n
}

// strikeUntilDone strikes until the rollout has ended, and counts what the partners did on their side.
func (c *chaos) strikeUntilDone() {
	c.Helper()
	began := time.Now()
	for !c.ended() {
		require.Less(c, time.Since(began), 2*patience, "the rollout does not end: %v", c.struck)
		if c.faults() < *chaosFaults {
			c.strike()
		}
		c.goOn()
		time.Sleep(time.Duration(50+c.draw.IntN(150)) * time.Millisecond)
	}
}

func (c *chaos) ended() bool {
	n, ok := c.count("select count(*) from rollout where id = $1 and status = 'done'", c.id)
	return ok && n == 1
}

// strike is one fault, drawn.
func (c *chaos) strike() {
	c.Helper()
	faults := []struct {
		name   string
		weight int
		do     func()
	}{
		{"worker killed", 40, func() { c.end("worker") }}, {"banks killed", 20, func() { c.end("partners") }},
		{"postgres killed", 2, func() { c.end("postgres") }}, {"temporal killed", 2, func() { c.end("temporal") }},
		{"rollout terminated", 3, func() { c.terminate(workflows.SubsidyWorkflowID(card.RolloutID(c.id))) }},
		{"batch terminated", 4, c.terminateBatch}, {"clicked twice", 10, c.clickTwice},
	}
	total := 0
	for _, f := range faults {
		total += f.weight
	}
	n := c.draw.IntN(total)
	for _, f := range faults {
		if n -= f.weight; n < 0 {
			f.do()
			c.struck[f.name]++
			return
		}
	}
}

// end kills one of the programs; the supervisor starts it again.
func (c *chaos) end(program string) {
	if st, err := local.Find(c.dir()); err == nil {
		if p, ok := st.Process(program); ok && p.Pid != 0 {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL)
		}
	}
}

// terminate ends a workflow as an operator can; what was not there is no fault of the hub's.
func (c *chaos) terminate(id string) {
	st, err := local.Find(c.dir())
	if err != nil {
		return
	}
	t, err := client.DialContext(c.Context(), client.Options{HostPort: st.TemporalAddress, Namespace: st.Namespace})
	if err != nil {
		return
	}
	defer t.Close()
	_ = t.TerminateWorkflow(c.Context(), id, "", "chaos")
}

// terminateBatch terminates some batch that is being paid.
func (c *chaos) terminateBatch() {
	st, err := local.Find(c.dir())
	if err != nil {
		return
	}
	t, err := client.DialContext(c.Context(), client.Options{HostPort: st.TemporalAddress, Namespace: st.Namespace})
	if err != nil {
		return
	}
	defer t.Close()
	open, err := t.ListWorkflow(c.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = 'PayBatch' and ExecutionStatus = 'Running'", PageSize: 20})
	if err != nil || len(open.GetExecutions()) == 0 {
		return
	}
	c.terminate(open.GetExecutions()[c.draw.IntN(len(open.GetExecutions()))].GetExecution().GetWorkflowId())
}

// clickTwice takes the same decision twice at the same time.
func (c *chaos) clickTwice() {
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { c.click([]string{"pause", "resume", "start"}[c.struck["clicked twice"]%3]) })
	}
	both.Wait()
}

// click takes a decision; while servers are down, it may fail.
func (c *chaos) click(decision string) {
	cmd := exec.CommandContext(c.Context(), filepath.Join(c.program, "onecard"), "--dir", c.dir(), "rollout", decision, c.id, "--as", "maker")
	_ = cmd.Run()
}

// goOn has a person look after the rollout: one that stopped or was paused is resumed, one whose workflow was terminated is found by the
// next decision.
func (c *chaos) goOn() {
	if c.draw.IntN(8) == 0 {
		c.click("resume")
	}
}
