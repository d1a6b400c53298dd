package bank

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// Whatever a bank sends, the readers refuse it or yield rows that keep their promises.
func FuzzAnswers(f *testing.F) {
	const head = "|1|ICBC_ACCTRET_20261121_000017.txt|20261121|ICBC_ACCTREQ_20261121_000017.txt\n"
	f.Add([]byte("H|ACCTRET" + head + "D|1|D00000128|6299990000000000012|4406000000001|00|\nD|3|D00000136|||E03|\xd0\xd5\nT|2|0\n"))
	f.Add([]byte("H|ACCTENR" + head + "D|3|D00000136|||90|\nT|1|0\n"))
	f.Add([]byte("H|ACTRET" + head + "D|1|D00000128|00|20261122003000|\nT|1|0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: "ICBC", Date: "20261121", Seq: 17}}
		want.File.Kind = card.AcctRet
		for row, err := range layout.Read(open, standard(t, card.AcctRet), want, parseAccount) {
			checkAccount(t, row, err)
		}
		want.File.Kind = card.AcctEnr
		for row, err := range layout.Read(open, standard(t, card.AcctEnr), want, parseEnquiry) {
			checkAccount(t, row, err)
		}
		want.File.Kind = card.ActRet
		for row, err := range layout.Read(open, standard(t, card.ActRet), want, parseActivation) {
			require.True(t, err != nil || row.Number.Valid() && (row.Result == card.ResultDone) == !row.At.IsZero())
		}
	})
}

// Whatever a bank says about money, the readers refuse it or yield rows that keep their promises.
func FuzzAnswersAboutMoney(f *testing.F) {
	for _, kind := range []card.FileKind{card.PayRet, card.PayEnr, card.PayBack, card.FundRet, card.AcctSta} {
		var b bytes.Buffer
		file := card.File{Partner: "ICBC", Kind: kind, Date: "20261121", Seq: 17}
		_, _, err := layout.WriteSample(&b, standard(f, kind), file, 8)
		require.NoError(f, err)
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: "ICBC", Date: "20261121", Seq: 17}}
		for kind, parse := range map[card.FileKind]func(*layout.Row) (card.PayAnswer, error){
			card.PayRet: parsePayment, card.PayEnr: parsePayEnquiry, card.PayBack: parsePayback,
		} {
			want.File.Kind = kind
			for row, err := range layout.Read(open, standard(t, kind), want, parse) {
				checkPayment(t, kind, row, err)
			}
		}
		want.File.Kind = card.FundRet
		for row, err := range layout.Read(open, standard(t, card.FundRet), want, parseFund) {
			require.True(t, err != nil || (row.Reason == "") == (row.Result == card.ResultDone) && row.Balance >= 0 && row.Blocked >= 0)
		}
		want.File.Kind = card.AcctSta
		for row, err := range layout.Read(open, standard(t, card.AcctSta), want, parseState) {
			require.True(t, err != nil || row.Number.Valid() && (row.Result != card.ResultDone || row.Known))
		}
	})
}

func checkPayment(t *testing.T, kind card.FileKind, row card.PayAnswer, err error) {
	if err != nil {
		require.NotEmpty(t, card.ReasonOf(err))
		return
	}
	require.True(t, row.Number.Valid())
	require.Positive(t, row.Fen)
	require.Equal(t, row.Result != card.ResultDone && row.Result != card.ResultNeverReceived, row.Reason != "")
	if row.Result == card.ResultDone {
		require.NotEqual(t, card.PayBack, kind)
		require.False(t, row.At.IsZero())
		require.True(t, card.ValidPAN(row.PAN))
	}
}

func checkAccount(t *testing.T, row card.AccountAnswer, err error) {
	if err != nil {
		require.NotEmpty(t, card.ReasonOf(err))
		return
	}
	require.True(t, row.Number.Valid())
	require.Equal(t, row.Result == card.ResultDone, card.ValidPAN(row.PAN))
	require.Equal(t, row.Result == card.ResultDone, row.Account != "")
}

func standard(t testing.TB, kind card.FileKind) *layout.Layout {
	l, err := layout.Standard(kind)
	require.NoError(t, err)
	return l
}
