package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func apply(t *testing.T, a card.Account, events ...card.AccountEvent) card.Account {
	t.Helper()
	for _, e := range events {
		next, _, err := a.Apply(e)
		require.NoError(t, err)
		a = next
	}
	return a
}

func TestAccountKeepsWhatItWas(t *testing.T) {
	t.Parallel()
	loss, lift := card.AccountLossReported, card.AccountLossLifted
	freeze, release := card.AccountFrozen, card.AccountReleased
	opened, active := card.Account{}, card.Account{Status: card.Active}
	require.Equal(t, card.NotActivated, opened.Status)
	require.Equal(t, active, apply(t, opened, card.AccountActivated))
	require.Equal(t, opened, apply(t, opened, loss, lift))
	require.Equal(t, active, apply(t, active, loss, lift))
	require.Equal(t, active, apply(t, active, freeze, release))
	require.Equal(t, opened, apply(t, opened, freeze, release))
	require.Equal(t, card.Lost, apply(t, active, loss, freeze, release).Status)
	require.Equal(t, active, apply(t, active, loss, freeze, release, lift))
	require.Equal(t, card.Closed, apply(t, active, loss, freeze, card.AccountClosed).Status)
}

func TestAccountRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status card.AccountStatus
		event  card.AccountEvent
	}{
		{card.NotActivated, card.AccountLossLifted},
		{card.Active, card.AccountReleased},
		{card.Lost, card.AccountActivated},
		{card.Frozen, card.AccountActivated},
		{card.Frozen, card.AccountLossReported},
		{card.Closed, card.AccountActivated},
		{card.Closed, card.AccountFrozen},
		{card.Active, card.AccountEvent(0)},
	} {
		before := card.Account{Status: c.status}
		after, again, err := before.Apply(c.event)
		require.Equal(t, card.Conflict, card.KindOf(err), "%s on %s", c.event, c.status)
		require.Equal(t, before, after)
		require.False(t, again)
	}
}

func TestAccountWalks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var a card.Account
		for _, n := range rapid.SliceOf(rapid.Uint8Range(1, 6)).Draw(t, "events") {
			next, again, err := a.Apply(card.AccountEvent(n))
			if a.Status.Terminal() || again || err != nil {
				require.Equal(t, a.Status, next.Status)
			}
			if a.Status == card.Lost {
				require.Contains(t, []card.AccountStatus{card.NotActivated, card.Active}, a.BeforeLoss)
			}
			a = next
		}
	})
}

func TestAccountNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "NotActivated", card.NotActivated.String())
	require.Equal(t, card.Name{Code: "9", ZH: "注销", EN: "Closed"}, card.Closed.Name())
	require.Equal(t, "AccountStatus(7)", card.AccountStatus(7).String())
	require.Equal(t, "AccountClosed", card.AccountClosed.String())
	require.Equal(t, "AccountEvent(9)", card.AccountEvent(9).String())
}
