// Package workflowstest is a programme in miniature for the tests of the workflows: it has every activity under its
// registered name, plays them from a script, and remembers what it was asked. It serves the SDK's test environment and a
// real Temporal server alike.
package workflowstest

import (
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"onecard/activities"
	"onecard/card"
)

// Call is one attempt of an activity. Batch is zero where the whole rollout is meant.
type Call struct {
	Activity string
	Batch    card.BatchID
	Round    int
	Standing activities.Standing // of SetRolloutStatus
	By       string              // of a decision
	Attempt  int                 // from 1, by Temporal's count
	Nth      int                 // from 1, of this activity and batch, whoever began it
}

// Fate is what becomes of a batch. The zero Fate of the world means ten cards that all do well and are reported together.
type Fate struct {
	Rows       int
	Unmatched  bool  // civil affairs knows none of them
	Unknown    int   // left out of the bank's first answer
	Late       bool  // comes after its bank's cut-off, once
	Short      int   // how often the payer's account does not hold enough
	MakeFailed int   // go to a remake
	Rounds     []int // cards in each report of the outlets; what is left after the last is handed over at a desk, by HandOver
	Canary     bool  // fails as a canary
}

// World plays all activities. Its fields must not be changed once a workflow runs.
type World struct {
	Batches []card.PlannedBatch
	Policy  activities.Policy
	Fates   map[int]Fate  // by batch number
	Notice  time.Duration // of a subsidy, from the first look at it
	// Engine knows of workflows that are left behind. It may be nil when there are none.
	Engine activities.Engine
	Pages  map[string]int // of a population match, by city
	// Script is asked before each attempt, one at a time; an error is the attempt's result. It may be nil.
	Script func(Call) error

	asking    sync.Mutex // one call of Script at a time
	mu        sync.Mutex
	calls     []Call
	nth       map[Call]int
	courses   map[card.BatchID]*course
	remakes   map[card.BatchID]card.BatchID
	approvals int  // of money
	noticed   bool // somebody has looked how long the notice runs
	standing  card.RolloutStatus
	peak      map[string]int // most batches in production at once, by bank; under "" those of all
}

// course is how far a batch has come.
type course struct {
	fate                   Fate
	producing, left        bool
	waited                 bool // for the bank's business hours
	waiting, handed, round int
}

// Rollout is the rollout of every world.
const Rollout card.RolloutID = "R20261121-001"

// City is the city of every batch.
const City = "440600"

// New returns a world whose batches are at the banks, in this order; the first is the canary if one is wanted.
func New(canary bool, banks ...string) *World {
	w := &World{Policy: activities.Policy{Concurrency: 4, Remakes: 2}, Fates: map[int]Fate{},
		nth: map[Call]int{}, courses: map[card.BatchID]*course{}, remakes: map[card.BatchID]card.BatchID{}, peak: map[string]int{}}
	for i, bank := range banks {
		kind := card.BulkBatch
		if canary && i == 0 {
			kind = card.CanaryBatch
		}
		w.Batches = append(w.Batches, card.PlannedBatch{ID: Batch(bank, i+1), Kind: kind, Rows: 10})
	}
	return w
}

// Batch is the batch with the number at the bank.
func Batch(bank string, number int) card.BatchID {
	return card.BatchID{Rollout: Rollout, City: City, Bank: bank, Number: number}
}

// Later is an answer that has not come; it is looked for again after poll.
func Later(poll time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("no answer yet", string(card.ReasonNoAnswer), temporal.ApplicationErrorOptions{
		NextRetryDelay: poll, Category: temporal.ApplicationErrorCategoryBenign})
}

// Final is a failure that no retry mends.
func Final(reason card.Reason) error {
	return temporal.NewNonRetryableApplicationError("failed for good", string(reason), nil)
}

// Calls returns what the world was asked so far, in order.
func (w *World) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Call(nil), w.calls...)
}

// Begun returns the first attempts of an activity, in order.
func (w *World) Begun(activity string) []Call {
	var begun []Call
	for _, c := range w.Calls() {
		if c.Activity == activity && c.Attempt == 1 {
			begun = append(begun, c)
		}
	}
	return begun
}

// Peak returns how many batches of the bank were in production at once, at most; of all banks when it is empty.
func (w *World) Peak(bank string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peak[bank]
}

// HandOver has a desk hand over n cards of the batch. The workflow has still to be told.
func (w *World) HandOver(b card.BatchID, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.course(b)
	c.waiting -= n
	c.handed += n
}

func (w *World) course(b card.BatchID) *course {
	c := w.courses[b]
	if c == nil {
		fate := w.Fates[b.Number]
		if fate.Rows == 0 {
			fate.Rows = 10
		}
		if fate.Rounds == nil {
			fate.Rounds = []int{fate.Rows - fate.MakeFailed}
		}
		c = &course{fate: fate}
		w.courses[b] = c
	}
	return c
}

// produce counts the batches in production.
func (w *World) produce(b card.BatchID, producing bool) {
	w.course(b).producing = producing
	total, ofBank := 0, 0
	for id, c := range w.courses {
		if c.producing {
			total++
			if id.Bank == b.Bank {
				ofBank++
			}
		}
	}
	w.peak[""], w.peak[b.Bank] = max(w.peak[""], total), max(w.peak[b.Bank], ofBank)
}

// stand remembers where the rollout stands.
func (w *World) stand(status card.RolloutStatus) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.standing = status
}

// submit refuses what is past submission, as the ledger does.
func (w *World) submit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.standing != "" && w.standing != card.RolloutSubmitted {
		return Final(card.ReasonWrongState)
	}
	w.standing = card.RolloutSubmitted
	return nil
}
