package civil_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/civil"
	civilsim "onecard/connectors/civil/sim"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim/simtest"
)

// face starts the simulated civil-affairs department with these rules and returns a client that talks to it over SFTP.
func face(t *testing.T, rules string) civil.Client {
	hub := exchangetest.NewHub(t)
	office := civilsim.New("")
	at := simtest.Serve(t, "CIVIL", office, rules, hub.Login, hub.SignKey)
	return civil.Client{Desk: desk.Desk{Exchange: hub.Open(t, exchange.Endpoint{
		Partner: "CIVIL", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey,
	})}}
}

// Everybody gets an answer, and every answer is understood.
func TestTheSimulatedDepartment(t *testing.T) {
	t.Parallel()
	client := face(t, "[[rule]]\npartner = \"CIVIL\"\nkind = \"MATCHREQ\"\ndo = \"refuse\"\ncode = \"03\"\nshare = 0.3\n")
	invented := make([]card.MatchRow, 100)
	for i := range invented {
		invented[i] = card.MatchRow{
			Ref: i + 1, DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440100", "19900101", i+1), Name: "欧阳\ue000𠮷·测", Birth: "19900101",
		}
	}
	invented[50].SSN = "440100199001010016" // a wrong check digit
	_, err := client.RequestMatch(t.Context(), request, exchangetest.Rows(invented, nil))
	require.NoError(t, err)
	rows := exchangetest.Await(t, func() (iter.Seq2[card.MatchAnswer, error], error) { return client.Matches(t.Context(), answer) })
	count := map[card.Reason]int{}
	for row, err := range rows {
		require.NoError(t, err)
		require.Equal(t, invented[row.Ref-1].SSN, row.SSN)
		require.Equal(t, row.Reason == card.ReasonMatchDeceased, row.Died != "")
		count[row.Reason]++
	}
	require.Equal(t, 1, count[card.ReasonMatchUnknown])
	require.NotZero(t, count[""])
	require.NotZero(t, count[card.ReasonMatchDeceased])
	require.Equal(t, 99, count[""]+count[card.ReasonMatchDeceased])
	require.NoError(t, client.Done(t.Context(), answer))
}
