package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse also runs over settings that decode: nothing may panic, and what parses is in order.
func FuzzParse(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "deploy", "onecard.toml"))
	require.NoError(f, err)
	f.Add(string(text))
	f.Add("[[partner]]\npoll = 1\n")
	f.Add("partner = [1]\nvault = []\n")
	f.Add("[partner]\n[issuance]\nbatch_rows = 9223372036854775807\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, faults := parse(text)
		if len(faults) > 0 {
			require.Error(t, join(faults, lines(text)))
			return
		}
		require.Empty(t, c.wrong())
	})
}
