package sim

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

func TestLedgerLinesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		cell := rapid.StringOfN(rapid.RuneFrom([]rune(`aZ09 ,"|·欧阳测`)), 0, 12, -1)
		var in Entry
		want := make([]string, 0, ledgerColumns)
		for _, column := range in.columns() {
			text := cell.Draw(r, "cell")
			want = append(want, text)
			encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
			require.NoError(r, err)
			*column = encoded
		}
		line := in.appendTo(nil)
		require.Equal(r, byte('\n'), line[len(line)-1])
		var out Entry
		require.NoError(r, out.parse(line[:len(line)-1]))
		for i, column := range out.columns() {
			require.Equal(r, want[i], string(*column))
		}
	})
}

func FuzzEntryParse(f *testing.F) {
	for _, seed := range []string{"", ",,,,,,,,,", `"a",,,,,,,,,`, `"`, "a,b", `,,,,,,,,,"x""y"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var e Entry
		if bytes.ContainsAny(line, "\n\r") || e.parse(line) != nil {
			return
		}
		for _, column := range e.columns() {
			require.LessOrEqual(t, len(*column), len(line))
		}
	})
}

func TestLedgerIsReadWhileItGrows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.csv")
	require.NoError(t, ScanLedger(path, nil), "no ledger, no lines")
	l, err := openLedger(path)
	require.NoError(t, err)
	require.NoError(t, l.add(Entry{Event: []byte("one")}))
	_, err = l.file.WriteString("half a li")
	require.NoError(t, err)
	var events []string
	require.NoError(t, l.Scan(func(e *Entry) error {
		events = append(events, string(e.Event))
		return nil
	}))
	require.Equal(t, []string{"one"}, events)
	stop := errors.New("stop")
	require.ErrorIs(t, l.Scan(func(*Entry) error { return stop }), stop)
	require.NoError(t, l.close())

	require.NoError(t, os.WriteFile(path, []byte("something else\n"), 0o600))
	require.Error(t, ScanLedger(path, nil))
	require.NoError(t, os.WriteFile(path, []byte(ledgerHeader+"a,b\n"), 0o600))
	require.Error(t, ScanLedger(path, nil))
}
