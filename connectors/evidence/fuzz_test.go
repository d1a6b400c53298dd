package evidence_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/evidence"
)

// FuzzVerify hands the verifier entries of anybody's making: it never holds what is not signed, and never fails but by saying so.
func FuzzVerify(f *testing.F) {
	f.Add(`{"id":"R20261121-001","batches":[{"number":1,"rows":1,"fen":5}]}`, `{"batch":1,"row":1,"bank":"102","card":"E00000012","person":"00","fen":5,"status":"P40"}`, "")
	f.Add(`{}`, `{"row":-1,"bank":"x"}`, `{"no":1}`)
	f.Add(`[]`, `{"batch":1,"row":99999999999}`, "null")
	f.Fuzz(func(t *testing.T, rollout, rows, audit string) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, text := range map[string]string{"rollout.json": rollout, "rows.jsonl": rows, "audit.jsonl": audit, "files.jsonl": rows,
			"reconciliation.json": rollout, "approvals.json": audit, "rules.txt": "P 2026 " + rollout, "exceptions.jsonl": rows} {
			e, err := w.Create(name)
			require.NoError(t, err)
			_, err = e.Write([]byte(text))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		r, err := evidence.Verify(bytes.NewReader(b.Bytes()), int64(b.Len()), "")
		require.NoError(t, err)
		require.False(t, r.Holds())
	})
}
