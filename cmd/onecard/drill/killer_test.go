package drill_test

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"onecard/cmd/onecard/internal/local"
)

// phase is a moment in the life of an activity at which its worker is killed.
type phase string

const (
	handedOut  phase = "handed out" // the worker has just been given it
	uploading  phase = "uploading"  // its file is at the partner under the temporary name; at the latest before its proof is kept
	committing phase = "committing" // its effect is in an open transaction that will never be committed
	reported   phase = "reported"   // its effect is there, and the report of it on its way to Temporal is lost
)

// moment is a phase of the activities of one name.
type moment struct {
	activity string
	phase    phase
}

// killer kills a hub's worker, once at each moment of its plan, in whatever order they come.
type killer struct {
	hub *hub

	mu      sync.Mutex
	plan    map[moment]bool
	running map[string]string // activities by task token
	commits int               // since the last step was handed out; a watch may add to them, so that a kill comes early
	kills   []moment
}

func newKiller(b *hub, plan []moment) *killer {
	k := &killer{hub: b, plan: map[moment]bool{}, running: map[string]string{}}
	for _, m := range plan {
		k.plan[m] = true
	}
	return k
}

// left returns the moments that have not come.
func (k *killer) left() []moment {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.plan))
}

func (k *killer) handed(token, activity, _ string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running[token] = activity
	if slices.Contains(watches, activity) {
		return
	}
	k.commits = 0
	if k.due(activity, handedOut) {
		k.kill(moment{activity, handedOut})
	}
}

func (k *killer) reports(token string, done bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	activity, ok := k.running[token]
	if !ok {
		return false // of a worker that was killed a moment ago
	}
	delete(k.running, token)
	if done && k.due(activity, reported) {
		k.kill(moment{activity, reported})
		return false
	}
	return true
}

// mayCommit is asked before each commit in the ledger.
func (k *killer) mayCommit() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.commits++
	for _, activity := range k.running {
		if k.due(activity, uploading) {
			return k.upload(moment{activity, uploading})
		}
		if k.due(activity, committing) && k.commits >= decisive(activity) {
			k.kill(moment{activity, committing})
			return false
		}
	}
	return true
}

// upload lets the file's name be kept, and then waits for the upload; the proof of it cannot be kept any more.
func (k *killer) upload(m moment) bool {
	if k.commits >= decisive(m.activity) {
		k.kill(m)
		return false
	}
	go k.catch(m)
	return true
}

// catch kills the worker in the middle of an upload.
func (k *killer) catch(m moment) {
	for {
		k.mu.Lock()
		if !k.plan[m] {
			k.mu.Unlock()
			return
		}
		if found, _ := filepath.Glob(k.hub.partner("*", "root", "inbox", "*.tmp")); len(found) > 0 {
			k.kill(m)
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}

func (k *killer) due(activity string, p phase) bool { return k.plan[moment{activity, p}] }

// kill is called with the lock held: nothing passes in between.
func (k *killer) kill(m moment) {
	st, err := local.Find(k.hub.dir())
	worker, _ := st.Process("worker")
	if err != nil || worker.Pid == 0 || syscall.Kill(worker.Pid, syscall.SIGKILL) != nil {
		k.hub.Errorf("the worker was not there to be killed: %v %v", m, err)
	}
	delete(k.plan, m)
	clear(k.running)
	k.kills = append(k.kills, m)
	k.hub.Logf("%s killed: %s %s", time.Now().Format(time.TimeOnly), m.activity, m.phase)
}

// decisive is which of an activity's commits keeps its effect. The first one of those that send a file keeps the file's name.
func decisive(activity string) int {
	if slices.Contains(senders, activity) {
		return 2
	}
	return 1
}

var senders = []string{"RequestMatch", "RequestAccounts", "EnquireAccounts", "OrderCards", "DispatchCards", "RequestActivations",
	"QueryAccounts", "OrderFunds", "Pay", "EnquirePayments", "RequestPopulation"}
