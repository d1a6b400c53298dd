package xlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestWhatIsReallyUnzippedCounts(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	part, err := z.Create("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	_, err = part.Write(bytes.Repeat([]byte(" "), 1000))
	require.NoError(t, err)
	require.NoError(t, z.Close())

	a, err := openArchive(bytes.NewReader(file.Bytes()), int64(file.Len()), Limits{Unzipped: 1 << 20, Entries: 10})
	require.NoError(t, err)
	a.left = 999
	r, err := a.open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	require.Equal(t, card.ReasonFileBomb, card.ReasonOf(err))
	require.NoError(t, r.Close())
}
