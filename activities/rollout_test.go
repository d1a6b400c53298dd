package activities

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"onecard/card"
)

// withdrawals notes what becomes of cancelled batches in the ledger's journal.
type withdrawals struct {
	PlanLedger
	*ledger
}

func (w withdrawals) Withdraw(context.Context, card.BatchID) error { return w.note("withdraw") }

func (w withdrawals) FinishBatch(_ context.Context, _ card.BatchID, status card.BatchStatus) error {
	return w.note("finish " + string(status))
}

// TestWithdrawTakesReportsFirst takes in what the outlets have reported before the cards that are left are spoiled, and does
// not wait for outlets that cannot be reached.
func TestWithdrawTakesReportsFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lies    error
		journal []string
	}{
		"reports lie ready": {nil, []string{"apply " + report(1).Name(), "done " + report(1).Name(), "withdraw", "finish " + string(card.BatchCancelled)}},
		"out of reach": {card.E(card.Unavailable, "read", card.ReasonNoAnswer, nil),
			[]string{"withdraw", "finish " + string(card.BatchCancelled)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, l, p := outletWorld(t)
			p.outbox[report(1)] = c.lies
			r := &Rollouts{Plans: withdrawals{ledger: l}, Outlets: o}
			env := (&testsuite.WorkflowTestSuite{}).NewTestActivityEnvironment()
			env.RegisterActivity(r.WithdrawBatch)
			_, err := env.ExecuteActivity(r.WithdrawBatch, step1.Batch)
			require.NoError(t, err)
			require.Equal(t, c.journal, l.journal)
		})
	}
}
