package civil

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// Whatever civil affairs sends, the reader refuses it or yields rows that keep their promises.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("H|MATCHRET|1|CIVIL_MATCHRET_20261121_000001.txt|20261121|CIVIL_MATCHREQ_20261121_000001.txt\n" +
		"D|1|440100199001010015|00|\nD|2|810000199203070028|03|20260930\nT|2|0\n"))
	standard, err := layout.Standard(card.MatchRet)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: "CIVIL", Kind: card.MatchRet, Date: "20261121", Seq: 1}}
		for row, err := range layout.Read(open, standard, want, parseMatch) {
			if err != nil {
				require.NotEmpty(t, card.ReasonOf(err))
				return
			}
			require.Equal(t, row.Result == card.ResultDone, row.Reason == "")
			require.True(t, row.Died == "" || row.Reason == card.ReasonMatchDeceased)
			require.NotEmpty(t, row.SSN)
		}
	})
}
