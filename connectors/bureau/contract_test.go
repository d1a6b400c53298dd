package bureau_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bureau"
	bureausim "onecard/connectors/bureau/sim"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim/simtest"
)

// face starts the simulated bureau with these rules and returns a client that talks to it over SFTP.
func face(t *testing.T, rules string) bureau.Client {
	hub := exchangetest.NewHub(t)
	office, err := bureausim.New()
	require.NoError(t, err)
	at := simtest.Serve(t, "BUREAU", office, rules, hub.Login, hub.SignKey)
	return bureau.Client{Desk: desk.Desk{Exchange: hub.Open(t, exchange.Endpoint{
		Partner: "BUREAU", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey,
	})}}
}

// The bureau finds nothing wrong with the chips' records, of long names and foreign documents too.
func TestTheSimulatedBureau(t *testing.T) {
	t.Parallel()
	client := face(t, "[[rule]]\npartner = \"BUREAU\"\nkind = \"CARDREQ\"\ndo = \"refuse\"\ncode = \"M01\"\nshare = 0.2\n")
	people := []card.Person{
		{DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Sex: card.Male, Ethnic: "01"},
		{DocType: card.DocResidentID, SSN: "440100199001010015", Name: "很长很长很长很长很长很长很长·𠮷䶮\ue000", Sex: card.Female, Ethnic: "56"},
		{DocType: card.DocHMTResidence, SSN: "810000199001010015", Name: "试三", Sex: card.NotStated, Ethnic: "01"},
		{DocType: card.DocPassport, SSN: "TEST00001", Name: "ZOE O'TEST", Sex: card.Female, Ethnic: "98"},
	}
	ordered := make([]card.Order, 100)
	for i := range ordered {
		number, err := card.MakeNumber(fmt.Sprintf("D%07d", i+1))
		require.NoError(t, err)
		p := people[i%len(people)]
		p.Birth = "19900101"
		ordered[i] = order(i+1, number, p)
	}
	_, err := client.OrderCards(t.Context(), request, exchangetest.Rows(ordered, nil))
	require.NoError(t, err)
	rows := exchangetest.Await(t, func() (iter.Seq2[card.OrderAnswer, error], error) { return client.Cards(t.Context(), answer) })
	count := map[string]int{}
	for row, err := range rows {
		require.NoError(t, err)
		require.Equal(t, ordered[row.Ref-1].Number, row.Number)
		if row.Result == card.ResultDone {
			require.Equal(t, "440600", row.Ident.Area())
		}
		count[row.Result]++
	}
	require.Equal(t, 100, count[card.ResultDone]+count["M01"])
	require.NotZero(t, count["M01"])
	require.NotZero(t, count[card.ResultDone])
	require.NoError(t, client.Done(t.Context(), answer))
}
