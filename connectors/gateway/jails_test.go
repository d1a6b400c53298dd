package gateway

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestJailsAreApart does random operations of two partners, and of the hub, side by side. Whatever they are: nobody changes
// or sees what is another's, and what is declared stays as it was until the hub moves it.
func TestJailsAreApart(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.BytesPerSecond = 1 << 40 })
	clients := map[string]*sftp.Client{"ICBC": s.visitAs(t, "ICBC"), "ABC": s.visitAs(t, "ABC")}
	rapid.Check(t, func(t *rapid.T) {
		w := world{station: s, clients: clients}
		w.clear(t)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			w.step(t)
		}
	})
}

type world struct {
	*station
	clients map[string]*sftp.Client
}

// tree is everything in a partner's account on the disk, by path.
type tree map[string]string

func (w world) tree(t require.TestingT, partner string) tree {
	found := tree{}
	err := filepath.WalkDir(w.inside(partner), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		relative, _ := filepath.Rel(w.inside(partner), path)
		found[relative] = string(text)
		return err
	})
	require.NoError(t, err)
	return found
}

func (w world) clear(t require.TestingT) {
	for partner := range w.clients {
		for path := range w.tree(t, partner) {
			require.NoError(t, os.Remove(w.inside(partner, path)))
		}
	}
}

func (w world) step(t *rapid.T) {
	partner := rapid.SampledFrom([]string{"ICBC", "ABC"}).Draw(t, "who")
	other := map[string]string{"ICBC": "ABC", "ABC": "ICBC"}[partner]
	mine, theirs := w.tree(t, partner), w.tree(t, other)
	if rapid.IntRange(0, 3).Draw(t, "hub") == 0 {
		w.hub(t, partner)
	} else {
		w.partner(t, partner)
		requireHubsUntouched(t, mine, w.tree(t, partner))
	}
	require.Equal(t, theirs, w.tree(t, other), "the other's account")
}

// hub writes into the inbox, or takes or refuses what is declared.
func (w world) hub(t *rapid.T, partner string) {
	name := fileOf(partner, rapid.IntRange(1, 2).Draw(t, "sequence")).Name()
	if rapid.Bool().Draw(t, "write") {
		for _, n := range []string{name, name + ".ok"} {
			require.NoError(t, os.WriteFile(w.inside(partner, "inbox", n), []byte(partner+" from the hub"), 0o600))
		}
		return
	}
	folder := rapid.SampledFrom([]string{"outbox/done", "outbox/refused"}).Draw(t, "to")
	if _, err := os.Stat(w.inside(partner, "outbox", name+".ok")); err != nil {
		return
	}
	for _, n := range []string{name, name + ".ok"} {
		err := os.Rename(w.inside(partner, "outbox", n), w.inside(partner, folder, n))
		require.True(t, err == nil || os.IsNotExist(err))
	}
}

func (w world) partner(t *rapid.T, partner string) {
	c := w.clients[partner]
	path, to := w.path(t, partner), w.path(t, partner)
	text := []byte(partner + " writes " + rapid.StringMatching(`[a-z]{0,9}`).Draw(t, "text"))
	switch rapid.IntRange(0, 9).Draw(t, "operation") {
	case 0, 1, 2: // all that a delivery needs, or some of it
		f := fileOf(partner, rapid.IntRange(1, 2).Draw(t, "sequence"))
		names := [][]string{{f.Name(), f.Name() + ".ok"}, {f.Name()}, {f.Name() + ".ok"}}
		for _, n := range rapid.SampledFrom(names).Draw(t, "names") {
			_ = put(c, "outbox/"+n+".tmp", text)
			_ = c.PosixRename("outbox/"+n+".tmp", "outbox/"+n)
		}
	case 3, 4:
		_ = put(c, path, text)
	case 5:
		_ = c.PosixRename(path, to)
	case 6:
		_ = c.Rename(path, to)
	case 7:
		_ = c.Remove(path)
	case 8:
		if text, err := get(c, path); err == nil {
			require.True(t, len(text) == 0 || strings.HasPrefix(string(text), partner+" "), "read what is another's")
		}
	case 9:
		entries, _ := c.ReadDir(path)
		for _, e := range entries {
			require.True(t, e.IsDir() || strings.HasPrefix(e.Name(), partner+"_"), "saw what is another's")
		}
	}
}

// path draws a place, of another's files too, and spells it in some way.
func (w world) path(t *rapid.T, partner string) string {
	owner := rapid.SampledFrom([]string{partner, partner, partner, partner, "ICBC", "ABC"}).Draw(t, "owner")
	at := anyPlace(owner).Draw(t, "place").path()
	if there := slices.Sorted(maps.Keys(w.tree(t, owner))); len(there) > 0 && rapid.Bool().Draw(t, "there") {
		at = rapid.SampledFrom(there).Draw(t, "path")
	}
	before := rapid.SampledFrom([]string{"", "", "/", "../", "inbox/../", "../" + owner + "/", "/../../" + owner + "/", "//./"}).Draw(t, "spelling")
	return before + at
}

// requireHubsUntouched holds that a partner's operation left alone what is the hub's: what is declared, done, or from it.
func requireHubsUntouched(t require.TestingT, before, after tree) {
	for path, text := range before {
		dir, name := filepath.Split(path)
		_, declared := before[dir+strings.TrimSuffix(name, ".ok")+".ok"]
		_, present := before[dir+strings.TrimSuffix(name, ".ok")]
		switch dir {
		case "outbox/":
			if declared && present && !strings.HasSuffix(name, ".tmp") {
				require.Equal(t, text, after[path], path)
			}
		case "outbox/done/", "inbox/done/":
			require.Equal(t, text, after[path], path)
		case "inbox/":
			if _, still := after[path]; still {
				require.Equal(t, text, after[path], path)
			}
		}
	}
	for path := range after {
		_, before := before[path]
		require.True(t, before || !strings.HasPrefix(path, "inbox/") || strings.HasPrefix(path, "inbox/done/"), "made %s", path)
		require.True(t, before || !strings.HasPrefix(path, "outbox/done/") && !strings.HasPrefix(path, "outbox/refused/"), "made %s", path)
	}
}
