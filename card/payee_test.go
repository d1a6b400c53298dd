package card

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckPayee(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		doc          DocType
		number, name string
		reasons      []Reason
	}{
		{"", SynthesizeSSN("440100", "19900101", 1), "冼示例", nil},
		{"", SynthesizeSSN("810000", "19900101", 1), "冼示例", nil},
		{"", "H12345678", "冼示例", nil},
		{"", "M1234567890", "冼示例", nil},
		{"", "12345678", "冼示例", nil},
		{"", "USA449900101123", "ANNA SMITH", nil},
		{DocPassport, "E12345678", "ANNA SMITH", nil},
		{"", "E12345678", "ANNA SMITH", []Reason{ReasonIDLength}},
		{DocMilitaryOfficer, "军字第1号", "冼示例", nil},
		{"", "", "", []Reason{ReasonIDMissing, ReasonNameMissing}},
		{"", "440100199001010010", "冼?", []Reason{ReasonIDCheckDigit, ReasonNameCharacters}},
		{DocMilitaryOfficer, "a|b", "冼示例", []Reason{ReasonFieldCharacters}},
		{"99", SynthesizeSSN("440100", "19900101", 1), "冼示例", []Reason{ReasonDocTypeUnknown}},
	} {
		require.Equal(t, tc.reasons, CheckPayee(tc.doc, tc.number, tc.name), "%s %s", tc.doc, tc.number)
	}
}
