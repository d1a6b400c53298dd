package sim

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim/simtest"
)

// TestRegister answers about single people as its register has them by then, before any rule.
func TestRegister(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "register.csv")
	h := simtest.New(t)
	cfg := h.Config("CIVIL", New(path))
	cfg.Rules = h.Rules("[[rule]]\npartner=\"*\"\nkind=\"MATCHREQ\"\ndo=\"refuse\"\ncode=\"02\"\nrows=1\n")
	p := h.Start(cfg)
	for _, e := range []Entry{
		{Number: "440100199001010015", Fate: Deceased},
		{Number: "440300198506150116", Fate: Unregistered},
		{Number: "440100200802290024", Fate: Renamed},
		{Number: "440100199001010015", Fate: Deceased, Died: "20261020"},
	} {
		require.NoError(t, Enter(path, e))
	}
	for _, e := range []Entry{{Number: "居民身份证", Fate: Renamed}, {Number: "440300198506150116", Fate: Deceased, Died: "20261340"}, {Number: "440300198506150116", Fate: "gone"}, {Fate: Alive}, {Number: "440300198506150116", Fate: Alive, Died: "20261020"}} {
		require.Error(t, Enter(path, e))
	}
	name := "\xc5\xb7\xd1\xf4"
	people := []string{"1|01|440100199001010015|" + name + "|19900101", "2|01|440300198506150116|" + name + "|19850615", "3|01|440100200802290024|" + name + "|20080229"}
	h.Send(request, people...)
	require.Equal(t, [][]string{
		{"1", "440100199001010015", "03", "20261020"}, {"2", "440300198506150116", "01", ""}, {"3", "440100200802290024", "02", ""},
	}, h.Answer(p, returned))

	require.NoError(t, os.WriteFile(path, []byte("440100199001010015,alive,\nnonsense\n440300198506150116,nonsense,\n"), 0o600))
	second := "CIVIL_MATCHREQ_20261121_000002.txt"
	h.Send(second, people[0], people[1])
	require.Equal(t, [][]string{{"1", "440100199001010015", "00", ""}, {"2", "440300198506150116", "00", ""}}, h.Answer(p, "CIVIL_MATCHRET_20261121_000002.txt"))
	require.Equal(t, 5, h.Events()[EventMatched])
}
