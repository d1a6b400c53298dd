package bureau

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// Whatever a bureau sends, the reader refuses it or yields rows that keep their promises.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("H|CARDRET|1|BUREAU_CARDRET_20261121_000003.txt|20261121|BUREAU_CARDREQ_20261121_000003.txt\n" +
		"D|1|D00000128|440600D15600000500000001DE1B38F3|0081544B31869B440100000001|03-0017-042|00|\nD|2|D00000136||||M02|\nT|2|0\n"))
	standard, err := layout.Standard(card.CardRet)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: "BUREAU", Kind: card.CardRet, Date: "20261121", Seq: 3}}
		for row, err := range layout.Read(open, standard, want, parseCard) {
			if err != nil {
				require.NotEmpty(t, card.ReasonOf(err))
				return
			}
			require.True(t, row.Number.Valid())
			require.Equal(t, row.Result == card.ResultDone, row.Reason == "")
			if row.Result == card.ResultDone {
				require.True(t, row.Ident.Valid() && row.ATR.Valid() && isPosition(row.Position))
			}
		}
	})
}

func BenchmarkOrderCards(b *testing.B) {
	f := card.File{Partner: "BUREAU", Kind: card.CardReq, Date: "20261121", Seq: 3}
	o := card.Order{
		Number: "D00000128", PAN: "6299990000000000012", City: "440600", Outlet: "44060001", Face: "F3-2026.1",
		Issued: "20261121", ValidUntil: "20361121",
		Person: card.Person{DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Sex: card.Male, Ethnic: "01", Birth: "19900101"},
	}
	standard, err := layout.Standard(card.CardReq)
	require.NoError(b, err)
	w := layout.NewWriter(io.Discard, standard, f)
	fields := make([]string, 0, len(standard.Message.Fields))
	b.ReportAllocs()
	for o.Ref = 1; b.Loop(); o.Ref++ {
		ref, all, err := cardFields(o, fields)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Row(ref, all...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
