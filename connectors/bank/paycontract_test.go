package bank_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	banksim "onecard/connectors/bank/sim"
	"onecard/connectors/exchange/exchangetest"
)

const subsidy = card.RolloutID("R20261121-001")

// payees are invented people who get 100 yuan each.
func payees(n int) []card.PayOrder {
	rows := make([]card.PayOrder, n)
	for i, o := range invented(n) {
		rows[i] = card.PayOrder{
			Ref: i + 1, Instruction: card.NewInstruction(subsidy, i+1, 1), Number: o.Number, PAN: card.SynthesizePAN("629999", int64(i+1)),
			Name: o.Person.Name, Fen: 10_000, Purpose: "物价补贴",
		}
	}
	return rows
}

// Money is blocked, paid, asked about and comes back, over SFTP, each row answered as the bank's books have it.
func TestTheSimulatedBankPays(t *testing.T) {
	t.Parallel()
	client := face(t, fmt.Sprintf(rule, "PAYREQ", "lose")+"share = 0.1\n"+fmt.Sprintf(rule, "PAYREQ", "omit")+"share = 0.1\n"+
		fmt.Sprintf(rule, "PAYREQ", "refuse")+"share = 0.1\ncode = \"NAME_MISMATCH\"\n"+
		fmt.Sprintf(rule, "PAYREQ", "payback")+"share = 0.1\ncode = \"ACCT_CLOSED\"\nafter = \"1ms\"\n")
	orders := payees(200)
	account := banksim.PayerAccount("ICBC")
	block := card.FundOrderNumber(subsidy, "ICBC", card.FundBlock, 1)
	_, err := client.OrderFunds(t.Context(), request.Answer(card.FundReq), exchangetest.Rows([]card.FundOrder{
		{Ref: 1, Order: block, Action: card.FundBlock, Account: account, Fen: 2_000_000},
	}, nil))
	require.NoError(t, err)
	funds, err := answered(t, request.Answer(card.FundRet), client.FundAnswers)
	require.NoError(t, err)
	require.Equal(t, int64(2_000_000), funds[0].Blocked)
	require.Equal(t, int64(banksim.DefaultFen-2_000_000), funds[0].Balance)
	require.False(t, funds[0].At.IsZero())

	_, err = client.Pay(t.Context(), request.Answer(card.PayReq), exchangetest.Rows(orders, nil))
	require.NoError(t, err)
	answers, err := answered(t, request.Answer(card.PayRet), client.Payments)
	require.NoError(t, err)
	require.Less(t, len(answers), len(orders))
	known := map[string]card.PayAnswer{}
	for _, a := range answers {
		require.Equal(t, orders[a.Ref-1].Instruction, a.Instruction)
		require.Equal(t, orders[a.Ref-1].PAN, a.PAN)
		require.Equal(t, orders[a.Ref-1].Fen, a.Fen)
		known[a.Instruction] = a
	}

	var missing []card.PayEnquiry
	for _, o := range orders {
		if _, ok := known[o.Instruction]; !ok {
			missing = append(missing, card.PayEnquiry{Ref: o.Ref, Instruction: o.Instruction, Number: o.Number, Fen: o.Fen})
		}
	}
	_, err = client.EnquirePayments(t.Context(), request.Answer(card.PayEnq), exchangetest.Rows(missing, nil))
	require.NoError(t, err)
	found, err := answered(t, request.Answer(card.PayEnr), client.PaymentEnquiries)
	require.NoError(t, err)
	require.Len(t, found, len(missing))
	results := map[string]int{}
	for _, a := range append(found, answers...) {
		results[a.Result]++
	}
	require.NotZero(t, results[card.ResultDone])
	require.NotZero(t, results[card.ResultNeverReceived], "lost rows")
	require.NotZero(t, results["NAME_MISMATCH"])

	files := exchangetest.Await(t, func() ([]card.File, error) {
		files, err := client.NewPaybacks(t.Context(), "ICBC")
		if err == nil && len(files) == 0 {
			err = card.E(card.Later, "list", "", nil)
		}
		return files, err
	})
	require.Len(t, files, 1)
	require.Equal(t, 1, files[0].Seq)
	returned, err := answered(t, files[0], client.Paybacks)
	require.NoError(t, err)
	require.NotEmpty(t, returned)
	for _, r := range returned {
		require.Equal(t, card.ReasonPayClosed, r.Reason)
		require.Equal(t, orders[r.Ref-1].Instruction, r.Instruction)
	}
}

// What a bank says of accounts arrives as it is meant.
func TestTheSimulatedBankTellsStates(t *testing.T) {
	t.Parallel()
	client := face(t, fmt.Sprintf(rule, "ACCTQRY", "refuse")+"share = 0.3\ncode = \"S9\"\n"+fmt.Sprintf(rule, "ACCTQRY", "refuse")+"share = 0.3\ncode = \"Q01\"\n")
	var queries []card.AccountQuery
	for _, o := range payees(50) {
		queries = append(queries, card.AccountQuery{Ref: o.Ref, Number: o.Number, PAN: o.PAN, Name: o.Name})
	}
	_, err := client.QueryAccounts(t.Context(), request.Answer(card.AcctQry), exchangetest.Rows(queries, nil))
	require.NoError(t, err)
	states, err := answered(t, request.Answer(card.AcctSta), client.AccountStates)
	require.NoError(t, err)
	require.Len(t, states, 50)
	seen := map[string]int{}
	for _, s := range states {
		require.Equal(t, s.Result == card.ResultDone, s.Known)
		seen[s.Result+" "+s.Status.String()]++
	}
	require.Len(t, seen, 3)
	require.NotZero(t, seen["00 Closed"])
	require.NotZero(t, seen["00 Active"])
}

// An answer with a wrong amount, or with a row that nobody asked about, is read as it is: the hub's books find it out.
func TestTheSimulatedBankIsWrong(t *testing.T) {
	t.Parallel()
	client := face(t, fmt.Sprintf(rule, "PAYREQ", "misstate")+fmt.Sprintf(rule, "PAYREQ", "stray")+"share = 0.5\n")
	_, err := client.Pay(t.Context(), request.Answer(card.PayReq), exchangetest.Rows(payees(20), nil))
	require.NoError(t, err)
	answers, err := answered(t, request.Answer(card.PayRet), client.Payments)
	require.NoError(t, err)
	require.Greater(t, len(answers), 20)
	require.Equal(t, int64(10_001), answers[0].Fen)
	require.Equal(t, "AMOUNT_ERR", answers[0].Result, "nothing was blocked")
	require.Greater(t, answers[20].Ref, 20)
}
