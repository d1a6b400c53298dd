package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

const (
	request  = "ICBC_ACCTREQ_20261121_000001.txt"
	returned = "ICBC_ACCTRET_20261121_000001.txt"
	person   = "D00000128|01|440100199001010015|\xc5\xb7\xd1\xf4|1|19900101|13800000000|\xb7\xf0\xc9\xbd|440600001"
)

func newBank(t *testing.T) *Bank {
	t.Helper()
	b, err := New("ICBC")
	require.NoError(t, err)
	return b
}

func decode(t *testing.T, s string) string {
	t.Helper()
	text, err := simplifiedchinese.GB18030.NewDecoder().String(s)
	require.NoError(t, err)
	return text
}

func TestOpening(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", newBank(t)))
	h.Send(request, "7|"+person)
	require.Equal(t, [][]string{{"7", "D00000128", "6299991020000000019", "1020000000000001", "00", ""}}, h.Answer(p, returned))
	require.Equal(t, simtest.Line{
		Event: EventOpened, File: request, Ref: "7", Number: "440100199001010015", CardNo: "D00000128",
		PAN: "6299991020000000019", Account: "1020000000000001", Result: "00",
	}, h.Ledger()[0])
}

func TestAPersonInTwoFilesGetsTwoAccounts(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("ICBC", newBank(t)))
	h.Send(request, "7|"+person)
	h.Send("ICBC_ACCTREQ_20261121_000002.txt", "7|"+person)
	first := h.Answer(p, returned)
	second := h.Answer(p, "ICBC_ACCTRET_20261121_000002.txt")
	require.NotEqual(t, first[0][2], second[0][2])
	require.Equal(t, 2, h.Events()[EventOpened])
}

func TestOpeningRefusesWhatABankCouldNotOpen(t *testing.T) {
	t.Parallel()
	for old, bad := range map[string]string{
		"D00000128": "D00000129", "|01|": "|99|", "440100199001010015": "440100199001010016", "|1|19900101": "|1|19900102",
		"|1|1990": "|3|1990", "D00000128|01": "|01", "440100199001010015|": "|",
	} {
		require.Equal(t, "E09", examine(t, strings.Replace(person, old, bad, 1)), bad)
	}
	for _, name := range []string{"", " ", "\xc5\xb7?", "\xc5\xb7\x84\x31\xa4\x37"} {
		require.Equal(t, "E03", examine(t, strings.Replace(person, "\xc5\xb7\xd1\xf4", name, 1)), "%q", name)
	}
	for _, good := range []string{
		person,
		strings.Replace(person, "01|440100199001010015", "04|H01234567", 1),
		strings.Replace(person, "01|440100199001010015", "08|E1234567", 1),
		strings.Replace(strings.Replace(person, "01|440100199001010015", "11|810000199001010019", 1), "|1|", "|9|", 1),
	} {
		require.Empty(t, examine(t, good), good)
	}
}

func examine(t *testing.T, fields string) string {
	t.Helper()
	return newBank(t).examine(exchange.Row(bytes.Split([]byte("1|"+fields), []byte("|"))))
}

func TestOpeningByRules(t *testing.T) {
	t.Parallel()
	for code, text := range map[string]string{"E01": "证件已过有效期", "E02": "风险控制拒绝", "E04": "账户数量已达上限"} {
		h := simtest.New(t)
		cfg := h.Config("ICBC", newBank(t))
		cfg.Rules = h.Rules("[[rule]]\npartner=\"ICBC\"\nkind=\"ACCTREQ\"\ndo=\"refuse\"\ncode=\"" + code + "\"\n")
		p := h.Start(cfg)
		h.Send(request, "7|"+person)
		row := h.Answer(p, returned)[0]
		require.Equal(t, []string{"7", "D00000128", "", "", code}, row[:5])
		require.Equal(t, text, decode(t, row[5]))
		require.Equal(t, 1, h.Events()[EventRefused])
	}
}

func TestActivation(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p, err := exchange.Start(h.Config("ICBC", newBank(t)))
	require.NoError(t, err)
	h.Send(request, "7|"+person)
	pan := h.Answer(p, returned)[0][2]
	require.NoError(t, p.Close())

	p = h.Start(h.Config("ICBC", newBank(t))) // what was opened is known from the ledger
	h.Send("ICBC_ACTREQ_20261121_000001.txt", "7|D00000128|"+pan, "8|B00000019|"+pan, "9|D00000128|6299991020000000023", "10|D00000128|x")
	rows := h.Answer(p, "ICBC_ACTRET_20261121_000001.txt")
	require.Equal(t, []string{"7", "D00000128", "00"}, rows[0][:3])
	require.Len(t, rows[0][3], 14)
	for _, r := range rows[1:] {
		require.Equal(t, "A09", r[2])
		require.Empty(t, r[3])
		require.Equal(t, "无此账户", decode(t, r[4]))
	}
	h.Send("ICBC_ACTREQ_20261121_000002.txt", "7|D00000128|"+pan)
	require.Equal(t, "00", h.Answer(p, "ICBC_ACTRET_20261121_000002.txt")[0][2], "an active account stays active")
}

func TestEnquiryTellsWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	cfg := h.Config("ICBC", newBank(t))
	cfg.Rules = h.Rules("[[rule]]\npartner=\"ICBC\"\nkind=\"ACCTREQ\"\ndo=\"omit\"\n")
	p := h.Start(cfg)
	other := strings.Replace(strings.Replace(person, "D00000128", "B00000019", 1), "\xc5\xb7\xd1\xf4", "?", 1)
	h.Send(request, "7|"+person, "8|"+other)
	require.Empty(t, h.Answer(p, returned))

	h.Send("ICBC_ACCTENQ_20261121_000001.txt", "7|D00000128|440100199001010015", "8|B00000019|440100199001010015", "9|A00000070|440100199001010015")
	rows := h.Answer(p, "ICBC_ACCTENR_20261121_000001.txt")
	require.Equal(t, []string{"7", "D00000128", "6299991020000000019", "1020000000000001", "00", ""}, rows[0])
	require.Equal(t, []string{"8", "B00000019", "", "", "E03"}, rows[1][:5])
	require.Equal(t, []string{"9", "A00000070", "", "", "90"}, rows[2][:5])
}

func TestBanks(t *testing.T) {
	t.Parallel()
	_, err := New("NOBANK")
	require.Error(t, err)
	require.True(t, Known("RURALCOMM"))
	require.False(t, Known("BUREAU"))
	pans := map[string]string{}
	for name := range prefixes {
		b, err := New(name)
		require.NoError(t, err)
		pan, account := b.numbers(nil, 1)
		require.Empty(t, pans[string(pan)], "banks share no number")
		pans[string(pan)] = name
		require.NotEmpty(t, account)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	require.Equal(t, byte('2'), luhn([]byte("629999000000000001")))
	require.Equal(t, byte('0'), luhn([]byte("629999000000000002")))
	b := newBank(t)
	rapid.Check(t, func(r *rapid.T) {
		serial := rapid.Int64Range(1, 999_999_999).Draw(r, "serial")
		pan, account := b.numbers(nil, serial)
		require.Len(r, pan, 19)
		require.Equal(r, fmt.Sprintf("102%013d", serial), string(account))
		back, ok := b.serialOf(pan)
		require.True(r, ok)
		require.Equal(r, serial, back)
	})
	for _, bad := range []string{"", "6299991020000000018", "6299991030000000019", "62999910200000000x5", "6299991020000000007"} {
		_, ok := b.serialOf([]byte(bad))
		require.False(t, ok, bad)
	}
}

func TestCheckCharacters(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"X00000019", "B00000019", "B00000131", "D00000128", "A00000070", "A0000002X", "AB1234565"} {
		require.True(t, cardNumber([]byte(n)), n)
	}
	for _, n := range []string{"X00000018", "d00000128", "D0000012", "D000001280", ""} {
		require.False(t, cardNumber([]byte(n)), n)
	}
	for _, n := range []string{"11010519491231002X", "440524188001010014", "810000199408230021"} {
		require.True(t, identity([]byte(n)), n)
	}
	for _, n := range []string{"15000019970319128X", "11010519491231002x", "1101051949123100X2", ""} {
		require.False(t, identity([]byte(n)), n)
	}
}

func TestReasonsHaveNoSeparator(t *testing.T) {
	t.Parallel()
	for code, text := range newBank(t).reasons {
		require.NotContains(t, string(text), "|", code)
	}
}
