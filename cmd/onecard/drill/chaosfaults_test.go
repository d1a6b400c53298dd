package drill_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
	"onecard/workflows"
)

// chaosCities divide the payees into many batches.
var chaosCities = []string{"440100", "440200", "440300", "440400", "440500", "440600", "440700", "440800", "440900", "441200", "441300", "441400"}

// chaos strikes a hub with faults while a rollout runs.
type chaos struct {
	*hub
	operator
	id      string
	lines   map[string]*line
	counted toll           // what shows at once
	begun   []run          // runs that were to be reset,
	ended   []run          // and that were to be terminated: their histories tell
	killed  map[string]int // the process of each program that was killed last
	began   time.Time
	looked  time.Time
}

// run is one run of a workflow.
type run struct {
	id, run string
	class   class
}

func newChaos(b *hub, lines map[string]*line) *chaos {
	b.Helper()
	st, err := local.Find(b.dir())
	require.NoError(b, err)
	return &chaos{hub: b, operator: b.operator(st.TemporalAddress, st.Namespace), lines: lines, counted: toll{}, killed: map[string]int{}, began: time.Now()}
}

// strikeUntilDone carries out a plan, each fault until it has hit, and waits for the end of the rollout.
func (c *chaos) strikeUntilDone(plan []strike) {
	c.Helper()
	end := time.Now().Add(2*patience + time.Duration(len(plan))*2*time.Second)
	for _, s := range plan {
		time.Sleep(s.after)
		for !c.strike(s) && !c.isDone() {
			require.True(c, time.Now().Before(end), "%s never hits", s.class)
			c.goOn()
			time.Sleep(look)
		}
		c.tell(string(s.class))
		c.goOn()
	}
	c.tell("all faults have been struck")
	for !c.isDone() {
		require.True(c, time.Now().Before(end), "the rollout does not end")
		c.goOn()
		time.Sleep(look)
	}
	c.tell("done")
}

// tell says how far the drill is, and how long it took.
func (c *chaos) tell(what string) { c.Logf("%5.1f s: %s", time.Since(c.began).Seconds(), what) }

func (c *chaos) isDone() bool {
	n, ok := c.count("select count(*) from rollout where id = $1 and status = 'done'", c.id)
	return ok && n == 1
}

// strike tries to strike with a fault and says whether it has hit.
func (c *chaos) strike(s strike) bool {
	switch s.class {
	case workerKilled:
		return c.end("worker", s.class)
	case banksKilled:
		return c.end("partners", s.class)
	case postgresKilled:
		return c.end("postgres", s.class)
	case temporalKilled:
		return c.end("temporal", s.class)
	case lineCut:
		c.lines[chaosBanks[s.draw%uint64(len(chaosBanks))]].cutAfter(1 + int(s.draw>>32%40_000))
		return true
	case batchReset, rolloutReset:
		return c.resetSome(s)
	case batchTerminated, rolloutEnded:
		return c.terminateSome(s)
	case clickedTwice:
		return c.clickTwice(s.draw)
	case cameTwice, cameLate, cameShort:
		// by the banks themselves
	}
	return false
}

// end kills one of the programs; the supervisor starts it again.
func (c *chaos) end(program string, as class) bool {
	st, err := local.Find(c.dir())
	if err != nil {
		return false
	}
	p, ok := st.Process(program)
	if !ok || p.Pid == 0 || p.Pid == c.killed[program] || syscall.Kill(p.Pid, syscall.SIGKILL) != nil {
		return false
	}
	c.killed[program] = p.Pid
	c.counted[as]++
	return true
}

// pick returns a run of the rollout's workflow, or of a batch that is being paid.
func (c *chaos) pick(ctx context.Context, s strike) (run, bool) {
	id := workflows.SubsidyWorkflowID(card.RolloutID(c.id))
	if s.class == batchReset || s.class == batchTerminated {
		open, err := c.engine.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = 'PayBatch' and ExecutionStatus = 'Running'", PageSize: 100})
		if n := uint64(len(open.GetExecutions())); err == nil && n > 0 {
			id = open.GetExecutions()[s.draw%n].GetExecution().GetWorkflowId()
		} else {
			return run{}, false
		}
	}
	name, works := c.isAtWork(ctx, id)
	return run{id, name, s.class}, works
}

// resetSome resets a workflow to one of its workflow tasks, as an operator can.
func (c *chaos) resetSome(s strike) bool {
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Second)
	defer cancel()
	r, ok := c.pick(ctx, s)
	if !ok {
		return false
	}
	points, err := c.points(ctx, r.id, r.run)
	if err != nil {
		return false
	}
	point := points[s.draw>>32%uint64(len(points))]
	c.begun = append(c.begun, r)
	err = c.reset(ctx, r.id, r.run, point)
	return err == nil
}

// terminateSome terminates a workflow, as an operator can.
func (c *chaos) terminateSome(s strike) bool {
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Second)
	defer cancel()
	r, ok := c.pick(ctx, s)
	if !ok {
		return false
	}
	c.ended = append(c.ended, r)
	err := c.engine.TerminateWorkflow(ctx, r.id, r.run, byChaos)
	return err == nil
}

// byChaos is the reason for which the drill terminates workflows.
const byChaos = "chaos"

// clickTwice takes the same decision twice at the same time. It counts when the hub has answered both.
func (c *chaos) clickTwice(draw uint64) bool {
	var both sync.WaitGroup
	var codes [2]int
	for i := range codes {
		both.Go(func() { codes[i] = c.click([]string{"pause", "resume", "start"}[draw%3]) })
	}
	both.Wait()
	for _, code := range codes {
		if code != 0 && code != 3 {
			return false
		}
	}
	c.counted[clickedTwice]++
	return true
}

// click takes a decision and returns the exit code; while servers are down, it fails.
func (c *chaos) click(decision string) int {
	ctx, cancel := context.WithTimeout(c.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.program, "onecard"), "--dir", c.dir(), "rollout", decision, c.id, "--as", "maker")
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode()
}

// goOn has a person look after the rollout: one that was paused or has stopped is resumed, and so is one of which nothing is heard, for
// its workflow may have been terminated.
func (c *chaos) goOn() {
	if time.Since(c.looked) < 2*time.Second {
		return
	}
	c.looked = time.Now()
	held, ok := c.count("select count(*) from rollout where id = $1 and status in ('paused', 'stopped')", c.id)
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	if _, works := c.pick(ctx, strike{class: rolloutReset}); ok && (held > 0 || !works) {
		c.click("resume")
	}
}

// struck counts by the traces that the faults have left.
func (c *chaos) struck() toll {
	all := c.counted
	for _, l := range c.lines {
		all[lineCut] += l.struck()
	}
	for _, r := range c.begun {
		if c.terminatedBy(r).GetIdentity() == "history-resetter" { // so signs Temporal
			all[r.class]++
		}
	}
	for _, r := range c.ended {
		if c.terminatedBy(r).GetReason() == byChaos {
			all[r.class]++
		}
	}
	for _, bank := range chaosBanks {
		c.countReturns(bank, all)
	}
	return all
}
