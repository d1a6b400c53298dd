package receipt_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
	"onecard/connectors/layout"
	"onecard/connectors/receipt"
)

var (
	answer = card.File{Partner: "ICBC", Kind: card.AcctRet, Date: "20261121", Seq: 17}
	name   = card.File{Partner: "ICBC", Kind: card.Receipt, Date: "20261121", Seq: 1}
	sm3    = strings.Repeat("0a", 32)
)

// written sends a receipt without a network and returns its lines in UTF-8.
func written(t *testing.T, v card.Verdict) []string {
	t.Helper()
	x := exchangetest.New(t)
	_, err := receipt.Client{Exchange: x}.SendReceipt(t.Context(), card.OwedReceipt{File: name, Verdict: v})
	require.NoError(t, err)
	text, err := layout.GB18030.Decode(x.Sent[name])
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func TestAReceiptOfAGoodFile(t *testing.T) {
	t.Parallel()
	lines := written(t, card.Verdict{File: answer, SM3: sm3, Outcome: card.Accepted})
	require.Equal(t, []string{
		"H|RECEIPT|1|ICBC_RECEIPT_20261121_000001.txt|20261121|ICBC_ACCTRET_20261121_000017.txt",
		"D|1|F|00||||||||" + sm3 + "|文件已收取并入账。|The file was taken and applied.",
		"T|1|0",
	}, lines)
}

func TestAReceiptNamesTheRowsThatWereRefused(t *testing.T) {
	t.Parallel()
	lines := written(t, card.Verdict{File: answer, SM3: sm3, Outcome: card.AcceptedInPart, Rows: []card.Finding{
		{Reason: card.ReasonFileOtherCard, Ref: 7, Line: 8, Column: 3, Name: "card_no", Found: "A9{8}", Expected: "the one of the dispatch"},
		{Reason: card.ReasonFileUnknownRow, Ref: 9},
	}})
	require.Len(t, lines, 5)
	require.True(t, strings.HasPrefix(lines[2], "D|2|R|02|FILE_OTHER_CARD|7|8|3|card_no|A9{8}|the one of the dispatch||文件里"), lines[2])
	require.True(t, strings.HasPrefix(lines[3], "D|3|R|02|FILE_UNKNOWN_ROW|9|"), lines[3])
}

// Every reason, and the strangest finding, makes a line that can be sent.
func TestEveryReasonCanBeTold(t *testing.T) {
	t.Parallel()
	strange := strings.Repeat("T|<rows>|\x01\u0085字", 100)
	for _, reason := range card.Reasons() {
		lines := written(t, card.Verdict{File: answer, Outcome: card.RefusedWhole, Whole: card.Finding{Reason: reason, Found: strange, Expected: strange, Name: strange}})
		fields := strings.Split(lines[1], "|")
		require.Len(t, fields, 14)
		require.NotEmpty(t, fields[12])
		require.NotEmpty(t, fields[13])
		require.Equal(t, 200, utf8.RuneCountInString(fields[9]), reason)
	}
}

// A file whose name is none of the exchange is answered by the shape of its name.
func TestAStrayIsAnsweredWithoutAName(t *testing.T) {
	t.Parallel()
	lines := written(t, card.Verdict{File: answer, Called: "9 characters .{2}%9a", Outcome: card.RefusedWhole, Whole: card.Finding{Reason: card.ReasonFileName}})
	require.True(t, strings.HasSuffix(lines[0], "|20261121|"))
	require.Contains(t, lines[1], "|9 characters .{2}%9a|")
}

type quiet struct{}

func (quiet) Desks() []sim.Desk { return nil }
func (quiet) Replay(*sim.Entry) {}

// The partner's own reading of the receipt stands in its ledger, once, however often it is sent.
func TestThePartnerReadsTheReceipt(t *testing.T) {
	t.Parallel()
	hub, h := exchangetest.NewHub(t), simtest.New(t)
	cfg := h.Config("ICBC", quiet{})
	key, err := sim.ParsePublicKey([]byte(hub.SignKey))
	require.NoError(t, err)
	cfg.HubKeys, cfg.HubSignKey = hub.Login, key
	at, err := h.Start(cfg).Card()
	require.NoError(t, err)
	client := receipt.Client{Exchange: hub.Open(t, exchange.Endpoint{
		Partner: "ICBC", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey,
	})}
	owed := card.OwedReceipt{File: name, Verdict: card.Verdict{File: answer, SM3: sm3, Outcome: card.AcceptedInPart,
		Rows: []card.Finding{{Reason: card.ReasonFileOtherCard, Ref: 7, Found: "字", Expected: "x"}}}}
	for range 3 {
		proof, err := client.SendReceipt(t.Context(), owed)
		require.NoError(t, err)
		require.Equal(t, 2, proof.Rows)
	}
	h.Eventually("the receipt is taken", func() bool { return h.Events()[sim.EventReceipt] == 1 })
	_, err = client.SendReceipt(t.Context(), owed)
	require.NoError(t, err)
	require.Equal(t, map[string]int{sim.EventReceipt: 1, sim.EventReceiptRow: 1}, h.Events())
	ledger := h.Ledger()
	require.Equal(t, answer.Name(), ledger[1].File)
	require.Equal(t, "01", ledger[1].Result)
	require.Equal(t, "7", ledger[0].Ref)
}
