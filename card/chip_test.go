package card_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func unhex(t require.TestingT, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// The worked example of the domain reference: an invented holder called 欧阳测试.
func TestChipRecordsOfTheWorkedExample(t *testing.T) {
	t.Parallel()
	ef05 := card.EF05(card.EF05Data{
		IdentCode: "440100D15600000500000001DE1B38F3", Category: "1", SpecVersion: "3.00", InitOrg: "91560000024400004401000",
		IssueDate: "20260101", ValidUntil: "20360101", CardNo: "D00000128",
	})
	require.Equal(t, unhex(t, "0110440100D15600000500000001DE1B38F3"+"020131"+"0304332E3030"+"040C91560000024400004401000F"+
		"050420260101"+"060420360101"+"0709443030303030313238"), ef05)

	ef06, err := card.EF06(card.EF06Data{SSN: "440100199001010015", Sex: card.Male, Ethnic: "01", Birthplace: "440100", Birth: "19900101"},
		unhex(t, "C5B7D1F4B2E2CAD4"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "0812343430313030313939303031303130303135"+"091EC5B7D1F4B2E2CAD4"+strings.Repeat("00", 22)+
		"4E14"+strings.Repeat("00", 20)+"0A0131"+"0B0101"+"0C03440100"+"0D0419900101"), ef06)
}

func TestEmptyChipRecords(t *testing.T) {
	t.Parallel()
	require.Equal(t, unhex(t, "020100"+"030400000000"+"040C"+strings.Repeat("FF", 12)+"0504FFFFFFFF"+"0604FFFFFFFF"+
		"0709"+strings.Repeat("00", 9)), card.EF05(card.EF05Data{}), "without identification code record 1 is left out")
	records, err := card.ParseTLV(card.EF05(card.EF05Data{IssueDate: "2026-1-1"}))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "2026F1F1"), records[3].Value)
}

func TestNameIsSplitBetweenCharacters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ head, rest string }{
		"two bytes, even":      {strings.Repeat("B2E2", 15), strings.Repeat("CAD4", 10)},
		"two bytes, odd":       {"41" + strings.Repeat("B2E2", 14), "CAD4"},
		"four bytes":           {strings.Repeat("9534B235", 7), "9534B235"},
		"four bytes over edge": {"41" + strings.Repeat("B2E2", 13), "9534B235"},
		"dot at the edge":      {strings.Repeat("B2E2", 14) + "A1A4", "B2E2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := card.EF06(card.EF06Data{}, unhex(t, c.head+c.rest))
			require.NoError(t, err)
			records, err := card.ParseTLV(b)
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.head), bytes.TrimRight(records[1].Value, "\x00"))
			require.Equal(t, unhex(t, c.rest), bytes.TrimRight(records[2].Value, "\x00"))
		})
	}
}

func TestEF06Refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ssn    string
		name   string
		reason card.Reason
	}{
		"too long":            {"", strings.Repeat("B2E2", 26), card.ReasonNameTooLong},
		"too long when split": {"", strings.Repeat("9534B235", 12) + "B2E2", card.ReasonNameTooLong},
		"half a character":    {"", "B2E2B2", card.ReasonNameUnencodable},
		"half of four":        {"", "9534B2", card.ReasonNameUnencodable},
		"not a lead byte":     {"", "80B2", card.ReasonNameUnencodable},
		"zero byte":           {"", "B2E200", card.ReasonNameUnencodable},
		"number too long":     {"4401001990010100155", "B2E2", card.ReasonDocShape},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := card.EF06(card.EF06Data{SSN: c.ssn}, unhex(t, c.name))
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.Equal(t, c.reason, card.ReasonOf(err))
		})
	}
}

// Names of one-, two- and four-byte characters come back whole from the two records, or are refused for their length.
func TestNameComesBackFromItsRecords(t *testing.T) {
	t.Parallel()
	character := rapid.SampledFrom([]string{"41", "2E", "B2E2", "A1A4", "FE9F", "AAA1", "A140", "9534B235", "8139EF30"})
	rapid.Check(t, func(t *rapid.T) {
		name := unhex(t, strings.Join(rapid.SliceOfN(character, 0, 30).Draw(t, "name"), ""))
		b, err := card.EF06(card.EF06Data{SSN: "440100199001010015"}, name)
		if err != nil {
			require.Equal(t, card.ReasonNameTooLong, card.ReasonOf(err))
			require.Greater(t, len(name), 47)
			return
		}
		records, err := card.ParseTLV(b)
		require.NoError(t, err)
		require.Len(t, records, 7)
		joined := append(bytes.TrimRight(records[1].Value, "\x00"), bytes.TrimRight(records[2].Value, "\x00")...)
		require.Equal(t, name, append([]byte{}, joined...))
	})
}

func TestParseTLVRefuses(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"tag alone":      {0x07},
		"value cut":      {0x07, 0x02, 0x41},
		"padding":        {0x07, 0x01, 0x41, 0x00, 0x00},
		"tag FF":         {0xFF, 0x00},
		"tag twice":      {0x07, 0x01, 0x41, 0x07, 0x01, 0x42},
		"value too long": append([]byte{0x07, 0xFE}, make([]byte, 254)...),
		"text too long":  make([]byte, card.MaxTLVBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := card.ParseTLV(b)
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))
		})
	}
	records, err := card.ParseTLV(nil)
	require.NoError(t, err)
	require.Empty(t, records)
}

func FuzzParseTLV(f *testing.F) {
	f.Add(card.EF05(card.EF05Data{IdentCode: "440100D15600000500000001DE1B38F3", CardNo: "D00000128"}))
	f.Add([]byte{0x4E, 0x00})
	f.Add([]byte{0x07, 0xFD})
	f.Fuzz(func(t *testing.T, b []byte) {
		records, err := card.ParseTLV(b)
		if err != nil {
			require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))
			return
		}
		var again []byte
		for _, r := range records {
			again = append(again, r.Tag, b[len(again)+1])
			require.Len(t, r.Value, int(again[len(again)-1]))
			again = append(again, r.Value...)
		}
		require.True(t, bytes.Equal(b, again))
	})
}
