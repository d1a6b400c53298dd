package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestItemCodes(t *testing.T) {
	t.Parallel()
	for s, code := range map[card.ItemStatus]string{
		card.Applied: "I00", card.Matched: "I05", card.Batched: "I10", card.AccountRequested: "I20", card.AccountOpened: "I21",
		card.AccountFailed: "I29", card.SentToVendor: "I30", card.Made: "I31", card.MakeFailed: "I39", card.InStock: "I55",
		card.Dispatched: "I57", card.AtOutlet: "I60", card.HandedOver: "I70", card.Activated: "I80", card.Withdrawn: "I90",
		card.Spoiled: "I91", card.Refused: "I92",
	} {
		require.Equal(t, code, s.Code())
		require.NotEmpty(t, s.ZH())
		got, err := card.ParseItemStatus(code)
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	require.Len(t, card.ItemStatuses(), 17)
	require.Equal(t, "AccountOpened", card.AccountOpened.String())
	require.Equal(t, "ItemStatus(77)", card.ItemStatus(77).String())
	require.Equal(t, "I77", card.ItemStatus(77).ZH())
	require.False(t, card.ItemStatus(77).Terminal(), "an unknown status is no end")
	_, err := card.ParseItemStatus("I77")
	require.Equal(t, card.Invalid, card.KindOf(err))
}

func TestItemTable(t *testing.T) {
	t.Parallel()
	terminal := map[card.ItemStatus]bool{card.Activated: true, card.Withdrawn: true, card.Spoiled: true, card.Refused: true}
	reached := map[card.ItemStatus]bool{card.Applied: true}
	for _, s := range card.ItemStatuses() {
		require.Equal(t, terminal[s], s.Terminal(), s)
		for _, next := range s.To() {
			require.True(t, s.May(next))
			require.NotEqual(t, s, next)
			reached[next] = true
		}
	}
	require.Len(t, reached, len(card.ItemStatuses()), "every status can be reached")
	require.False(t, card.Made.May(card.Withdrawn), "a card that exists is handed over or spoiled")
	require.False(t, card.HandedOver.May(card.InStock))
}

// From wherever an item stands, some way ends; and no walk leaves an end.
func TestItemWalks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(card.ItemStatuses()).Draw(t, "from")
		for !s.Terminal() {
			s = rapid.SampledFrom(s.To()).Draw(t, "to")
		}
		for _, next := range card.ItemStatuses() {
			require.False(t, s.May(next))
		}
	})
}

var appStatuses = []card.AppStatus{card.Sealed, card.Normal, card.FormallyLost, card.Locked, card.TempLost, card.Cancelled}

var appCommands = []card.AppCommand{
	card.Activate, card.ReportTempLoss, card.ReportFormalLoss, card.LiftLoss, card.Cancel, card.Unlock, card.Replace, card.Renew,
}

func TestAppTable(t *testing.T) {
	t.Parallel()
	type row struct {
		from  card.AppStatus
		cmd   card.AppCommand
		to    card.AppStatus
		again bool
	}
	allowed := map[row]bool{}
	for _, r := range []row{
		{card.Sealed, card.Activate, card.Normal, false},
		{card.Sealed, card.ReportTempLoss, card.TempLost, false},
		{card.Sealed, card.ReportFormalLoss, card.FormallyLost, false},
		{card.Sealed, card.Cancel, card.Cancelled, false},
		{card.Normal, card.Activate, card.Normal, true},
		{card.Normal, card.LiftLoss, card.Normal, true},
		{card.Normal, card.Unlock, card.Normal, true},
		{card.Normal, card.ReportTempLoss, card.TempLost, false},
		{card.Normal, card.ReportFormalLoss, card.FormallyLost, false},
		{card.Normal, card.Cancel, card.Cancelled, false},
		{card.Normal, card.Renew, card.Normal, false},
		{card.TempLost, card.ReportTempLoss, card.TempLost, true},
		{card.TempLost, card.ReportFormalLoss, card.FormallyLost, false},
		{card.TempLost, card.LiftLoss, card.Normal, false},
		{card.TempLost, card.Cancel, card.Cancelled, false},
		{card.FormallyLost, card.ReportTempLoss, card.FormallyLost, true},
		{card.FormallyLost, card.ReportFormalLoss, card.FormallyLost, true},
		{card.FormallyLost, card.LiftLoss, card.Normal, false},
		{card.FormallyLost, card.Cancel, card.Cancelled, false},
		{card.FormallyLost, card.Replace, card.FormallyLost, false},
		{card.Locked, card.Unlock, card.Normal, false},
		{card.Locked, card.ReportTempLoss, card.TempLost, false},
		{card.Locked, card.ReportFormalLoss, card.FormallyLost, false},
		{card.Locked, card.Cancel, card.Cancelled, false},
		{card.Locked, card.Renew, card.Locked, false},
		{card.Cancelled, card.Cancel, card.Cancelled, true},
	} {
		allowed[r] = true
	}
	for _, from := range appStatuses {
		for _, cmd := range appCommands {
			to, again, err := from.Apply(cmd)
			if allowed[row{from, cmd, to, again}] {
				require.NoError(t, err)
				delete(allowed, row{from, cmd, to, again})
				continue
			}
			require.Equal(t, card.Conflict, card.KindOf(err), "%s from %s", cmd, from)
			require.Equal(t, card.ReasonWrongState, card.ReasonOf(err))
			require.Equal(t, from, to)
			require.False(t, again)
		}
	}
	require.Empty(t, allowed)
}

func TestAppWalks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(appStatuses).Draw(t, "from")
		for _, cmd := range rapid.SliceOf(rapid.SampledFrom(appCommands)).Draw(t, "commands") {
			next, again, err := s.Apply(cmd)
			require.Contains(t, appStatuses, next)
			if s.Terminal() || again || err != nil {
				require.Equal(t, s, next, "ends, answers 01 and errors change nothing")
			}
			if s == card.FormallyLost {
				require.NotEqual(t, card.TempLost, next, "a temporary loss never weakens a formal one")
			}
			s = next
		}
	})
}

func TestAppNames(t *testing.T) {
	t.Parallel()
	for s, code := range map[card.AppStatus]string{
		card.Sealed: "0", card.Normal: "1", card.FormallyLost: "2", card.Locked: "3", card.TempLost: "4", card.Cancelled: "9",
	} {
		require.Equal(t, code, s.Code())
		require.NotEmpty(t, s.Name().ZH)
	}
	require.Equal(t, "AppStatus(7)", card.AppStatus(7).String())
	require.Equal(t, "LiftLoss", card.LiftLoss.String())
	require.Equal(t, "Renew", card.Renew.String())
	require.Equal(t, "AppCommand(0)", card.AppCommand(0).String())
}

func TestECardMirrorsTheCard(t *testing.T) {
	t.Parallel()
	for s, want := range map[card.AppStatus]card.ECardStatus{
		card.Sealed: card.ECardNone, card.Normal: card.ECardSigned, card.FormallyLost: card.ECardSuspended,
		card.Locked: card.ECardSuspended, card.TempLost: card.ECardSuspended, card.Cancelled: card.ECardRevoked,
	} {
		require.Equal(t, want, s.ECard(), s)
	}
	require.Equal(t, "Suspended", card.ECardSuspended.String())
}
