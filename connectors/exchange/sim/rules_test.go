package sim

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func writeRules(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestRulesAreStrict(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rules.toml")
	rule := "[[rule]]\npartner=\"ICBC\"\nkind=\"ACCTREQ\"\n"
	for _, bad := range []string{
		"[[rule", "[[rules]]", rule, rule + `do="explode"`, rule + `do="refuse"`, rule + "do=\"omit\"\ncode=\"E01\"", rule + "do=\"omit\"\nshare=1.5",
		rule + "do=\"omit\"\nshare=-0.1", rule + `do="delay"`, rule + "do=\"delay\"\nafter=\"soon\"", rule + "do=\"omit\"\nafter=\"1s\"",
		rule + "do=\"silent\"\ntimes=1", rule + "do=\"drop\"\nshare=0.5", rule + "do=\"omit\"\nbytes=5", rule + "do=\"omit\"\ntimes=-1",
		rule + "do=\"omit\"\nwhen=\"now\"", rule + `do="payback"`, rule + "do=\"lose\"\ncode=\"E01\"", rule + "do=\"misstate\"\nafter=\"1s\"", "[[rule]]\ndo=\"omit\"\nkind=\"*\"",
	} {
		writeRules(t, path, bad)
		_, err := ReadRules(path)
		require.Error(t, err, bad)
	}
	writeRules(t, path, rule+"do=\"delay\"\nafter=\"1m5s\"\nshare=0.25\ntimes=3\n"+rule+"do=\"drop\"\nbytes=1000\n")
	rules, err := ReadRules(path)
	require.NoError(t, err)
	share := 0.25
	require.Equal(t, []Rule{
		{Partner: "ICBC", Kind: "ACCTREQ", Do: Postpone, After: 65 * time.Second, Share: &share, Times: 3},
		{Partner: "ICBC", Kind: "ACCTREQ", Do: Cut, Bytes: 1000},
	}, rules)
}

func TestRulebookFollowsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rules.toml")
	book, err := OpenRules(path)
	require.NoError(t, err, "a file that is not there has no rules")
	current := func(want, version int) {
		t.Helper()
		rules, v, err := book.Current()
		require.NoError(t, err)
		require.Len(t, rules, want)
		require.Equal(t, version, v)
	}
	current(0, 0)
	writeRules(t, path, "[[rule]]\npartner=\"*\"\nkind=\"*\"\ndo=\"silent\"\n")
	current(1, 1)
	current(1, 1)
	writeRules(t, path, "[[rule]]\npartner=\"*\"\n")
	_, _, err = book.Current()
	require.Error(t, err)
	current(1, 1)
	require.NoError(t, os.Remove(path))
	current(0, 2)

	writeRules(t, path, "what")
	_, err = OpenRules(path)
	require.Error(t, err)
	none, err := OpenRules("")
	require.NoError(t, err)
	rules, _, err := none.Current()
	require.NoError(t, err)
	require.Empty(t, rules)
}

func TestAnEmptyFileMayBeOneThatIsBeingWritten(t *testing.T) {
	t.Parallel()
	now := time.Now()
	require.True(t, stamp{now.Add(time.Hour), 0}.justEmptied())
	require.False(t, stamp{now.Add(-time.Hour), 0}.justEmptied())
	require.False(t, stamp{now.Add(time.Hour), 1}.justEmptied())
	require.False(t, stamp{}.justEmptied(), "no file at all")
}

func TestSievesAreSteadyAndIndependent(t *testing.T) {
	t.Parallel()
	half := 0.5
	refuse := newSieve(Rule{Do: RefuseRow, Code: "E01", Share: &half})
	other := newSieve(Rule{Do: RefuseRow, Code: "E02", Share: &half})
	both, total := 0, 10_000
	for n := range total {
		ref := appendRef(nil, n+1)
		again := newSieve(Rule{Do: RefuseRow, Code: "E01", Share: &half})
		require.Equal(t, refuse.picks(ref, nil), again.picks(ref, nil))
		if refuse.picks(ref, nil) && other.picks(ref, nil) {
			both++
		}
	}
	require.InDelta(t, total/4, both, 300)
}

func appendRef(p []byte, n int) []byte {
	if n >= 10 {
		p = appendRef(p, n/10)
	}
	return append(p, byte('0'+n%10))
}
