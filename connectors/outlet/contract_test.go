package outlet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/outlet"
	outletsim "onecard/connectors/outlet/sim"
)

// face starts the simulated outlets with these rules and returns a client that talks to it over SFTP.
func face(t *testing.T, rules string) outlet.Client {
	hub := exchangetest.NewHub(t)
	office := outletsim.New()
	path := filepath.Join(t.TempDir(), "rules.toml")
	require.NoError(t, os.WriteFile(path, []byte(rules), 0o600))
	book, err := sim.OpenRules(path)
	require.NoError(t, err)
	key, err := sim.ParsePublicKey([]byte(hub.SignKey))
	require.NoError(t, err)
	partner, err := sim.Start(sim.PartnerConfig{
		Name: "OUTLET", Dir: t.TempDir(), Office: office, User: "onecard", HubKeys: hub.Login, HubSignKey: key, Rules: book,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, partner.Close()) })
	at, err := partner.Card()
	require.NoError(t, err)
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
	_, err := client.Dispatch(t.Context(), dispatch, seq(sent))
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
