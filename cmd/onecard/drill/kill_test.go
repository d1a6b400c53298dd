package drill_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/worker"
)

// kills are the steps at which each batch of 2,000 cards loses its worker: every activity, in its middle and after its
// effect. A lost activity is noticed after ten seconds, so the steps are spread over several batches.
var kills = []struct {
	name  string
	steps []string
	rules string
}{
	{name: "decisions", steps: []string{"SubmitRollout", "ApproveRollout"}},
	{name: "start", steps: []string{"SetRolloutStatus", "PlanRollout"}},
	{name: "match", steps: []string{"RequestMatch", "CollectMatch"}},
	{name: "accounts", steps: []string{"AllocateNumbers", "RequestAccounts"}},
	{name: "enquiry", steps: []string{"CollectAccounts", "EnquireAccounts"}, rules: omitted},
	{name: "answers", steps: []string{"CollectEnquiry", "OrderCards"}, rules: omitted},
	{name: "cards", steps: []string{"CollectCards", "ReceiveStock"}, rules: failing},
	{name: "remake", steps: []string{"PlanRemake"}, rules: failing},
	{name: "dispatch", steps: []string{"DispatchCards", "CollectReports"}},
	{name: "activation", steps: []string{"ActivateCards", "RequestActivations"}},
	{name: "end", steps: []string{"CollectActivations", "FinishBatch"}},
}

const (
	omitted = `[[rule]]
partner = "ICBC"
kind = "ACCTREQ"
do = "omit"
share = 0.1
`
	failing = `[[rule]]
partner = "BUREAU"
kind = "CARDREQ"
do = "refuse"
code = "M01"
share = 0.05
times = 1
`
	slow = `[[rule]]
partner = "%s"
kind = "%s"
do = "delay"
after = "4s"
`
	mute = `[[rule]]
partner = "%s"
kind = "%s"
do = "silent"
`
)

// TestKilledWorker kills the worker in every step and finds at the end that everybody has exactly one card.
func TestKilledWorker(t *testing.T) {
	enter(t)
	for _, lane := range kills {
		t.Run(lane.name, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			k := b.haunt(planFor(lane.steps))
			b.rules(lane.rules)
			b.start()
			b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 0 })
			id := b.run(b.sample(2000, "--banks", "102"))
			b.await(id, card.RolloutDone)
			require.Empty(t, k.left(), "moments that never came")
			v := b.show(id)
			b.requireSound(v)
			b.requireAgreed(v, "ICBC")
			b.requireOnce("ICBC")
			require.Equal(t, 2000, v.Counts.Active)
			require.Equal(t, 2000, v.Counts.AccountActive)
		})
	}
}

// planFor is every phase of the steps.
func planFor(steps []string) []moment {
	var plan []moment
	for _, s := range steps {
		middle := committing
		if s == "PlanRollout" {
			middle = handedOut // it only reads
		}
		plan = append(plan, moment{s, middle}, moment{s, reported})
		if slices.Contains(senders, s) {
			plan = append(plan, moment{s, uploading})
		}
	}
	return plan
}

// haunt puts a killer on the hub's wires.
func (b *hub) haunt(plan []moment) *killer {
	b.Helper()
	k := newKiller(b, plan)
	for i, arg := range b.argv {
		switch arg {
		case "--temporal-address":
			b.argv[i+1] = openWire(b.T, b.argv[i+1], k)
		case "--database-url":
			b.argv[i+1] = openGate(b.T, b.argv[i+1], k.mayCommit)
		}
	}
	return k
}

// TestKilledWorkerOfCancelledRollout kills the worker while the canary is judged and while batches are withdrawn.
func TestKilledWorkerOfCancelledRollout(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	k := b.haunt(planFor([]string{"JudgeCanary", "WithdrawBatch"}))
	b.rules(fmt.Sprintf(slow, "BUREAU", "CARDREQ"))
	b.start()
	id := b.run(b.sample(2200, "--banks", "102"))
	b.eventually("the second batch is under way", func() bool {
		n, ok := b.count("select count(*) from batch where number = 2 and status = 'running' and step = 'CARDREQ'")
		return ok && n > 0
	})
	b.onecard("rollout", "cancel", id, "--as", "maker")
	b.await(id, card.RolloutCancelled)
	require.Empty(t, k.left(), "moments that never came")
	v := b.show(id)
	b.requireSound(v)
	b.requireOnce("ICBC")
}

// watches are activities that belong to no batch: they look at what is there again and again, and the next look makes up for
// one that was lost.
var watches = []string{"CheckTimetable", "WatchFiles"}

// readers are activities that only read, or tell for whom a batch waits.
var readers = []string{"HasLeft", "RolloutStatus", "AwaitProcess", "PayWindowOpen", "AwaitPayWindow"}

// TestEveryStepIsKilled holds the drills to the activities that there are.
func TestEveryStepIsKilled(t *testing.T) {
	t.Parallel()
	killed := append([]string{"JudgeCanary", "WithdrawBatch"}, slices.Concat(watches, readers)...)
	for _, lane := range kills {
		killed = append(killed, lane.steps...)
	}
	for _, lane := range payKills {
		killed = append(killed, lane.steps...)
	}
	killed = append(killed, slices.Concat(matchKills...)...)
	require.ElementsMatch(t, activityNames(t), killed)
}

// activityNames are the names under which a worker registers its activities.
func activityNames(t *testing.T) []string {
	t.Helper()
	var r register
	worker.RegisterActivities(&r, worker.Activities{})
	return r.names
}

// register writes down the methods of the structs that are registered.
type register struct {
	sdkworker.ActivityRegistry
	names []string
}

func (r *register) RegisterActivity(steps any) {
	for m := range reflect.TypeOf(steps).Methods() {
		r.names = append(r.names, m.Name)
	}
}
