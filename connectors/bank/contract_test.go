package bank_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bank"
	banksim "onecard/connectors/bank/sim"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

// face starts the simulated ICBC with these rules and returns a client that talks to it over SFTP.
func face(t *testing.T, rules string) bank.Client {
	client, _ := faceServer(t, rules)
	return client
}

// faceServer is face at a bank of which more is said in change; it tells also where the bank's ledger is.
func faceServer(t *testing.T, rules string, change ...func(*sim.PartnerConfig)) (bank.Client, string) {
	hub := exchangetest.NewHub(t)
	office, err := banksim.New("ICBC")
	require.NoError(t, err)
	at := simtest.Serve(t, "ICBC", office, rules, hub.Login, hub.SignKey, change...)
	x := hub.Open(t, exchange.Endpoint{
		Partner: "ICBC", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey, Stillness: 500 * time.Millisecond,
		Manifests: exchange.Manifests(at.Manifests), Packet: at.Packet,
		Quirks: exchange.Quirks{ReadOnce: at.ReadOnce, LooseNames: at.LooseNames, OneAtATime: at.OneAtATime},
	})
	return bank.Client{Desk: desk.Desk{Exchange: x}, Lister: x}, at.Ledger
}

// answered waits for an answer and reads it whole.
func answered[T any](t *testing.T, f card.File, ask func(context.Context, card.File) (iter.Seq2[T, error], error)) ([]T, error) {
	rows := exchangetest.Await(t, func() (iter.Seq2[T, error], error) { return ask(t.Context(), f) })
	return exchangetest.All(rows, nil)
}

func invented(n int) []card.AccountOrder {
	rows := make([]card.AccountOrder, n)
	for i := range rows {
		number, err := card.MakeNumber(fmt.Sprintf("D%07d", i+1))
		if err != nil {
			panic(err)
		}
		rows[i] = card.AccountOrder{Ref: i + 1, Number: number, Outlet: "44060001", Person: card.Person{
			DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440100", "19900101", i%999+1), Name: "欧阳\ue000𠮷·测",
			Sex: card.NotStated, Ethnic: "01", Birth: "19900101", Phone: "13800000000", Address: "佛山市禅城区测试路1号",
		}}
	}
	return rows
}

const rule = "[[rule]]\npartner = \"ICBC\"\nkind = %q\ndo = %q\n"

// An account is opened, asked about and activated, each row answered once.
func TestTheSimulatedBank(t *testing.T) {
	t.Parallel()
	client := face(t, fmt.Sprintf(rule, "ACCTREQ", "refuse")+"code = \"E02\"\nshare = 0.2\n"+fmt.Sprintf(rule, "ACCTREQ", "duplicate")+"share = 0.5\n")
	orders := invented(200)
	_, err := client.RequestAccounts(t.Context(), request, exchangetest.Rows(orders, nil))
	require.NoError(t, err)
	opened, err := answered(t, request.Answer(card.AcctRet), client.Accounts)
	require.NoError(t, err)
	require.Len(t, opened, 200)
	require.NoError(t, client.Done(t.Context(), request.Answer(card.AcctRet)))

	var active []card.ActivationOrder
	var enquiries []card.AccountEnquiry
	for i, a := range opened {
		require.Equal(t, orders[i].Number, a.Number)
		enquiries = append(enquiries, card.AccountEnquiry{Ref: a.Ref, Number: a.Number, SSN: orders[i].Person.SSN})
		if a.Result == card.ResultDone {
			active = append(active, card.ActivationOrder{Ref: a.Ref, Number: a.Number, PAN: a.PAN})
			continue
		}
		require.Equal(t, card.ReasonAccountRefusedE02, a.Reason)
	}
	require.NotEmpty(t, active)
	require.Less(t, len(active), 200)

	stranger, err := card.MakeNumber("D0099999")
	require.NoError(t, err)
	enquiries = append(enquiries, card.AccountEnquiry{Ref: 999, Number: stranger, SSN: "440100199001010015"})
	ask := request.Answer(card.AcctEnq)
	_, err = client.Enquire(t.Context(), ask, exchangetest.Rows(enquiries, nil))
	require.NoError(t, err)
	known, err := answered(t, ask.Answer(card.AcctEnr), client.Enquiries)
	require.NoError(t, err)
	require.Equal(t, card.ResultNeverReceived, known[200].Result)
	for i, k := range known[:200] {
		require.Equal(t, opened[i].PAN, k.PAN)
		require.Equal(t, opened[i].Reason, k.Reason)
	}

	ask = request.Answer(card.ActReq)
	_, err = client.RequestActivations(t.Context(), ask, exchangetest.Rows(active, nil))
	require.NoError(t, err)
	done, err := answered(t, ask.Answer(card.ActRet), client.Activations)
	require.NoError(t, err)
	require.Len(t, done, len(active))
	for _, d := range done {
		require.Equal(t, card.ResultDone, d.Result)
		require.False(t, d.At.IsZero())
	}
}

// Rows in disorder refuse the file; missing rows do not.
func TestTheSimulatedBankMisbehaves(t *testing.T) {
	t.Parallel()
	client := face(t, fmt.Sprintf(rule, "ACCTREQ", "reorder"))
	_, err := client.RequestAccounts(t.Context(), request, exchangetest.Rows(invented(10), nil))
	require.NoError(t, err)
	_, err = answered(t, request.Answer(card.AcctRet), client.Accounts)
	require.Equal(t, card.Invalid, card.KindOf(err))

	client = face(t, fmt.Sprintf(rule, "ACCTREQ", "omit")+"share = 0.5\n")
	_, err = client.RequestAccounts(t.Context(), request, exchangetest.Rows(invented(100), nil))
	require.NoError(t, err)
	opened, err := answered(t, request.Answer(card.AcctRet), client.Accounts)
	require.NoError(t, err)
	require.NotEmpty(t, opened)
	require.Less(t, len(opened), 100)
}

// A file that was left without rows is answered like any other.
func TestTheSimulatedBankAnswersAnEmptyFile(t *testing.T) {
	t.Parallel()
	client := face(t, "")
	_, err := client.RequestAccounts(t.Context(), request, exchangetest.Rows[card.AccountOrder](nil, nil))
	require.NoError(t, err)
	opened, err := answered(t, request.Answer(card.AcctRet), client.Accounts)
	require.NoError(t, err)
	require.Empty(t, opened)
}
