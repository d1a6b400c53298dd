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

func TestAReasonIsNamedOnce(t *testing.T) {
	t.Parallel()
	inner := card.E(card.Invalid, "read the roster", card.ReasonFileRows, nil)
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"wrapped":             {card.E(card.Invalid, "take it in", card.ReasonFileRows, inner), "take it in: read the roster: FILE_ROWS"},
		"wrapped deeper":      {card.E(card.Invalid, "take it in", card.ReasonFileRows, fmt.Errorf("x: %w", inner)), "take it in: x: read the roster: FILE_ROWS"},
		"back from Temporal":  {card.E(card.Conflict, "", card.ReasonFileRows, errors.New("FILE_ROWS: 3 rows")), "FILE_ROWS: 3 rows"},
		"another reason":      {card.E(card.Invalid, "take it in", card.ReasonFileSize, inner), "take it in: FILE_SIZE: read the roster: FILE_ROWS"},
		"a part of a word":    {card.E(card.Invalid, "", card.ReasonFileRows, errors.New("NO_FILE_ROWS")), "FILE_ROWS: NO_FILE_ROWS"},
		"in brackets":         {card.E(card.Invalid, "", card.ReasonFileRows, errors.New("x (type: FILE_ROWS, retryable: false)")), "x (type: FILE_ROWS, retryable: false)"},
		"nothing but reasons": {card.E(card.Invalid, "", card.ReasonFileRows, card.E(card.Invalid, "", card.ReasonFileRows, nil)), "FILE_ROWS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, c.err, c.want)
		})
	}
}
