package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestCities(t *testing.T) {
	t.Parallel()
	require.Len(t, card.Cities(), 21)
	letters := map[rune]string{}
	for _, c := range card.Cities() {
		for _, name := range []string{c.Code, c.ZH, c.ZH + "市"} {
			got, ok := card.FindCity(name)
			require.True(t, ok, name)
			require.Equal(t, c, got)
		}
		for _, letter := range c.Letters {
			require.Empty(t, letters[letter], "letter %c of two cities", letter)
			letters[letter] = c.Code
		}
	}
	_, ok := card.FindCity("440605")
	require.False(t, ok, "a county is no prefecture")
}

func TestBanks(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, b := range card.Banks() {
		require.False(t, seen[b.Identifier], b.Identifier)
		seen[b.Identifier] = true
		for _, name := range []string{b.Prefix, b.ZH, b.Formal, b.Identifier} {
			got, ok := card.FindBank(name)
			require.True(t, ok, name)
			require.Equal(t, b, got, name)
		}
	}
	rural, ok := card.FindBank("96668")
	require.True(t, ok)
	require.Equal(t, "RURALCOMM", rural.Identifier)
	_, ok = card.FindBank("")
	require.False(t, ok)
}

func TestEthnics(t *testing.T) {
	t.Parallel()
	require.Len(t, card.Ethnics(), 58)
	for name, code := range map[string]string{"汉": "01", "汉族": "01", "壮族": "08", "56": "56", "其他": "97"} {
		got, ok := card.FindEthnic(name)
		require.True(t, ok, name)
		require.Equal(t, code, got.Code)
	}
}

func TestCodesByNameAndCode(t *testing.T) {
	t.Parallel()
	for _, n := range card.DocTypes() {
		for _, s := range []string{n.Code, n.ZH} {
			got, ok := card.FindDocType(s)
			require.True(t, ok, s)
			require.Equal(t, n, got.Name())
		}
	}
	for _, n := range card.Sexes() {
		got, ok := card.FindSex(n.ZH)
		require.True(t, ok)
		require.Equal(t, n, got.Name())
	}
	for _, n := range card.DistributionModes() {
		got, ok := card.FindMode(n.ZH)
		require.True(t, ok)
		require.Equal(t, n, got.Name())
	}
	permit, ok := card.FindDocType("港澳居民来往内地通行证（香港）")
	require.True(t, ok)
	require.Equal(t, card.DocHKPermit, permit)
	_, ok = card.FindDocType("驾驶证")
	require.False(t, ok)
}

// Callers that change what they got must not change the tables.
func TestTablesAreCopies(t *testing.T) {
	t.Parallel()
	card.Cities()[0].ZH = "?"
	require.Equal(t, "广州", card.Cities()[0].ZH)
	card.Applied.To()[0] = card.Spoiled
	require.Equal(t, card.Matched, card.Applied.To()[0])
}
