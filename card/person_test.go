package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

// drawText draws any text without the separator of packed texts, not even valid UTF-8.
func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0x1F })),
		rapid.Map(rapid.SliceOf(rapid.Byte().Filter(func(b byte) bool { return b != 0x1F })), func(b []byte) string { return string(b) }),
	).Draw(t, label)
}

func drawPerson(t *rapid.T) card.Person {
	return card.Person{
		DocType: card.DocType(rapid.SampledFrom([]string{"01", "02", "04", "05", "06", "07", "08", "11", "99", ""}).Draw(t, "document")),
		SSN:     drawText(t, "number"), Name: drawText(t, "name"), Sex: card.Sex(drawText(t, "sex")),
		Ethnic: drawText(t, "ethnic"), Birth: drawText(t, "birth"), Phone: drawText(t, "phone"),
		Address: drawText(t, "address"), Postcode: drawText(t, "postcode"),
	}
}

func TestPackedPersonComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPerson(t)
		got, err := card.UnpackPerson(p.Pack())
		require.NoError(t, err)
		require.Equal(t, p, got)
	})
}

func TestPackedApplicationComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := card.Application{Person: drawPerson(t), EmployerNo: drawText(t, "no"), EmployerName: drawText(t, "employer")}
		sealed := a
		sealed.Row, sealed.City, sealed.Bank, sealed.Outlet, sealed.Mode = 7, "440600", "102", "44060001", card.Employer
		got, err := card.UnpackApplication(sealed.Pack())
		require.NoError(t, err)
		require.Equal(t, a, got, "row, city, bank, outlet and mode are columns")
	})
}

func TestUnpackRefusesOtherTexts(t *testing.T) {
	t.Parallel()
	person, application := goodApplication().Person, goodApplication()
	for _, b := range [][]byte{nil, {}, {1}, {9, 'x'}, application.Pack(), append(person.Pack(), 0x1F), person.Pack()[:20]} {
		_, err := card.UnpackPerson(b)
		require.Equal(t, card.Breach, card.KindOf(err))
	}
	_, err := card.UnpackApplication(person.Pack())
	require.Equal(t, card.Breach, card.KindOf(err))
	require.NotContains(t, err.Error(), person.Name)

	person.Address = "a\x1fb"
	_, err = card.UnpackPerson(person.Pack())
	require.Error(t, err, "a separator inside a field is refused, not read as another person")
}

func FuzzUnpackPerson(f *testing.F) {
	f.Add(goodApplication().Person.Pack())
	f.Add([]byte{})
	f.Add([]byte("\x01a\x1fb"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := card.UnpackPerson(b)
		if err != nil {
			require.Equal(t, card.Breach, card.KindOf(err))
			return
		}
		require.Equal(t, b, p.Pack())
	})
}

func BenchmarkUnpackApplication(b *testing.B) {
	packed := goodApplication().Pack()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := card.UnpackApplication(packed); err != nil {
			b.Fatal(err)
		}
	}
}
