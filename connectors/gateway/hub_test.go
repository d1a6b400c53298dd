package gateway

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
)

// sides are the hub, which works on the account's folder, and a partner that keeps the same exchange through the gateway:
// for it inbox and outbox have changed places.
func sides(t *testing.T, s *station) (hub, partner *exchange.Exchange) {
	t.Helper()
	key := func(name string) (file, public string) {
		file = filepath.Join(s.dir, name+".sm2")
		public, err := exchange.GenerateKey(file)
		require.NoError(t, err)
		return file, public
	}
	hubKey, hubPublic := key("hub")
	bankKey, bankPublic := key("bank")
	open := func(name string, e exchange.Endpoint) *exchange.Exchange {
		e.Partner = "ICBC"
		cfg := exchange.Config{Archive: filepath.Join(s.dir, name), Endpoints: []exchange.Endpoint{e}}
		require.NoError(t, cfg.Check())
		x := exchange.Open(cfg)
		t.Cleanup(func() { require.NoError(t, x.Close()) })
		require.NoError(t, x.Ping(t.Context(), "ICBC"))
		return x
	}
	hub = open("hub", exchange.Endpoint{Directory: s.inside("ICBC"), SignKeyFile: hubKey, VerifyKey: bankPublic})
	partner = open("bank", exchange.Endpoint{Address: s.Addr(), User: "ICBC", KeyFile: s.keyFile("ICBC"), HostKey: s.HostKey(),
		Inbox: "outbox", Outbox: "inbox", SignKeyFile: bankKey, VerifyKey: hubPublic})
	return hub, partner
}

func writing(text []byte) func(io.Writer) (exchange.Totals, error) {
	return func(w io.Writer) (exchange.Totals, error) {
		_, err := w.Write(text)
		return exchange.Totals{Rows: 3}, err
	}
}

func requireContent(t *testing.T, r *exchange.Received, want []byte) {
	t.Helper()
	got, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got))
}

// TestBothHandsOnTheSameFolders runs a request and its answer between the hub and a partner that logs in.
func TestBothHandsOnTheSameFolders(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	hub, partner := sides(t, s)
	ask := card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 1}
	answer, text := ask.Answer(card.AcctRet), pattern(2_000_000)

	_, err := partner.Collect(t.Context(), ask)
	require.Equal(t, card.Later, card.KindOf(err))
	_, err = hub.Publish(t.Context(), ask, "ACCTREQ/1", writing(text))
	require.NoError(t, err)
	r, err := partner.Collect(t.Context(), ask)
	require.NoError(t, err)
	requireContent(t, r, text)
	require.NoError(t, partner.Done(t.Context(), ask))
	_, err = hub.Publish(t.Context(), ask, "ACCTREQ/1", writing(text))
	require.NoError(t, err, "it is delivered, and nothing is sent again")
	require.NoFileExists(t, s.inside("ICBC", "inbox", ask.Name()))

	_, err = hub.Collect(t.Context(), answer)
	require.Equal(t, card.Later, card.KindOf(err))
	for range 2 {
		_, err = partner.Publish(t.Context(), answer, "ACCTRET/1", writing(text))
		require.NoError(t, err)
	}
	r, err = hub.Collect(t.Context(), answer)
	require.NoError(t, err)
	requireContent(t, r, text)
	require.NoError(t, hub.Done(t.Context(), answer))
	_, err = partner.Publish(t.Context(), answer, "ACCTRET/1", writing(text))
	require.NoError(t, err)
	require.FileExists(t, s.inside("ICBC", "outbox/done", answer.Name()+".ok"))
	require.Empty(t, s.audit.find(t, "rename", taken))
}

// TestACorrectedAnswer refuses an answer; the partner finds it among the refused ones and delivers another of the same name.
func TestACorrectedAnswer(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	hub, partner := sides(t, s)
	answer := fileOf("ICBC", 1)
	_, err := partner.Publish(t.Context(), answer, "ACCTRET/1", writing([]byte("wrong rows")))
	require.NoError(t, err)
	_, err = hub.Collect(t.Context(), answer)
	require.NoError(t, err)
	require.NoError(t, hub.Quarantine(answer, errors.New("its rows are not what was asked")))
	got, err := get(s.visit(t), "outbox/refused/"+answer.Name())
	require.NoError(t, err)
	require.Equal(t, "wrong rows", string(got))

	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, "bank"))) // its archive would not have two contents of one name
	_, err = partner.Publish(t.Context(), answer, "ACCTRET/1", writing([]byte("right rows")))
	require.NoError(t, err)
	r, err := hub.Collect(t.Context(), answer)
	require.NoError(t, err)
	requireContent(t, r, []byte("right rows"))
	require.NoError(t, hub.Done(t.Context(), answer))
}
