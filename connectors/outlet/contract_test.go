package outlet_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim/simtest"
	"onecard/connectors/outlet"
	outletsim "onecard/connectors/outlet/sim"
)

// face starts the simulated outlets with these rules and returns a client that talks to it over SFTP.
func face(t *testing.T, rules string) outlet.Client {
	hub := exchangetest.NewHub(t)
	office := outletsim.New()
	at := simtest.Serve(t, "OUTLET", office, rules, hub.Login, hub.SignKey)
	x := hub.Open(t, exchange.Endpoint{
		Partner: "OUTLET", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey,
	})
	return outlet.Client{Desk: desk.Desk{Exchange: x}, Lister: x}
}

// What is dispatched arrives and is handed over, in several reports.
func TestTheSimulatedOutlets(t *testing.T) {
	t.Parallel()
	client := face(t, "[[rule]]\npartner = \"OUTLET\"\nkind = \"DISPATCH\"\ndo = \"refuse\"\ncode = \"R\"\nshare = 0.2\n")
	sent := make([]card.DispatchRow, 60)
	for i := range sent {
		number, err := card.MakeNumber(fmt.Sprintf("D%07d", i+1))
		require.NoError(t, err)
		sent[i] = rows[i%len(rows)]
		sent[i].Ref, sent[i].Number = i+1, number
	}
	_, err := client.Dispatch(t.Context(), dispatch, exchangetest.Rows(sent, nil))
	require.NoError(t, err)
	count := map[card.ReportEvent]int{}
	take := func(f card.File) {
		reported, err := client.Reports(t.Context(), f)
		require.NoError(t, err)
		for row, err := range reported {
			require.NoError(t, err)
			require.Equal(t, sent[row.Ref-1].Number, row.Number)
			require.Equal(t, dispatch, row.Dispatch)
			count[row.Event]++
		}
		require.NoError(t, client.Done(t.Context(), f))
	}
	exchangetest.Await(t, func() (bool, error) {
		files, err := client.NewReports(t.Context())
		for _, f := range files {
			take(f)
		}
		if err == nil && count[card.ReportHanded]+count[card.ReportReturned] < len(sent) {
			err = card.E(card.Later, "reports", "", nil)
		}
		return true, err
	})
	require.Equal(t, len(sent), count[card.ReportArrived]+count[card.ReportReturned])
	require.Equal(t, count[card.ReportArrived], count[card.ReportHanded])
	require.NotZero(t, count[card.ReportReturned])
}
