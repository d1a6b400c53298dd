package card_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	inner := card.E(card.Unavailable, "dial", "", context.Canceled)
	for name, c := range map[string]struct {
		err  error
		want card.Kind
	}{
		"none":              {nil, 0},
		"plain":             {errors.New("x"), card.Internal},
		"cancelled":         {fmt.Errorf("read: %w", context.Canceled), card.Unavailable},
		"expired":           {context.DeadlineExceeded, card.Unavailable},
		"wrapped":           {fmt.Errorf("read: %w", inner), card.Unavailable},
		"outermost decides": {card.E(card.Breach, "settle", "", inner), card.Breach},
		"nobody has said":   {&card.Error{Op: "x"}, card.Internal},
		"joined":            {errors.Join(errors.New("x"), inner), card.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, card.KindOf(c.err))
		})
	}
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	inner := card.E(card.Invalid, "read", card.ReasonFileDigest, nil)
	require.Equal(t, card.ReasonFileDigest, card.ReasonOf(inner))
	require.Equal(t, card.ReasonFileDigest, card.ReasonOf(card.E(card.Conflict, "collect", "", fmt.Errorf("x: %w", inner))))
	require.Equal(t, card.ReasonFileSize, card.ReasonOf(card.E(card.Invalid, "collect", card.ReasonFileSize, inner)))
	require.Empty(t, card.ReasonOf(errors.New("x")))
	require.Empty(t, card.ReasonOf(nil))
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	require.EqualError(t, card.E(card.Unavailable, "dial bank", "", cause), "dial bank: connection refused")
	require.EqualError(t, card.E(card.Later, "collect", "", nil), "collect: later")
	require.EqualError(t, card.E(card.Invalid, "collect", card.ReasonFileRows, nil), "collect: FILE_ROWS")
	require.EqualError(t, card.E(card.Invalid, "collect", card.ReasonFileRows, cause), "collect: FILE_ROWS: connection refused")
	require.ErrorIs(t, card.E(card.Unavailable, "dial bank", "", cause), cause)
	require.Equal(t, "kind 99", card.Kind(99).String())
	require.Equal(t, "not found", card.NotFound.String())
}
