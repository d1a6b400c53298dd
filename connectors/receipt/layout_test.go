package receipt_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
	"onecard/connectors/receipt"
)

// short is how an invented bank wants its receipts: what became of which row and why, in GBK.
const short = `notation = 1
name     = "short-receipt"
title    = "short receipts"
message  = "RECEIPT"
version  = 3
encoding = "GBK"

[delimited]
delimiter = ","
quote     = "needed"

[[header]]
columns = [{ const = "R" }, { value = "answered" }]

[detail]
columns = [
  { value = "ref" },
  { field = "scope" },
  { field = "result" },
  { field = "code" },
  { field = "row" },
  { field = "line" },
  { field = "column" },
  { field = "column_name" },
  { field = "found" },
  { field = "expected" },
  { field = "sm3" },
  { field = "zh" },
  { field = "en" },
]

[[trailer]]
columns = [{ const = "E" }, { value = "rows" }]
`

// A partner with a layout of its own for receipts gets them so, and the others in the standard one.
func TestAReceiptInThePartnersOwnLayout(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "short.toml")
	require.NoError(t, os.WriteFile(file, []byte(short), 0o600))
	set, err := layout.OpenSet(file)
	require.NoError(t, err)
	x := exchangetest.New(t)
	client := receipt.Client{Exchange: x, Layouts: map[string]layout.Set{"ICBC": set}}
	proof, err := client.SendReceipt(t.Context(), card.OwedReceipt{File: name, Verdict: card.Verdict{File: answer, SM3: sm3, Outcome: card.Accepted}})
	require.NoError(t, err)
	require.Equal(t, "RECEIPT/3", proof.Layout)
	text, err := layout.GBK.Decode(x.Sent[name])
	require.NoError(t, err)
	require.Equal(t, "R,"+answer.Name()+"\n1,F,00,,,,,,,,"+sm3+",文件已收取并入账。,The file was taken and applied.\nE,1\n", text)

	other := name
	other.Partner = "ABC"
	proof, err = client.SendReceipt(t.Context(), card.OwedReceipt{File: other, Verdict: card.Verdict{File: answer, SM3: sm3, Outcome: card.Accepted}})
	require.NoError(t, err)
	require.Equal(t, "RECEIPT/1", proof.Layout)
}
