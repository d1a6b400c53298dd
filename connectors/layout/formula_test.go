package layout_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

// What begins like a formula leaves a workbook's cell as text, which no program computes, and comes back as it was.
func TestNoCellOfAWorkbookStartsAFormula(t *testing.T) {
	t.Parallel()
	set, err := layout.OpenSet("township-dispatch")
	require.NoError(t, err)
	l, err := set.Of(card.Dispatch)
	require.NoError(t, err)
	f := card.File{Partner: "OUTLET", Kind: card.Dispatch, Date: "20261121", Seq: 1}
	names := []string{"=1+1", "+1", "-1", "@SUM(A1)", "＝cmd|' /C calc'!A0", "＋1", "－1", "＠x"}
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, f)
	for i, name := range names {
		require.NoError(t, w.Row(i+1, "D00000128", "O", "44060001", "", name, "", name, "", name))
	}
	_, _, err = w.Close()
	require.NoError(t, err)

	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	sheet, err := z.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	xml, err := io.ReadAll(sheet)
	require.NoError(t, err)
	require.NotContains(t, string(xml), "<f", "a formula")
	require.NotRegexp(t, `<t[^>]*>[=+\-@＝＋－＠]`, string(xml), "a text that is taken for one when the cell is edited")

	n := 0
	for row, err := range layout.NewReader(bytes.NewReader(b.Bytes()), l, layout.Expected{File: f}).Rows() {
		require.NoError(t, err)
		require.Equal(t, names[n], row.Fields[4])
		require.Equal(t, names[n], row.Fields[6])
		n++
	}
	require.Equal(t, len(names), n)
}
