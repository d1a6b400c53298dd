package card_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestNumberVectors(t *testing.T) {
	t.Parallel()
	for _, n := range []card.Number{"X00000019", "B00000019", "B00000131", "D00000128", "A00000070", "A0000002X", "AB1234565"} {
		require.True(t, n.Valid(), n)
		made, err := card.MakeNumber(string(n[:8]))
		require.NoError(t, err)
		require.Equal(t, n, made)
	}
	for _, n := range []card.Number{"", "D0000012", "D00000127", "d00000128", "D000001288", "D0000012é"} {
		require.False(t, n.Valid(), n)
	}
	_, err := card.MakeNumber("d0000012")
	require.Equal(t, card.Invalid, card.KindOf(err))
}

func TestNumberCheckDetectsOneCharacter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[A-Z][0-9]{7}`).Draw(t, "body")
		n, err := card.MakeNumber(body)
		require.NoError(t, err)
		changed := []byte(n)
		i := rapid.IntRange(1, 7).Draw(t, "position")
		changed[i] = '0' + (n[i]-'0'+rapid.ByteRange(1, 9).Draw(t, "by"))%10
		require.False(t, card.Number(changed).Valid())
	})
}

func TestIdentCode(t *testing.T) {
	t.Parallel()
	code := card.MakeIdentCode("440100", 1, 0xDE1B38F3)
	require.Equal(t, card.IdentCode("440100D15600000500000001DE1B38F3"), code)
	require.True(t, code.Valid())
	require.Equal(t, "440100", code.Area())
	require.True(t, card.IdentCode("639900D15600000500BF7C7A48FB4966").Valid())
	for _, wrong := range []card.IdentCode{"", "4401", "440100D15600000500000001", "440100D15600000600000001DE1B38F3", "44010AD15600000500000001DE1B38F3"} {
		require.False(t, wrong.Valid(), wrong)
	}
	require.Empty(t, card.IdentCode("44").Area())
}

func TestAtrHistory(t *testing.T) {
	t.Parallel()
	require.True(t, card.AtrHistory("0081544B31869B440100000001").Valid())
	require.True(t, card.AtrHistory("00814E43238697159900BF7C7A").Valid())
	require.False(t, card.AtrHistory("3B6D00000081544B31869B440100000001").Valid())
	require.False(t, card.AtrHistory("0081544b31869b440100000001").Valid())
}

func TestPAN(t *testing.T) {
	t.Parallel()
	for i, pan := range []string{"6299990000000000012", "6299990000000000020"} {
		require.True(t, card.Luhn(pan))
		require.True(t, card.ValidPAN(pan))
		require.Equal(t, pan, card.SynthesizePAN("629999", int64(i+1)))
	}
	for _, wrong := range []string{"", "6", "6299990000000000013", "62999900000000000l2", "4111111111111111"} {
		require.False(t, card.ValidPAN(wrong), wrong)
	}
	require.True(t, card.Luhn("4111111111111111"))
	require.Empty(t, card.SynthesizePAN("", 1))
	require.Empty(t, card.SynthesizePAN("629999", -1))
	require.Empty(t, card.SynthesizePAN("62999x", 1))
	require.Zero(t, card.PANCheck(""))
}

func TestPANCheckDetectsOneDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pan := card.SynthesizePAN("629999", rapid.Int64Min(0).Draw(t, "serial"))
		require.True(t, card.ValidPAN(pan))
		changed := []byte(pan)
		i := rapid.IntRange(0, len(pan)-1).Draw(t, "position")
		changed[i] = '0' + (pan[i]-'0'+rapid.ByteRange(1, 9).Draw(t, "by"))%10
		require.False(t, card.Luhn(string(changed)))
	})
}

func TestCNAPS(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"102100099996", "103100000026", "104100000004", "105100000017", "301290000007", "302100011000", "303100000006",
		"306581000003", "307584007998", "308584000013", "309391000011", "310290000013", "403100000004",
	} {
		require.True(t, card.ValidCNAPS(s), s)
		for d := range 10 {
			if changed := fmt.Sprintf("%s%d", s[:11], d); changed != s {
				require.False(t, card.ValidCNAPS(changed), changed)
			}
		}
	}
	require.Zero(t, card.CNAPSCheck("1021000999"))
}

func TestOrgCode(t *testing.T) {
	t.Parallel()
	require.True(t, card.ValidOrgCode("91350100M000100Y43"))
	require.True(t, card.ValidOrgCode("91440100MA0000007W"))
	for _, wrong := range []string{"", "91350100M000100Y44", "91350100M000100Y4", "91350100O000100Y43", "91350100M000101Y43"} {
		require.False(t, card.ValidOrgCode(wrong), wrong)
	}
}
