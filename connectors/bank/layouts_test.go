package bank_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bank"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/layout"
)

// rural is a client of a bank that has layouts of its own.
func rural(t *testing.T, x *exchangetest.Exchange) bank.Client {
	set, err := layout.OpenSet("rural-acctreq", "rural-acctret")
	require.NoError(t, err)
	return bank.Client{Desk: desk.Desk{Exchange: x, Layouts: set}}
}

// A bank that has its own columns, codes and order is served without a line of code; rows that cannot be told to it, and rows
// of its own that nobody understands, are refused alone.
func TestABankWithItsOwnLayouts(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := rural(t, x)
	proof, err := client.RequestAccounts(t.Context(), request, exchangetest.Rows(orders, nil))
	require.NoError(t, err)
	require.Equal(t, "ACCTREQ/2", proof.Layout)
	require.Equal(t, 1, proof.Rows, "the second name is not of GBK")
	require.Len(t, proof.Refused, 1)
	require.Equal(t, card.ReasonNameUnencodable, proof.Refused[0].Reason)
	require.Equal(t, orders[1].Ref, proof.Refused[0].Ref)
	require.Equal(t, "name 姓名", proof.Refused[0].Name)
	require.NotContains(t, proof.Refused[0].String(), orders[1].Person.Name, "no personal data")
	text, err := layout.GBK.Decode(x.Sent[request])
	require.NoError(t, err)
	require.Equal(t, "BATCH|000017|00000001|20261121\n"+
		"D00000128|0000000001|A|440100199001010015|欧阳测试||M|佛山市禅城区测试路1号|||||||13800000000||0|0.00|1990-01-01|5|44060001||0.00\n", text)

	answer := request.Answer(card.AcctRet)
	x.Receive(t, answer, "ACCTRET/2", 3, []byte("0000000003|D00000136|||2009||\n"+
		"0000000001|D00000128|6299990000000000012|4406000000001|0000||\n"+
		"0000000002|D00000144|||7777||\nEND|00000003|\n"))
	rows, err := client.Accounts(t.Context(), answer)
	require.NoError(t, err)
	var got []card.AccountAnswer
	var refused []error
	for row, err := range rows {
		if card.IsRefusedRow(err) {
			refused = append(refused, err)
			continue
		}
		require.NoError(t, err)
		got = append(got, row)
	}
	require.Equal(t, []card.AccountAnswer{
		{Ref: 3, Number: "D00000136", Result: "E02", Reason: card.ReasonAccountRefusedE02},
		{Ref: 1, Number: "D00000128", PAN: "6299990000000000012", Account: "4406000000001", Result: "00"},
	}, got)
	require.Len(t, refused, 1)
	require.ErrorContains(t, refused[0], `line 3 ref 2 column 5 (result 返回码): found "7777", expected one of 0000, 1001`)
}

// What a bank's own layout cannot carry of payments is refused row by row, each with its reason, and never cut; what is left is whole to
// the byte, and so are count and total.
func TestPaymentsThatALayoutCannotCarry(t *testing.T) {
	t.Parallel()
	text, err := layout.Source("river-payreq")
	require.NoError(t, err)
	own, err := layout.Parse(strings.Replace(text, `width = 60, default = "惠民补贴"`, "width = 60, required = true", 1))
	require.NoError(t, err)
	set, err := layout.NewSet(own)
	require.NoError(t, err)
	x := exchangetest.New(t)
	ask := request.Answer(card.PayReq)
	pay := func(ref int, name string, fen int64, purpose string) card.PayOrder {
		return card.PayOrder{Ref: ref, Instruction: first, Number: payee, PAN: pan1, Name: name, Fen: fen, Purpose: purpose}
	}
	last := pay(9, "阿依·测试", 99_999_999, "物价补贴")
	last.Instruction = third
	proof, err := bank.Client{Desk: desk.Desk{Exchange: x, Layouts: set}}.Pay(t.Context(), ask, exchangetest.Rows([]card.PayOrder{
		pay(1, "欧阳测试", 15_000, "物价补贴"),
		pay(2, "样本𠮷", 15_000, "物价补贴"),
		pay(3, "欧阳测试", 100_000_000, "物价补贴"),
		pay(4, strings.Repeat("长", 21), 15_000, "物价补贴"),
		pay(5, "欧阳测试", 15_000, ""),
		pay(6, "欧阳测试", 15_000, strings.Repeat("补", 31)),
		last,
	}, nil))
	require.NoError(t, err)
	refused := map[int]card.Reason{}
	for _, r := range proof.Refused {
		refused[r.Ref] = r.Reason
		require.NotContains(t, r.String(), "欧阳")
	}
	require.Equal(t, map[int]card.Reason{
		2: card.ReasonNameUnencodable, 3: card.ReasonFieldTooLong, 4: card.ReasonFieldTooLong, 5: card.ReasonFileLayout, 6: card.ReasonFieldTooLong,
	}, refused)
	sent, err := layout.GBK.Decode(x.Sent[ask])
	require.NoError(t, err)
	blanks := func(n int) string { return strings.Repeat(" ", n) }
	require.Equal(t, "1ICBC"+blanks(12)+"2026112100001700000002000000000100014999"+blanks(20)+"\r\n"+
		"20000000001"+first+blanks(9)+pan1+"欧阳测试"+blanks(32)+"00015000"+payee+"物价补贴"+blanks(52)+"156\r\n"+
		"20000000009"+third+blanks(9)+pan1+"阿依·测试"+blanks(30)+"99999999"+payee+"物价补贴"+blanks(52)+"156\r\n"+
		"900000002000000000100014999\r\n", sent)
}

// Nobody is left out in silence: to whoever does not ask, a refused row is an error about the file.
func TestARefusedRowIsAnError(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	answer := request.Answer(card.AcctRet)
	x.Receive(t, answer, "ACCTRET/2", 1, []byte("0000000002|D00000144|||7777||\nEND|00000001|\n"))
	rows, err := rural(t, x).Accounts(t.Context(), answer)
	_, err = exchangetest.All(rows, err)
	require.Equal(t, card.Invalid, card.KindOf(err))
}

// Whatever layout ships, workbooks and rosters apart, a partner can speak.
func TestPartnersReadEveryLayoutThatShips(t *testing.T) {
	t.Parallel()
	for _, name := range layout.Shipped() {
		l, err := layout.Open(name)
		require.NoError(t, err)
		text, err := layout.Source(name)
		require.NoError(t, err)
		form, err := sim.ParseForm(text)
		if l.IsWorkbook() {
			require.ErrorContains(t, err, "workbook")
			continue
		}
		if l.Message.Kind == "PAYLIST" {
			require.ErrorContains(t, err, "PAYLIST")
			continue
		}
		require.NoError(t, err, name)
		require.EqualValues(t, l.Message.Kind, form.Kind())
	}
}
