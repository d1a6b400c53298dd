package card

import (
	"fmt"
	"time"
)

// RolloutStatus is where a rollout stands.
type RolloutStatus string

// The statuses of a rollout, in the order in which it usually passes them.
const (
	RolloutDraft     RolloutStatus = "draft"
	RolloutSubmitted RolloutStatus = "submitted" // its content is closed and hashed
	RolloutApproved  RolloutStatus = "approved"  // by somebody other than its maker and submitter
	RolloutRunning   RolloutStatus = "running"
	RolloutPaused    RolloutStatus = "paused"    // by a person
	RolloutStopped   RolloutStatus = "stopped"   // by itself: the canary failed or an invariant broke
	RolloutCancelled RolloutStatus = "cancelled" // by a person; final
	RolloutDone      RolloutStatus = "done"      // final
)

// Ended says whether nothing more will happen to the rollout.
func (s RolloutStatus) Ended() bool { return s == RolloutCancelled || s == RolloutDone }

// BatchStatus is where a batch of a rollout stands.
type BatchStatus string

// The statuses of a batch.
const (
	BatchPlanned   BatchStatus = "planned"
	BatchRunning   BatchStatus = "running"
	BatchFrozen    BatchStatus = "frozen" // an invariant broke; nothing moves before a person has looked
	BatchCancelled BatchStatus = "cancelled"
	BatchDone      BatchStatus = "done"
)

// BatchKind tells why a batch was formed.
type BatchKind string

// The kinds of batches.
const (
	CanaryBatch BatchKind = "canary" // the first rows of one bank, behind which the others wait
	BulkBatch   BatchKind = "bulk"
	RemakeBatch BatchKind = "remake" // the cards that the bureau failed to make of another batch
)

// PlannedBatch is one batch of a rollout's plan.
type PlannedBatch struct {
	ID   BatchID
	Kind BatchKind
	Rows int
}

// Tally is what a partner's answer, or a step of the hub, made of a batch's rows.
type Tally struct {
	Done    int // went on
	Failed  int // refused, with a reason
	Unknown int // left out of the answer
}

// HandOverProgress is how far the hand-over of a batch has come.
type HandOverProgress struct {
	HandedOver int // handed over, and not activated yet or without the bank's answer about the account
	Waiting    int // on their way to the holder
	Round      int // the round of activations that is next: one that was begun and not answered, else a new one; from 1
}

// Decision is what a person decides about a rollout.
type Decision struct {
	By        string // who
	Note      string // why, in the person's words; may be empty
	Role      Role   `json:",omitempty"` // of an approval of money: in which role
	Signature []byte `json:",omitempty"` // of an approval of money: by the approver's SM2 key, over ApprovalText
}

// ApprovalText is what an approver signs: that the content with the SM3 hash may be paid, in this role.
func ApprovalText(id RolloutID, role Role, hash []byte) []byte {
	return fmt.Appendf(nil, "onecard approval\n%s\n%s\n%x\n", id, role, hash)
}

// Terms are what the hub has agreed with a partner.
type Terms struct {
	Partner      string        // as in file names
	AnswerWithin time.Duration // an answer that comes later is overdue
	Poll         time.Duration // how often an answer is looked for
}

// CanariesBefore returns the canaries of a subsidy's plan for which a bank's other batches wait: the bank's own. A bank that has none
// waits for all, unless it is paid no more rows than a canary.
func CanariesBefore(plan []PlannedBatch, bank string) []BatchID {
	var own, all []BatchID
	rows, most := 0, 0
	for _, p := range plan {
		ofBank := p.ID.Bank == bank
		if ofBank {
			rows += p.Rows
		}
		if p.Kind != CanaryBatch {
			continue
		}
		most, all = max(most, p.Rows), append(all, p.ID)
		if ofBank {
			own = append(own, p.ID)
		}
	}
	switch {
	case len(own) > 0:
		return own
	case rows <= most:
		return nil
	}
	return all
}
