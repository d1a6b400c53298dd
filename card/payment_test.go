package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestInstruction(t *testing.T) {
	t.Parallel()
	i := card.NewInstruction("R20261121-001", 123, 1)
	require.Equal(t, "R20261121-001.0000123.1", i)
	parts, err := card.ParseInstruction(i)
	require.NoError(t, err)
	require.Equal(t, card.InstructionParts{Rollout: "R20261121-001", Row: 123, Version: 1}, parts)
	for _, bad := range []string{
		"", "R20261121-001", "R20261121-001.0000123", "R20261121-001.123.1", "R20261121-001.0000000.1", "R20261121-001.0000123.0",
		"R20261121-001.0000123.01", "R20261121-001.0000123.100", "R20261321-001.0000123.1", "R20261121-001.0000123.1.1", "R20261121-001.00001٢3.1",
	} {
		_, err := card.ParseInstruction(bad)
		require.Equal(t, card.Invalid, card.KindOf(err), "%q", bad)
	}
}

func TestInstructionComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := card.InstructionParts{
			Rollout: card.NewRolloutID("20261121", rapid.IntRange(1, 999_999_999).Draw(t, "rollout")),
			Row:     rapid.IntRange(1, card.MaxInstructionRow).Draw(t, "row"),
			Version: rapid.IntRange(1, card.MaxInstructionVersion).Draw(t, "version"),
		}
		i := card.NewInstruction(want.Rollout, want.Row, want.Version)
		require.LessOrEqual(t, len(i), 32, "as long as the files allow")
		got, err := card.ParseInstruction(i)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.LessOrEqual(t, len(card.FundOrderNumber(want.Rollout, "ABCDEFGHIJKLMNOP", card.FundBlock, 99)), 40)
	})
}

func FuzzInstruction(f *testing.F) {
	f.Add("R20261121-001.0000123.1")
	f.Add("R20261121-001.0000123.")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := card.ParseInstruction(s)
		if err == nil {
			require.Equal(t, s, card.NewInstruction(p.Rollout, p.Row, p.Version))
		}
	})
}

func TestFundOrderNumber(t *testing.T) {
	t.Parallel()
	require.Equal(t, "R20261121-001.ICBC.B01", card.FundOrderNumber("R20261121-001", "ICBC", card.FundBlock, 1))
}

// The table of the domain page, 9.2.
func TestOwnersOfReturns(t *testing.T) {
	t.Parallel()
	known := card.Reasons()
	for _, r := range card.ReturnReasons() {
		require.Contains(t, known, r)
		require.NotEmpty(t, r.Owners())
		for _, o := range r.Owners() {
			require.Contains(t, card.Owners(), o)
			require.NotEmpty(t, o.Name().ZH)
			require.NotEmpty(t, o.Name().EN)
		}
	}
	require.Len(t, card.ReturnReasons(), 11)
	require.Equal(t, []card.Owner{card.OwnerHolder}, card.ReasonPayNotActivated.Owners())
	require.Equal(t, []card.Owner{card.OwnerHub}, card.ReasonPayTimeout.Owners(), "enquired about, never resent")
	require.Equal(t, []card.Owner{card.OwnerCityOffice}, card.Reason("WHATEVER").Owners())
	require.True(t, card.ReasonPayTimeout.OutcomeOpen())
	require.True(t, card.ReasonNoAnswer.OutcomeOpen())
	require.False(t, card.ReasonPayClosed.OutcomeOpen())
	changed := card.ReturnReasons()
	changed[0] = "X"
	require.NotEqual(t, changed, card.ReturnReasons())
}

// The table of the domain page, 7.5.
func TestWhatACardEventDoesToAPayment(t *testing.T) {
	t.Parallel()
	cases := []struct {
		event         card.PayEvent
		waiting, sent card.PayAction
	}{
		{card.PayTempLoss, card.PaySend, card.PayLeave},
		{card.PayFormalLoss, card.PaySend, card.PayLeave},
		{card.PayReplaced, card.PaySend, card.PayLeave},
		{card.PayMovedCity, card.PaySend, card.PayLeave},
		{card.PaySwitchStarted, card.PayHold, card.PayFollow},
		{card.PaySwitchDone, card.PayReroute, card.PayFollow},
		{card.PayAccountClosed, card.PayHold, card.PayExpectReturn},
		{card.PayCancelled, card.PayHold, card.PayExpectReturn},
		{card.PayDied, card.PayStop, card.PayRecover},
	}
	require.Len(t, cases, len(card.PayEvents()))
	for _, c := range cases {
		require.Contains(t, card.PayEvents(), c.event)
		require.Equal(t, c.waiting, card.RuleFor(c.event, false), c.event)
		require.Equal(t, c.sent, card.RuleFor(c.event, true), c.event)
		for _, n := range []card.Name{c.event.Name(), c.waiting.Name(), c.sent.Name()} {
			require.NotEmpty(t, n.ZH)
			require.NotEmpty(t, n.EN)
		}
	}
	require.Equal(t, card.PayHold, card.RuleFor(99, false), "what is not understood is not paid")
	require.Equal(t, card.PayLeave, card.RuleFor(99, true))
	require.Equal(t, "formal loss", card.PayFormalLoss.String())
	require.Equal(t, "PayEvent(99)", card.PayEvent(99).String())
}
