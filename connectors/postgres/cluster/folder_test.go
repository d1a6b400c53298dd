package cluster

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParentsAreOpenedForPassingOnly(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	deep := filepath.Join(home, "checkout", "var", "postgres")
	require.NoError(t, os.MkdirAll(deep, 0o700))
	var log bytes.Buffer
	require.NoError(t, openParents(deep, &log))
	for path, mode := range map[string]os.FileMode{home: 0o701, filepath.Dir(deep): 0o701, deep: 0o700} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	require.Contains(t, log.String(), home)

	log.Reset()
	require.NoError(t, openParents(deep, &log))
	require.Empty(t, log.String(), "nothing is left to do")
}
