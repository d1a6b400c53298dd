package card_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestParseResidentID(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]card.ResidentID{
		"11010519491231002X": {Area: "110105", Birth: "19491231", Sex: card.Female},
		"440524188001010014": {Area: "440524", Birth: "18800101", Sex: card.Male},
		"810000199408230021": {Area: "810000", Birth: "19940823", Sex: card.Female},
		"830000199201300022": {Area: "830000", Birth: "19920130", Sex: card.Female},
		"440100199001010015": {Area: "440100", Birth: "19900101", Sex: card.Male},
		"440100200802290024": {Area: "440100", Birth: "20080229", Sex: card.Female},
		"440300198506150116": {Area: "440300", Birth: "19850615", Sex: card.Male},
		"810000199001010019": {Area: "810000", Birth: "19900101", Sex: card.Male},
		"830000199001010047": {Area: "830000", Birth: "19900101", Sex: card.Female},
		"111111198101011110": {Area: "111111", Birth: "19810101", Sex: card.Male},
	} {
		got, err := card.ParseResidentID(number)
		require.NoError(t, err, number)
		require.Equal(t, want, got)
	}
}

func TestCheckResidentID(t *testing.T) {
	t.Parallel()
	for number, want := range map[string][]card.Reason{
		"":                    {card.ReasonIDMissing},
		"44010019900101001":   {card.ReasonIDLength},
		"440100900101001":     {card.ReasonIDLength},
		"4401001990010100155": {card.ReasonIDLength},
		"44010O199001010015":  {card.ReasonIDCharacters},
		"11010519491231002x":  {card.ReasonIDCharacters},
		"44010019900101001４":  {card.ReasonIDCharacters},
		"440100199001010016":  {card.ReasonIDCheckDigit},
		"15000019970319128X":  {card.ReasonIDCheckDigit},
		"440100199002300015":  {card.ReasonIDCheckDigit, card.ReasonIDBirthDate},
		"440100190002290012":  {card.ReasonIDCheckDigit, card.ReasonIDBirthDate},
		"440100199001010015":  nil,
	} {
		require.Equal(t, want, card.CheckResidentID(number), number)
	}
	require.Equal(t, byte('X'), card.CheckDigit("11010519491231002"))
	require.Zero(t, card.CheckDigit("1101051949123100"))
}

func TestImpossibleBirthDateWithRightCheck(t *testing.T) {
	t.Parallel()
	body := "44010019901301001"
	number := body + string(rune(card.CheckDigit(body)))
	require.Equal(t, []card.Reason{card.ReasonIDBirthDate}, card.CheckResidentID(number))
	_, err := card.ParseResidentID(number)
	require.Equal(t, card.Invalid, card.KindOf(err))
	require.Equal(t, card.ReasonIDBirthDate, card.ReasonOf(err))
	require.NotContains(t, err.Error(), number)
}

// genNumber draws any area at all: no area may be refused for being absent from a table.
func genNumber(t *rapid.T) (string, string) {
	area := fmt.Sprintf("%06d", rapid.IntRange(0, 999999).Draw(t, "area"))
	days := rapid.IntRange(0, 80000).Draw(t, "days")
	birth := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format("20060102")
	return area, card.SynthesizeSSN(area, birth, rapid.IntRange(0, 999).Draw(t, "seq"))
}

func TestEveryAreaPasses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		area, number := genNumber(t)
		got, err := card.ParseResidentID(number)
		require.NoError(t, err)
		require.Equal(t, card.ResidentID{Area: area, Birth: number[6:14], Sex: got.Sex}, got)
		require.Equal(t, (number[16]-'0')%2 == 1, got.Sex == card.Male)
	})
}

func TestNumberCheckDetectsOneDigitAndOneSwap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		_, number := genNumber(t)
		i := rapid.IntRange(0, 16).Draw(t, "position")
		changed := []byte(number)
		changed[i] = '0' + (number[i]-'0'+rapid.ByteRange(1, 9).Draw(t, "by"))%10
		require.Contains(t, card.CheckResidentID(string(changed)), card.ReasonIDCheckDigit)

		j := rapid.IntRange(0, 15).Draw(t, "swap")
		if number[j] != number[j+1] {
			swapped := []byte(number)
			swapped[j], swapped[j+1] = swapped[j+1], swapped[j]
			require.Contains(t, card.CheckResidentID(string(swapped)), card.ReasonIDCheckDigit)
		}
	})
}

func TestSynthesizeSSN(t *testing.T) {
	t.Parallel()
	require.Equal(t, "440100199001010015", card.SynthesizeSSN("440100", "19900101", 1))
	require.Empty(t, card.SynthesizeSSN("4401", "19900101", 1))
	require.Empty(t, card.SynthesizeSSN("440100", "19900230", 1))
	require.Empty(t, card.SynthesizeSSN("440100", "19900101", 1000))
	require.Empty(t, card.SynthesizeSSN("440100", "19900101", -1))
}

func FuzzParseResidentID(f *testing.F) {
	f.Add("11010519491231002X")
	f.Add("440100199001010015")
	f.Add("15000019970319128X")
	f.Add("４４０100")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := card.ParseResidentID(s)
		if err != nil {
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.NotEmpty(t, card.ReasonOf(err))
			return
		}
		require.Equal(t, s, id.Area+id.Birth+s[14:])
		require.Equal(t, card.CheckDigit(s[:17]), s[17])
	})
}
