package drill_test

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	exchange "onecard/connectors/exchange/sim"
)

// mend puts the rows of a partner's first answer of a kind in order, as its staff would do by hand.
func (b *hub) mend(partner, kind string) {
	b.Helper()
	found, err := filepath.Glob(b.partner(partner, "root", "outbox", partner+"_"+kind+"_*.txt"))
	require.NoError(b, err)
	require.Len(b, found, 1)
	text, err := os.ReadFile(found[0])
	require.NoError(b, err)
	lines := bytes.SplitAfter(text, []byte("\n"))
	last := len(lines) - 2 // the trailer; nothing comes after its line feed
	slices.SortFunc(lines[1:last], func(x, y []byte) int { return cmp.Compare(ref(x), ref(y)) })
	b.publish(partner, filepath.Base(found[0]), bytes.Join(lines, nil), last-1)
}

// ref is the row number of a detail line.
func ref(line []byte) int {
	n, _ := strconv.Atoi(strings.Split(string(line), "|")[1])
	return n
}

// forge puts an answer of a partner's out whose rows the drill has made up.
func (b *hub) forge(partner, name, answered string, rows ...string) {
	b.Helper()
	n, err := exchange.ParseFileName(name)
	require.NoError(b, err)
	text := fmt.Sprintf("H|%s|1|%s|%s|%s\n%s\nT|%d|0\n", n.Kind, name, n.Date, answered, strings.Join(rows, "\n"), len(rows))
	b.publish(partner, name, gb18030(b.T, text), len(rows))
}

// publish puts a file into a partner's outbox, with a manifest that the partner signed.
func (b *hub) publish(partner, name string, text []byte, rows int) {
	b.Helper()
	n, err := exchange.ParseFileName(name)
	require.NoError(b, err)
	key, err := exchange.SignKey(b.partner(partner, "sm2.pem"))
	require.NoError(b, err)
	sum := sm3.Sum(text)
	manifest, err := exchange.Manifest{Name: n, Size: int64(len(text)), Rows: rows, SM3: hex.EncodeToString(sum[:])}.Sign(key)
	require.NoError(b, err)
	path := b.partner(partner, "root", "outbox", name)
	for _, f := range []struct {
		path string
		text []byte
	}{{path, text}, {path + ".ok", manifest}} {
		require.NoError(b, os.WriteFile(f.path+".tmp", f.text, 0o600))
		require.NoError(b, os.Rename(f.path+".tmp", f.path))
	}
}
