package sim

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

const (
	request  = "BUREAU_CARDREQ_20261121_000001.txt"
	returned = "BUREAU_CARDRET_20261121_000001.txt"
)

// The worked example of the card's record layout, with the invented holder 欧阳测试.
const (
	category = "020133"
	version  = "0304332E3030"
	initOrg  = "040C" + "9156000002" + "440000" + "440100" + "FF"
	issued   = "050420260101"
	valid    = "060420360101"
	chipNo   = "0709443030303030313238"
	ssn      = "0812343430313030313939303031303130303135"
	nameTag  = "091EC5B7D1F4B2E2CAD4"
	restTag  = "4E14"
	sexTag   = "0A0131"
	ethnic   = "0B0101"
	place    = "0C03440100"
	born     = "0D0419900101"
)

func zeros(n int) string { return strings.Repeat("00", n) }

// order is a production row in its parts.
func order() map[string]string {
	return map[string]string{
		"ref": "7", "card": "D00000128", "number": "440100199001010015", "name": "\xc5\xb7\xd1\xf4\xb2\xe2\xca\xd4",
		"pan": "6299990000000000012", "face": "F3-2026.1", "outlet": "440600001",
		"ef05": category + version + initOrg + issued + valid + chipNo,
		"ef06": ssn + nameTag + zeros(22) + restTag + zeros(20) + sexTag + ethnic + place + born,
	}
}

func row(o map[string]string) string {
	return strings.Join([]string{o["ref"], o["card"], o["number"], o["name"], o["pan"], o["face"], o["outlet"], o["ef05"], o["ef06"]}, "|")
}

func fault(o map[string]string) string {
	var c chip
	return c.examine(exchange.Row(bytes.Split([]byte(row(o)), []byte("|"))))
}

func newBureau(t *testing.T) *Bureau {
	t.Helper()
	b, err := New()
	require.NoError(t, err)
	return b
}

func TestProduction(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("BUREAU", newBureau(t)))
	bad := order()
	bad["ref"], bad["card"] = "8", "D00000129"
	second := order()
	second["ref"] = "9"
	h.Send(request, row(order()), row(bad), row(second))
	rows := h.Answer(p, returned)
	require.Equal(t, []string{
		"7", "D00000128", "440100D15600000500000001DE1B38F3", "0081544B31869B440100000001", "01-0001-001", "00", "",
	}, rows[0])
	require.Equal(t, []string{"8", "D00000129", "", "", "", "M03"}, rows[1][:6])
	reason, err := simplifiedchinese.GB18030.NewDecoder().String(rows[1][6])
	require.NoError(t, err)
	require.Equal(t, "数据不符", reason)
	require.Equal(t, "440100D15600000500000002", rows[2][2][:24], "a spoiled card uses up no serial number")
	require.Equal(t, simtest.Line{
		Event: EventMade, File: request, Ref: "7", Number: "440100199001010015", CardNo: "D00000128", PAN: "6299990000000000012",
		Result: "00", Detail: "440100D15600000500000001DE1B38F3",
	}, h.Ledger()[0])
	require.Equal(t, "card_no", h.Ledger()[1].Detail)
}

func TestProductionByRules(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	cfg := h.Config("BUREAU", newBureau(t))
	cfg.Rules = h.Rules("[[rule]]\npartner=\"BUREAU\"\nkind=\"CARDREQ\"\ndo=\"refuse\"\ncode=\"M01\"\n")
	p := h.Start(cfg)
	h.Send(request, row(order()))
	require.Equal(t, []string{"7", "D00000128", "", "", "", "M01"}, h.Answer(p, returned)[0][:6])
	require.Equal(t, 1, h.Events()[EventFailed])
}

func TestChipRecordsMustAgreeWithTheRow(t *testing.T) {
	t.Parallel()
	require.Empty(t, fault(order()))
	for _, c := range []struct{ key, old, bad, want string }{
		{"face", "F3-2026.1", "F2", "face version"},
		{"card", "D00000128", "D00000129", "card_no"},
		{"card", "D00000128", "B00000019", "EF05 tag 07"},
		{"pan", "12", "13", "pan"},
		{"pan", "62", "52", "pan"},
		{"name", "\xc5\xb7\xd1\xf4\xb2\xe2\xca\xd4", "", "name"},
		{"name", "\xc5\xb7", "\xc5\xb6", "EF06 tags 09 and 4E"},
		{"number", "440100199001010015", "", "number"},
		{"number", "440100199001010015", "440100199001010016", "EF06 tag 08"},
		{"ef05", "02", "XX", "EF05 not hex"},
		{"ef05", category, "", "EF05 records"},
		{"ef05", category, "0110" + zeros(16) + category, "EF05 records"},
		{"ef05", chipNo, chipNo + "00", "EF05 records"},
		{"ef05", chipNo, chipNo[:8], "EF05 records"},
		{"ef05", version, "0304322E3030", "EF05 tag 03"},
		{"ef05", "9156000002", "9156000003", "EF05 tag 04"},
		{"ef05", "440100FF", "4401AAFF", "EF05 tag 04"},
		{"ef05", issued, "050420261301", "EF05 tag 05"},
		{"ef05", valid, "060420260101", "EF05 tag 06"},
		{"ef06", "08", "0", "EF06 not hex"},
		{"ef06", ssn, "", "EF06 records"},
		{"ef06", sexTag, "0A0133", "EF06 tag 0A"},
		{"ef06", ethnic, "0B010A", "EF06 tag 0B"},
		{"ef06", place, "0C03FFFF00", "EF06 tag 0C"},
		{"ef06", born, "0D0419900102", "EF06 tag 0D"},
		{"ef06", born, "0D0400000000", "EF06 tag 0D"},
	} {
		o := order()
		o[c.key] = strings.Replace(o[c.key], c.old, c.bad, 1)
		require.Equal(t, c.want, fault(o), "%s: %s for %s", c.key, c.bad, c.old)
	}
	for _, c := range []struct{ key, old, good string }{
		{"ef06", restTag + zeros(20), ""}, // a name that needs no second record
		{"ef06", place, "0C03FFFFFF"},     // birthplace not known
		{"ef06", sexTag, "0A0139"},
	} {
		o := order()
		o[c.key] = strings.Replace(o[c.key], c.old, c.good, 1)
		require.Empty(t, fault(o), c.good)
	}
}

// TestNamesAreCutBetweenCharacters builds names of up to 50 bytes, cuts them at every place and accepts only right cuts.
func TestNamesAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		runes := rapid.SliceOfN(rapid.SampledFrom([]rune("A·欧阳测丂䶮𠮷")), 1, 12).Draw(r, "name")
		var whole []byte
		starts := map[int]bool{0: true}
		for _, c := range runes {
			encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(string(c)))
			require.NoError(r, err)
			whole = append(whole, encoded...)
			starts[len(whole)] = true
		}
		cut := rapid.IntRange(0, len(whole)).Draw(r, "cut")
		first := append(bytes.Clone(whole[:cut]), make([]byte, 30)...)
		rest := append(bytes.Clone(whole[cut:]), make([]byte, 20)...)
		require.Equal(r, starts[cut], names(first, rest, whole))
		require.False(r, names(first, rest, append(whole, 'x')))
	})
}

func TestIdentAndShelf(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	require.Equal(t, "440100D15600000500000001DE1B38F3", string(b.appendIdent(nil, [3]byte{0x44, 0x01, 0x00}, 1)))
	for serial, want := range map[int64]string{
		1: "01-0001-001", 250: "01-0001-250", 251: "01-0002-001", 250 * 9999: "01-9999-250", 250*9999 + 1: "02-0001-001",
	} {
		require.Equal(t, want, string(appendPosition(nil, serial)))
	}
	require.Equal(t, "0081544B31869B440600012D68", string(appendATR(nil, [3]byte{0x44, 0x06, 0x00}, 77160)))
}

func FuzzChip(f *testing.F) {
	o := order()
	f.Add([]byte(o["ef05"]), []byte(o["ef06"]))
	f.Add([]byte("0201"), []byte(""))
	f.Fuzz(func(t *testing.T, five, six []byte) {
		var c chip
		r := exchange.Row(bytes.Split([]byte(row(order())), []byte("|")))
		r[ef05], r[ef06] = five, six
		if c.examine(r) != "" {
			return
		}
		raw, err := hex.DecodeString(string(five))
		require.NoError(t, err)
		require.Contains(t, string(raw), "D00000128", "what passes holds the card's number")
	})
}

func TestReasonsHaveNoSeparator(t *testing.T) {
	t.Parallel()
	for code, text := range newBureau(t).reasons {
		require.NotContains(t, string(text), "|", code)
	}
}
