package activities

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
)

func TestFault(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for _, tc := range []struct {
		name  string
		err   error
		typ   string
		final bool
		delay time.Duration
		quiet bool
	}{
		{"later", card.E(card.Later, "wait", card.ReasonNoAnswer, nil), "NO_ANSWER", false, 7 * time.Second, true},
		{"unavailable", card.E(card.Unavailable, "dial", card.ReasonPartnerUnreachable, cause), "PARTNER_UNREACHABLE", false, 0, false},
		{"invalid", card.E(card.Invalid, "read", card.ReasonFileRows, cause), "FILE_ROWS", true, 0, false},
		{"not found", card.E(card.NotFound, "find", card.ReasonNoSuchRollout, nil), "NO_SUCH_ROLLOUT", true, 0, false},
		{"conflict", card.E(card.Conflict, "move", card.ReasonWrongState, nil), "WRONG_STATE", true, 0, false},
		{"denied", card.E(card.Denied, "approve", card.ReasonSamePerson, nil), "SAME_PERSON", true, 0, false},
		{"breach", card.E(card.Breach, "check", card.ReasonInvariantBreach, nil), "INVARIANT_BREACH", true, 0, false},
		{"internal", card.E(card.Internal, "archive", "", cause), "internal", true, 0, false},
		{"without a kind", card.E(0, "do", "", cause), "internal", true, 0, false},
		{"wrapped", fmt.Errorf("outer: %w", card.E(card.Later, "wait", "", nil)), "later", false, 7 * time.Second, true},
		{"the outermost decides", card.E(card.Unavailable, "read", "", card.E(card.Breach, "check", card.ReasonHashDiffers, nil)), "HASH_DIFFERS", false, 0, false},
		{"joined", errors.Join(card.E(card.Breach, "check", card.ReasonHashDiffers, nil), card.E(card.Unavailable, "freeze", "", nil)), "HASH_DIFFERS", true, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := faultIn(tc.err, 7*time.Second)
			var failed *temporal.ApplicationError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, tc.typ, failed.Type())
			require.Equal(t, tc.final, failed.NonRetryable())
			require.Equal(t, tc.delay, failed.NextRetryDelay())
			require.Equal(t, tc.quiet, failed.Category() == temporal.ApplicationErrorCategoryBenign)
			require.ErrorIs(t, err, tc.err, "the cause is kept")
			require.Equal(t, tc.err.Error(), failed.Message())
		})
	}
}

// TestEveryKindIsDecided walks over all kinds that there are: none may slip through undecided.
func TestEveryKindIsDecided(t *testing.T) {
	t.Parallel()
	for k := card.Invalid; k <= card.Internal; k++ {
		var failed *temporal.ApplicationError
		require.ErrorAs(t, fault(card.E(k, "do", "", nil)), &failed)
		require.Equal(t, k != card.Later && k != card.Unavailable, failed.NonRetryable(), k.String())
		require.Zero(t, failed.NextRetryDelay())
	}
}

func TestFaultOfOthers(t *testing.T) {
	t.Parallel()
	require.NoError(t, fault(nil))
	plain := errors.New("nobody has said what this is")
	require.Equal(t, plain, fault(plain), "tried again, as Temporal does by itself")
	require.ErrorIs(t, fault(card.E(card.Unavailable, "do", "", context.Canceled)), context.Canceled, "a cancelled activity ends as cancelled")
}
