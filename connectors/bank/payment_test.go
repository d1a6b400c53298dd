package bank_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bank"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
)

const (
	payee  = "D00000128"
	other  = "D00000136"
	pan1   = "6299990000000000012"
	pan3   = "6299990000000000038"
	first  = "R20261121-001.0000001.1"
	third  = "R20261121-001.0000003.1"
	payer  = "102880000000000001"
	block1 = "R20261121-001.ICBC.B01"
)

var paid = time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC)

// payClient is a client, and the exchange in which nothing has been sent.
func payClient(t *testing.T) (bank.Client, *exchangetest.Exchange) {
	x := exchangetest.New(t)
	return bank.Client{Desk: desk.Desk{Exchange: x}, Lister: x}, x
}

// come has ICBC send a file with these lines and this sum.
func come(t *testing.T, x *exchangetest.Exchange, kind, answered card.FileKind, fen int64, lines ...string) card.File {
	f, asked := request.Answer(kind), ""
	if answered != "" {
		asked = request.Answer(answered).Name()
	}
	content, err := layout.GB18030.Encode(fmt.Sprintf("H|%s|1|%s|20261121|%s\n%s\nT|%d|%d\n",
		string(kind), f.Name(), asked, strings.Join(lines, "\n"), len(lines), fen))
	require.NoError(t, err)
	x.ReceiveMoney(t, f, string(kind)+"/1", exchange.Totals{Rows: len(lines), Fen: fen}, content)
	return f
}

// golden compares what came with its golden file.
func golden(t *testing.T, x *exchangetest.Exchange, f card.File) {
	got, err := x.Collect(t.Context(), f)
	require.NoError(t, err)
	content, err := os.ReadFile(got.Path)
	require.NoError(t, err)
	exchangetest.Golden(t, f, content)
}

func TestPayments(t *testing.T) {
	t.Parallel()
	client, x := payClient(t)
	ask := request.Answer(card.PayReq)
	proof, err := client.Pay(t.Context(), ask, exchangetest.Rows([]card.PayOrder{
		{Ref: 1, Instruction: first, Number: payee, PAN: pan1, Name: "欧阳测试", Fen: 15_000, Purpose: "物价补贴"},
		{Ref: 3, Instruction: third, Number: other, PAN: pan3, Name: "阿依·𠮷䶮\ue000", Fen: 1},
	}, nil))
	require.NoError(t, err)
	require.Equal(t, "PAYREQ/1", proof.Layout)
	require.EqualValues(t, 15_001, proof.TotalFen)
	exchangetest.Golden(t, ask, x.Sent[ask])
	text, err := layout.GB18030.Decode(x.Sent[ask])
	require.NoError(t, err)
	require.Contains(t, text, "D|1|"+first+"|D00000128|"+pan1+"|欧阳测试|15000|物价补贴\n")
	require.True(t, strings.HasSuffix(text, "T|2|15001\n"), text)

	answer := come(t, x, card.PayRet, card.PayReq, 15_001,
		"D|1|"+first+"|D00000128|"+pan1+"|15000|00|20261122003000|",
		"D|3|"+third+"|D00000136|"+pan3+"|1|ACCT_CLOSED||账户已注销")
	golden(t, x, answer)
	rows, err := client.Payments(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, []card.PayAnswer{
		{Ref: 1, Instruction: first, Number: payee, PAN: pan1, Fen: 15_000, Result: "00", At: paid},
		{Ref: 3, Instruction: third, Number: other, PAN: pan3, Fen: 1, Result: "ACCT_CLOSED", Reason: card.ReasonPayClosed, Note: "账户已注销"},
	}, got)
}

func TestPaymentEnquiries(t *testing.T) {
	t.Parallel()
	client, x := payClient(t)
	ask := request.Answer(card.PayEnq)
	_, err := client.EnquirePayments(t.Context(), ask, exchangetest.Rows([]card.PayEnquiry{
		{Ref: 1, Instruction: first, Number: payee, Fen: 15_000}, {Ref: 3, Instruction: third, Number: other, Fen: 1},
	}, nil))
	require.NoError(t, err)
	exchangetest.Golden(t, ask, x.Sent[ask])
	answer := come(t, x, card.PayEnr, card.PayEnq, 15_001,
		"D|1|"+first+"|D00000128|"+pan1+"|15000|BANK_TIMEOUT||", "D|3|"+third+"|D00000136||1|90||")
	golden(t, x, answer)
	rows, err := client.PaymentEnquiries(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, card.ReasonPayTimeout, got[0].Reason)
	require.Equal(t, card.PayAnswer{Ref: 3, Instruction: third, Number: other, Fen: 1, Result: card.ResultNeverReceived}, got[1])
}

func TestPaybacks(t *testing.T) {
	t.Parallel()
	client, x := payClient(t)
	none, err := client.NewPaybacks(t.Context(), "ICBC")
	require.NoError(t, err)
	require.Empty(t, none)
	f := come(t, x, card.PayBack, "", 15_000, "D|1|"+first+"|D00000128|"+pan1+"|15000|NAME_MISMATCH|20261122003000|户名不符")
	files, err := client.NewPaybacks(t.Context(), "ICBC")
	require.NoError(t, err)
	require.Equal(t, []card.File{f}, files)
	golden(t, x, f)
	rows, err := client.Paybacks(t.Context(), f)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, []card.PayAnswer{{
		Ref: 1, Instruction: first, Number: payee, PAN: pan1, Fen: 15_000, Result: "NAME_MISMATCH",
		Reason: card.ReasonPayNameDiffers, At: paid, Note: "户名不符",
	}}, got)
	require.NoError(t, client.Done(t.Context(), f))
	files, err = client.NewPaybacks(t.Context(), "ICBC")
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestFunds(t *testing.T) {
	t.Parallel()
	client, x := payClient(t)
	ask := request.Answer(card.FundReq)
	_, err := client.OrderFunds(t.Context(), ask, exchangetest.Rows([]card.FundOrder{
		{Ref: 1, Order: block1, Action: card.FundBlock, Account: payer, Fen: 1_000_000},
		{Ref: 2, Order: "R20261121-001.ICBC.R01", Action: card.FundRelease, Account: payer, Block: block1},
	}, nil))
	require.NoError(t, err)
	exchangetest.Golden(t, ask, x.Sent[ask])
	answer := come(t, x, card.FundRet, card.FundReq, 0,
		"D|1|"+block1+"|00|500|1000000|20261122003000|", "D|2|R20261121-001.ICBC.R01|F03|500|0||无此冻结")
	golden(t, x, answer)
	rows, err := client.FundAnswers(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, []card.FundAnswer{
		{Ref: 1, Order: block1, Result: "00", Balance: 500, Blocked: 1_000_000, At: paid},
		{Ref: 2, Order: "R20261121-001.ICBC.R01", Result: "F03", Reason: card.ReasonFundsF03, Balance: 500, Note: "无此冻结"},
	}, got)
}

func TestAccountStates(t *testing.T) {
	t.Parallel()
	client, x := payClient(t)
	ask := request.Answer(card.AcctQry)
	_, err := client.QueryAccounts(t.Context(), ask, exchangetest.Rows([]card.AccountQuery{
		{Ref: 1, Number: payee, PAN: pan1, Name: "欧阳测试"}, {Ref: 3, Number: other, PAN: pan3, Name: "阿依·测试"},
	}, nil))
	require.NoError(t, err)
	exchangetest.Golden(t, ask, x.Sent[ask])
	answer := come(t, x, card.AcctSta, card.AcctQry, 0, "D|1|D00000128|00|3|", "D|3|D00000136|Q02||查无此户", "D|4|D00000144|Q01|1|")
	golden(t, x, answer)
	rows, err := client.AccountStates(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, []card.AccountState{
		{Ref: 1, Number: payee, Result: "00", Status: card.Frozen, Known: true},
		{Ref: 3, Number: other, Result: "Q02", Reason: card.ReasonStateQ02, Note: "查无此户"},
		{Ref: 4, Number: "D00000144", Result: "Q01", Reason: card.ReasonStateQ01, Status: card.Active, Known: true},
	}, got)
}

// ask reads a file to its end for its error.
type ask func(*testing.T, bank.Client, card.File) error

var readers = map[card.FileKind]ask{
	card.PayRet: func(t *testing.T, c bank.Client, f card.File) error {
		rows, err := c.Payments(t.Context(), f)
		_, err = exchangetest.All(rows, err)
		return err
	},
	card.PayEnr: func(t *testing.T, c bank.Client, f card.File) error {
		rows, err := c.PaymentEnquiries(t.Context(), f)
		_, err = exchangetest.All(rows, err)
		return err
	},
	card.PayBack: func(t *testing.T, c bank.Client, f card.File) error {
		rows, err := c.Paybacks(t.Context(), f)
		_, err = exchangetest.All(rows, err)
		return err
	},
	card.FundRet: func(t *testing.T, c bank.Client, f card.File) error {
		rows, err := c.FundAnswers(t.Context(), f)
		_, err = exchangetest.All(rows, err)
		return err
	},
	card.AcctSta: func(t *testing.T, c bank.Client, f card.File) error {
		rows, err := c.AccountStates(t.Context(), f)
		_, err = exchangetest.All(rows, err)
		return err
	},
}

func TestRefusedAnswersAboutMoney(t *testing.T) {
	t.Parallel()
	const row = "D|1|" + first + "|" + payee + "|" + pan1
	cases := []struct {
		kind, answered card.FileKind
		fen            int64
		line, fault    string
	}{
		{card.PayRet, card.PayReq, 5, row + "|5|01||", `line 2 ref 1 column 7 (result): found "01", expected a result: 00, NAME_MISMATCH, `},
		{card.PayRet, card.PayReq, 5, row + "|5|90||", `found "90", expected a result: 00, NAME_MISMATCH`},
		{card.PayRet, card.PayReq, 5, row + "|5|00||", "column 8 (time): found nothing, expected a time YYYYMMDDHHMMSS, for the result is 00"},
		{card.PayRet, card.PayReq, 5, row + "|5|00|20261322003000|", "column 8 (time): found "},
		{card.PayRet, card.PayReq, 0, row + "|0|00|20261122003000|", "column 6 (amount): found \"0\", expected an amount above 0"},
		{card.PayRet, card.PayReq, 5, row + "|-5|00|20261122003000|", "column 6 (amount)"},
		{card.PayRet, card.PayReq, 5, strings.Replace(row, pan1, "6299990000000000018", 1) + "|5|00|20261122003000|", "column 5 (pan): found 19 characters 9{19}, expected 16 to 19 digits"},
		{card.PayRet, card.PayReq, 5, strings.Replace(row, payee, "D00000129", 1) + "|5|00|20261122003000|", "column 4 (card_no)"},
		{card.PayRet, card.PayReq, 6, row + "|5|00|20261122003000|", "rows of 5 fen together and a last line that says 6"},
		{card.PayEnr, card.PayEnq, 5, row + "|5|91||", "expected a result: 00, 90, NAME_MISMATCH"},
		{card.PayEnr, card.PayEnq, 5, "D|1|" + first + "|" + payee + "||5|00|20261122003000|", "column 5 (pan): found nothing"},
		{card.PayBack, "", 5, row + "|5|00|20261122003000|", `column 7 (result): found "00", expected 9 to 14 letters and digits`},
		{card.PayBack, "", 5, row + "|5|WHATEVER_ELSE|20261122003000|", "expected why it came back"},
		{card.PayBack, "", 5, row + "|5|BANK_TIMEOUT|20261122003000|", "expected why it came back"},
		{card.PayBack, "", 5, row + "|5|ACCT_CLOSED||", "column 8 (time): found nothing"},
		{card.FundRet, card.FundReq, 0, "D|1|" + block1 + "|F04|1|0||", `column 4 (result): found "F04", expected a result: 00, F01, F02, F03 or F09`},
		{card.FundRet, card.FundReq, 0, "D|1|" + block1 + "|00||0||", "column 5 (balance): found nothing"},
		{card.AcctSta, card.AcctQry, 0, "D|1|" + payee + "|Q03||", "expected a result: 00, Q01, Q02 or Q09"},
		{card.AcctSta, card.AcctQry, 0, "D|1|" + payee + "|00||", "expected a status, for the result is 00"},
		{card.AcctSta, card.AcctQry, 0, "D|1|" + payee + "|00|4|", "expected a status: 0, 1, 2, 3 or 9"},
		{card.AcctSta, card.AcctQry, 0, "D|1|" + payee + "|Q02|1|", "expected nothing, for the result is Q02"},
	}
	for _, c := range cases {
		client, x := payClient(t)
		f := come(t, x, c.kind, c.answered, c.fen, c.line)
		err := readers[c.kind](t, client, f)
		require.Equal(t, card.Invalid, card.KindOf(err), c.line)
		require.ErrorContains(t, err, c.fault, c.line)
		require.NotContains(t, err.Error(), "629999", c.line)
	}
}

// A row that is wrong is refused alone, and its money counts in the total; an amount that cannot be read refuses the file.
func TestAWrongRowAboutMoneyIsRefusedAlone(t *testing.T) {
	t.Parallel()
	good := "D|3|" + third + "|D00000136|" + pan3 + "|1|00|20261122003000|"
	for line, alone := range map[string]bool{
		"D|1|" + first + "|D00000128|" + pan1 + "|15000|77|20261122003000|":  true,
		"D|1|" + first + "|D00000128|" + pan1 + "|15000|00||":                true,
		"D|1|" + first + "|D00000128|" + pan1 + "|15.000|00|20261122003000|": false,
	} {
		client, x := payClient(t)
		rows, err := client.Payments(t.Context(), come(t, x, card.PayRet, card.PayReq, 15_001, line, good))
		require.NoError(t, err)
		var refused, read int
		for row, err := range rows {
			switch {
			case err == nil:
				read++
				require.Equal(t, third, row.Instruction)
			case card.IsRefusedRow(err):
				refused++
			}
		}
		require.Equal(t, alone, refused == 1, line)
		require.Equal(t, alone, read == 1, line)
	}
}

// What is told of a payment may be told twice, and in any order; a row that differs from one of its ref refuses the file.
func TestAnswersAboutMoneyTwiceAndInAnyOrder(t *testing.T) {
	t.Parallel()
	one := "D|1|" + first + "|D00000128|" + pan1 + "|15000|00|20261122003000|"
	three := "D|3|" + third + "|D00000136|" + pan3 + "|1|00|20261122003000|"
	client, x := payClient(t)
	rows, err := client.Payments(t.Context(), come(t, x, card.PayRet, card.PayReq, 30_003, three, three, one, three, one))
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, []string{third, first}, []string{got[0].Instruction, got[1].Instruction})

	client, x = payClient(t)
	rows, err = client.Payments(t.Context(), come(t, x, card.PayRet, card.PayReq, 15_002, three, one, strings.Replace(three, "|00|", "|ACCT_CLOSED|", 1)))
	_, err = exchangetest.All(rows, err)
	require.Equal(t, card.ReasonFileRepeatedRow, card.ReasonOf(err))
}
