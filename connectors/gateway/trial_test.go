package gateway

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A partner has the same folders for tests, apart from the real ones: nothing goes from one to the other.
func TestTheFoldersForTests(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	name := fileOf("ICBC", 1).Name()
	require.NoError(t, put(c, "test/outbox/"+name+".tmp", []byte("answer")))
	require.ErrorIs(t, c.PosixRename("test/outbox/"+name+".tmp", "outbox/"+name), os.ErrPermission)
	require.NoError(t, c.PosixRename("test/outbox/"+name+".tmp", "test/outbox/"+name))
	got, err := os.ReadFile(s.inside("ICBC", "test", "outbox", name))
	require.NoError(t, err)
	require.Equal(t, "answer", string(got))
	for _, folder := range []string{"test", "test/inbox", "test/inbox/done", "test/outbox", "test/outbox/done"} {
		_, err := c.ReadDir(folder)
		require.NoError(t, err, folder)
	}
	entries, err := c.ReadDir("test/outbox")
	require.NoError(t, err)
	require.Len(t, entries, 3, "the file, done and refused")
	quota, err := c.StatVFS("/")
	require.NoError(t, err)
	require.EqualValues(t, 1, quota.Files-quota.Ffree, "it counts")
}

// A partner refuses a file of the hub's by a notice in its outbox.
func TestNoticesOfRefusals(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	notice := fileOf("ICBC", 1).Name() + ".err"
	require.Error(t, put(c, "inbox/"+notice+".tmp", nil))
	require.NoError(t, put(c, "outbox/"+notice+".tmp", []byte("reason=FILE_SIZE\n")))
	require.NoError(t, c.PosixRename("outbox/"+notice+".tmp", "outbox/"+notice))
	s.hubMoves(t, "outbox/"+notice, "outbox/done/"+notice)
	got, err := get(c, "outbox/done/"+notice)
	require.NoError(t, err)
	require.Equal(t, "reason=FILE_SIZE\n", string(got))
}
