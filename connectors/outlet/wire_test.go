package outlet

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// Whatever an outlet sends, the reader refuses it or yields rows that keep their promises.
func FuzzReport(f *testing.F) {
	f.Add([]byte("H|REPORT|1|OUTLET_REPORT_20261125_000002.txt|20261125|\n" +
		"D|1|D00000128|H|20261125093000|01|C0001|OUTLET_DISPATCH_20261121_000009.txt\n" +
		"D|7|D00000144|R|20261125120000|||OUTLET_DISPATCH_20261121_000009.txt\nT|2|0\n"))
	standard, err := layout.Standard(card.Report)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		want := layout.Expected{File: card.File{Partner: Partner, Kind: card.Report, Date: "20261125", Seq: 2}}
		for row, err := range layout.Read(open, standard, want, parseReport) {
			if err != nil {
				require.NotEmpty(t, card.ReasonOf(err))
				return
			}
			require.True(t, row.Number.Valid())
			require.Equal(t, card.Dispatch, row.Dispatch.Kind)
			require.False(t, row.At.IsZero())
			require.Equal(t, row.Event == card.ReportHanded, row.Proof != "")
		}
	})
}
