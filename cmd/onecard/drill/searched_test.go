package drill_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

// TestSearchFinds plants canary people where they must never be and finds every one of them: the search that finds nothing
// elsewhere is one that can find.
func TestSearchFinds(t *testing.T) {
	b := enter(t).lodger(t)
	wanted := traces(t)

	b.exec(b.house.database(b.name), `create table planted as select $1::text as plain, convert_to($1, 'UTF8') as utf8, $2::bytea as gb`,
		markName+markAddress, gb18030(t, markName+markAddress))
	require.Equal(t, map[string]bool{"UTF-8": true, "UTF-8 in hex": true, "GB18030 in hex": true},
		found(dump(t, b.house.database(b.name)), wanted))

	st := b.house.servers.State()
	c, err := client.Dial(client.Options{HostPort: st.TemporalAddress, Namespace: st.Namespace})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: b.name, TaskQueue: "nobody"}, "nothing", markName, gb18030(t, markAddress))
	require.NoError(t, err)
	b.eventually("the workflow is listed", func() bool {
		shapes := map[string]bool{}
		for _, text := range histories(t, st.TemporalAddress, st.Namespace) {
			for shape := range found(text, wanted) {
				shapes[shape] = true
			}
		}
		return shapes["UTF-8"] && shapes["UTF-8 in base64"] && shapes["GB18030 in base64"]
	})

	for n, w := range wanted {
		dir := filepath.Join(t.TempDir(), "var")
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "log", "old"), 0o700))
		path := filepath.Join(dir, "log", "old", "some.log")
		require.NoError(t, os.WriteFile(path, append([]byte("\x00time=now "), w.bytes...), 0o600))
		require.Equal(t, []string{path}, foundIn(t, dir, "partners"), "trace %d", n)
		require.Empty(t, foundIn(t, dir, "log"))
	}
}
