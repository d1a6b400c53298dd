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
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: "BUREAU", Kind: card.CardRet, Date: "20261121", Seq: 3}}
		for row, err := range layout.Read(open, answer, want, parseCard) {
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
