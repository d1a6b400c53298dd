package roster

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkSampleCSV(b *testing.B) {
	for b.Loop() {
		require.NoError(b, Sample(io.Discard, SampleOptions{Rows: 100_000, City: "440600", Bad: 0.02, Format: FormatCSV}))
	}
}

func benchmarkRead(b *testing.B, format string) {
	var file bytes.Buffer
	require.NoError(b, Sample(&file, SampleOptions{Rows: 100_000, City: "440600", Bad: 0.02, Format: format}))
	b.Logf("%d bytes", file.Len())
	b.ReportAllocs()
	for b.Loop() {
		r, err := New(bytes.NewReader(file.Bytes()), int64(file.Len()), Options{})
		require.NoError(b, err)
		n := 0
		for _, err := range r.Rows() {
			require.NoError(b, err)
			n++
		}
		require.Equal(b, 100_000, n)
		require.NoError(b, r.Close())
	}
}

func BenchmarkReadCSV(b *testing.B)  { benchmarkRead(b, FormatCSV) }
func BenchmarkReadXLSX(b *testing.B) { benchmarkRead(b, FormatXLSX) }
