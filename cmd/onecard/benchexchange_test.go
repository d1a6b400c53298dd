package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
	banksim "onecard/connectors/bank/sim"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/sim"
)

// benchEndpoint is a simulated bank whose server takes files, as the bench has one.
func benchEndpoint(t *testing.T) exchange.Endpoint {
	h := household{dir: t.TempDir()}
	must.NoError(t, h.keys(t.Context()))
	login, err := os.ReadFile(h.path("keys", "ssh.pub"))
	must.NoError(t, err)
	sign, err := os.ReadFile(h.path("keys", "sign.pem.pub"))
	must.NoError(t, err)
	key, err := sim.ParsePublicKey(bytes.TrimSpace(sign))
	must.NoError(t, err)
	office, err := banksim.New(benchPartnerName)
	must.NoError(t, err)
	partner, err := sim.Start(sim.PartnerConfig{
		Name: benchPartnerName, Dir: t.TempDir(), Office: office, User: "onecard", HubKeys: login, HubSignKey: key,
	})
	must.NoError(t, err)
	t.Cleanup(func() { must.NoError(t, partner.Close()) })
	at, err := partner.Card()
	must.NoError(t, err)
	return exchange.Endpoint{Partner: benchPartnerName, Address: at.Address, User: at.User, HostKey: at.HostKey,
		KeyFile: h.path("keys", "ssh"), SignKeyFile: h.path("keys", "sign.pem"), VerifyKey: strings.TrimSpace(string(sign))}
}

// Every row goes out and comes back, in text of both kinds and in a workbook.
func TestTheExchangeIsMeasured(t *testing.T) {
	t.Parallel()
	layouts, err := openAll([]string{"rural-acctreq", "coastal-payret", "township-report"}, false)
	must.NoError(t, err)
	var log bytes.Buffer
	b := benchExchange{rows: 300, log: &log}
	r, err := b.measure(t.Context(), layouts, benchEndpoint(t), t.TempDir())
	must.NoError(t, err)
	must.Equal(t, exchangeGate{Written: 900, Parsed: 900, OK: true}, r.Gate)
	must.Len(t, r.Layouts, 3)
	for _, l := range r.Layouts {
		must.Positive(t, l.Bytes)
		must.Positive(t, l.Publish.RowsPerSecond)
		must.Positive(t, l.Collect.RowsPerSecond)
	}
	var out bytes.Buffer
	must.NoError(t, r.write(&out))
	must.Contains(t, out.String(), "all rows came back (无丢失): yes")
}

func TestWhatCannotBeMeasured(t *testing.T) {
	t.Parallel()
	_, err := (&benchExchange{layouts: []string{filepath.Join(t.TempDir(), "gone.toml")}}).run(t.Context())
	must.Equal(t, card.NotFound, card.KindOf(err))
	text, err := openAll([]string{"rural-acctreq", "township-report"}, true)
	must.NoError(t, err)
	must.Len(t, text, 1, "workbooks are for people")
}
