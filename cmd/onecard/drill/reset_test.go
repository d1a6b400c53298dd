package drill_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/workflows"
)

// TestResetPayer resets the workflow of a batch, or of the whole subsidy, to its beginning at the very moment when a step is handed to a
// worker: the step of the old run goes on beside the same one of the new run. Everybody is paid once all the same, by one file.
func TestResetPayer(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	at := slices.Index(b.argv, "--temporal-address") + 1
	r := &resetter{hub: b, operator: b.operator(b.argv[at], b.name)}
	b.argv[at] = openWire(t, b.argv[at], r)
	b.rules("[[rule]]\npartner = \"ICBC\"\nkind = \"PAYREQ\"\ndo = \"omit\"\nshare = 0.1\n")
	b.start()
	b.configure(func(c *config.Config) { c.Payout.CanaryRows = 0 })
	p := b.holders(300, "440600")
	r.expect("OrderFunds", "CollectFunds", "Pay", "CollectPayments", "EnquirePayments", "CollectPaymentEnquiry", "FinishBatch")
	id := b.subsidy(p, "2026-01")
	b.await(id, card.RolloutDone)
	b.awaitEnd(r.operator, workflows.SubsidyWorkflowID(card.RolloutID(id)))
	require.Empty(t, r.left(), "steps that never came")
	v := b.show(id)
	b.requirePaidOnce(v)
	require.Equal(t, 300, v.Payout.Money.Paid.Rows)
	b.requireNoFileTwice("ICBC")
	require.Equal(t, 1, b.tally("ICBC").Results["blocked 00"])
	b.resetAfterShortFunds(p, r.operator)
}

// resetAfterShortFunds pays a subsidy that was short of funds once, resets its workflow when it has ended, and finds that the bank was
// given no order that it had carried out before.
func (b *hub) resetAfterShortFunds(p payees, o operator) {
	b.Helper()
	b.rules("[[rule]]\npartner = \"ICBC\"\nkind = \"FUNDREQ\"\ndo = \"refuse\"\ncode = \"F01\"\ntimes = 1\n")
	id := b.subsidy(p, "2026-02")
	b.await(id, card.RolloutStopped)
	require.Equal(b, string(card.ReasonFundsShort), b.show(id).Note)
	b.onecard("rollout", "resume", id, "--as", "maker")
	b.await(id, card.RolloutDone)
	workflow := workflows.SubsidyWorkflowID(card.RolloutID(id))
	b.awaitEnd(o, workflow)
	run, _ := o.isAtWork(b.Context(), workflow)
	points, err := o.points(b.Context(), workflow, run)
	require.NoError(b, err)
	require.NoError(b, o.reset(b.Context(), workflow, run, points[0]))
	b.awaitEnd(o, workflow)
	again, _ := o.isAtWork(b.Context(), workflow)
	require.NotEqual(b, run, again)
	require.Equal(b, card.RolloutDone, b.show(id).Status)
	told := b.tally("ICBC")
	require.Equal(b, []int{2, 2, 1}, []int{told.Results["blocked 00"], told.Results["released 00"], told.Events["fund_refused"]}, "%v", told)
	b.requirePaidOnce(b.show(id))
}

func (b *hub) awaitEnd(o operator, workflow string) {
	b.Helper()
	b.eventually("the workflow ends", func() bool {
		_, works := o.isAtWork(b.Context(), workflow)
		return !works
	})
}

// resetter resets workflows, once at each step of its plan.
type resetter struct {
	operator
	hub *hub

	mu   sync.Mutex
	plan []string
}

func (r *resetter) expect(activities ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan = activities
}

// left returns the steps that have not come.
func (r *resetter) left() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plan
}

func (r *resetter) reports(string, bool) bool { return true }

// handed resets the workflow that has asked for a step; of one that waits for the bank's answer, the subsidy's.
func (r *resetter) handed(_, activity, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := slices.Index(r.plan, activity)
	if n < 0 {
		return
	}
	r.plan = slices.Delete(r.plan, n, n+1)
	if batch, found := strings.CutPrefix(id, "payout/"); found && strings.HasPrefix(activity, "Collect") {
		b, err := card.ParseBatchID(batch)
		require.NoError(r.hub, err)
		id = workflows.SubsidyWorkflowID(b.Rollout)
	}
	ctx := r.hub.Context()
	run, _ := r.isAtWork(ctx, id)
	points, err := r.points(ctx, id, run)
	if err == nil {
		err = r.reset(ctx, id, run, points[0])
	}
	if err != nil {
		r.hub.Errorf("reset %s at %s: %v", id, activity, err)
	}
}
