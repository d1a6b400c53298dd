package gateway

import (
	"io"
	"os"
	"path"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
)

func TestAFilesWayToTheHubAndBack(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	f, text := fileOf("ICBC", 1), pattern(300_000)
	name := f.Name()
	require.NoError(t, deliver(c, f, text))
	got, err := os.ReadFile(s.inside("ICBC", "outbox", name))
	require.NoError(t, err)
	require.Equal(t, text, got)

	// With its manifest it is the hub's.
	for _, n := range []string{name, name + ".ok"} {
		require.ErrorIs(t, c.Remove("outbox/"+n), os.ErrPermission)
		require.ErrorIs(t, put(c, "outbox/"+n, nil), os.ErrPermission)
		require.NoError(t, put(c, "outbox/"+n+".tmp", []byte("other")))
		require.ErrorIs(t, c.PosixRename("outbox/"+n+".tmp", "outbox/"+n), os.ErrPermission)
		require.ErrorIs(t, c.PosixRename("outbox/"+n, "outbox/"+n+".tmp"), os.ErrPermission)
		require.ErrorIs(t, c.PosixRename("outbox/"+n, "outbox/done/"+n), os.ErrPermission)
	}
	// Once taken its name stays taken, also between the two moves of the hub.
	for _, n := range []string{name, name + ".ok"} {
		s.hubMoves(t, "outbox/"+n, "outbox/done/"+n)
		require.ErrorIs(t, c.PosixRename("outbox/"+name+".tmp", "outbox/"+name), os.ErrPermission)
		require.ErrorIs(t, c.Remove("outbox/done/"+n), os.ErrPermission)
		got, err = get(c, "outbox/done/"+n)
		require.NoError(t, err)
		require.Equal(t, text, got)
	}
	require.NotEmpty(t, s.audit.find(t, "rename", taken))
	require.Equal(t, int64(len(text)), s.audit.find(t, "write", done)[0].Bytes)
}

func TestARefusedFileIsThePartnersAgain(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	f := fileOf("ICBC", 1)
	name := f.Name()
	require.NoError(t, deliver(c, f, []byte("bad")))
	s.hubMoves(t, "outbox/"+name, "outbox/refused/"+name)
	require.ErrorIs(t, deliver(c, f, []byte("good")), os.ErrPermission, "its manifest is still the hub's")
	require.NoError(t, c.Remove("outbox/"+name+".ok"), "a manifest without its file, as after a crash of the hub")
	require.NoError(t, deliver(c, f, []byte("good")))
	require.NoError(t, c.Remove("outbox/refused/"+name))
	require.ErrorIs(t, c.Remove("outbox/refused/"+name), os.ErrNotExist)
}

func TestUndeclaredFilesAreThePartners(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	at := "outbox/" + fileOf("ICBC", 1).Name()
	require.NoError(t, put(c, at+".ok.tmp", []byte("manifest")))
	require.ErrorIs(t, c.PosixRename(at+".ok.tmp", at+".ok"), os.ErrPermission, "a manifest of nothing")
	for _, text := range []string{"first", "second"} {
		require.NoError(t, put(c, at+".tmp", []byte(text)))
		require.NoError(t, c.PosixRename(at+".tmp", at))
	}
	require.NoError(t, put(c, at+".tmp", []byte("third")))
	require.Error(t, c.Rename(at+".tmp", at), "the plain rename replaces nothing")
	require.NoError(t, c.Remove(at))
	require.NoError(t, c.Rename(at+".tmp", at))
	require.NoError(t, c.Rename(at+".ok.tmp", at+".ok"))
}

func TestThePartnersInbox(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	name := fileOf("ICBC", 1).Name()
	s.hubWrites(t, "inbox/"+name+".tmp", []byte("half"))
	_, err := get(c, "inbox/"+name+".tmp")
	require.ErrorIs(t, err, os.ErrNotExist, "the hub's drafts are not there")
	s.hubMoves(t, "inbox/"+name+".tmp", "inbox/"+name)
	require.ErrorIs(t, c.PosixRename("inbox/"+name, "inbox/done/"+name), os.ErrPermission, "the hub is not done")
	s.hubWrites(t, "inbox/"+name+".ok", []byte("manifest"))
	got, err := get(c, "inbox/"+name)
	require.NoError(t, err)
	require.Equal(t, "half", string(got))

	for _, n := range []string{name, name + ".ok"} {
		require.ErrorIs(t, c.Remove("inbox/"+n), os.ErrPermission)
		require.ErrorIs(t, put(c, "inbox/"+n, nil), os.ErrPermission)
		require.ErrorIs(t, c.PosixRename("inbox/"+n, "outbox/"+n), os.ErrPermission)
		require.ErrorIs(t, c.PosixRename("inbox/"+n, "inbox/done/"+fileOf("ICBC", 2).Name()), os.ErrPermission)
		require.NoError(t, c.Rename("inbox/"+n, "inbox/done/"+n))
	}
	s.hubWrites(t, "inbox/"+name, []byte("again"))
	require.Error(t, c.PosixRename("inbox/"+name, "inbox/done/"+name), "what is done is not replaced")
	require.NoError(t, c.PosixRename("inbox/"+name, "inbox/done/"+name+".2"))
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	name := fileOf("ICBC", 1).Name()
	secret := s.inside("ABC", "outbox", fileOf("ABC", 1).Name())
	require.NoError(t, os.WriteFile(secret, []byte("ABC's"), 0o600))
	require.NoError(t, os.Symlink(secret, s.inside("ICBC", "inbox", name)))
	require.NoError(t, os.WriteFile(s.inside("ICBC", "notes"), nil, 0o600))
	require.NoError(t, os.Mkdir(s.inside("ICBC", "outbox", fileOf("ICBC", 3).Name()), 0o700))

	for _, p := range []string{
		"/etc/passwd", "../ABC/outbox/" + fileOf("ABC", 1).Name(), "notes", "outbox/" + fileOf("ABC", 1).Name(), "inbox/" + name,
		"outbox/" + fileOf("ICBC", 3).Name(), "outbox/" + name + "\x00", "outbox/x/" + name, "outbox\\" + name, name,
		"inbox/" + name + ".2", "outbox/done/" + name + ".1", "outbox/done/" + name + ".02", "outbox/done/" + name + ".tmp",
	} {
		_, err := c.Stat(p)
		require.ErrorIs(t, err, os.ErrNotExist, p)
		_, err = get(c, p)
		require.ErrorIs(t, err, os.ErrNotExist, p)
		require.Error(t, put(c, p, nil), p)
		require.Error(t, c.Remove(p), p)
		require.Error(t, c.Mkdir(p), p)
		require.Error(t, c.Rename(p, "outbox/"+name), p)
		require.Error(t, c.Symlink("outbox/"+name+".tmp", p), p)
		require.Error(t, c.Link("outbox/"+name+".tmp", p), p)
		_, err = c.ReadDir(p)
		require.Error(t, err, p)
		_, err = c.ReadLink(p)
		require.Error(t, err, p)
	}
	entries, err := c.ReadDir("inbox")
	require.NoError(t, err)
	require.Len(t, entries, 1, "done, and not the link")
	for _, a := range s.audit.lines(t) {
		require.NotContains(t, a.Path+a.To, "passwd", "what a client makes up is not in the audit")
	}
}

func TestAttributesAreOurs(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	at := "outbox/" + fileOf("ICBC", 1).Name() + ".tmp"
	require.NoError(t, put(c, at, []byte("draft")))
	require.NoError(t, c.Chmod(at, 0o777), "clients that insist are humoured")
	require.NoError(t, c.Chown(at, 1, 1))
	require.Error(t, c.Truncate(at, 1))
	require.ErrorIs(t, c.Chmod(at+"x", 0o777), os.ErrPermission)
	info, err := os.Stat(s.inside("ICBC", at))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.EqualValues(t, 5, info.Size())
	seen, err := c.Stat(at)
	require.NoError(t, err)
	require.Zero(t, seen.Sys().(*sftp.FileStat).UID)

	entries, err := c.ReadDir("/")
	require.NoError(t, err)
	require.Len(t, entries, 3, "inbox, outbox and test")
	require.Error(t, c.RemoveDirectory("outbox/done"))
	require.Error(t, c.Mkdir("outbox"))
	require.Error(t, c.PosixRename("outbox", "inbox"))
	quota, err := c.StatVFS("/")
	require.NoError(t, err)
	require.EqualValues(t, 8<<30, quota.TotalSpace())
	require.EqualValues(t, 1, quota.Files-quota.Ffree)
}

func TestTwoHandsOnOneDraft(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	one, two := s.visit(t), s.visit(t)
	at := "outbox/" + fileOf("ICBC", 1).Name()
	dead, err := one.OpenFile(at+".tmp", os.O_WRONLY|os.O_CREATE)
	require.NoError(t, err)
	_, err = dead.Write([]byte("first "))
	require.NoError(t, err)

	// The connection broke and the client comes again: it goes on where it was, and the old handle writes no more.
	alive, err := two.OpenFile(at+".tmp", os.O_RDWR)
	require.NoError(t, err)
	_, err = dead.Write([]byte("lost"))
	require.ErrorContains(t, err, "opened anew")
	_, err = alive.Seek(0, io.SeekEnd)
	require.NoError(t, err)
	_, err = alive.Write([]byte("second"))
	require.NoError(t, err)
	back := make([]byte, 12)
	_, err = alive.ReadAt(back, 0)
	require.NoError(t, err)
	require.Equal(t, "first second", string(back))

	// What has its own name is not written any more, whoever still has it open.
	require.NoError(t, two.PosixRename(at+".tmp", at))
	_, err = alive.Write([]byte("third"))
	require.ErrorContains(t, err, "renamed")
	require.NoError(t, dead.Close())
	require.NoError(t, alive.Close())
	text, err := os.ReadFile(s.inside("ICBC", at))
	require.NoError(t, err)
	require.Equal(t, "first second", string(text))
}

func TestListingsOfAnySize(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	for seq := 1; seq <= 731; seq++ {
		s.hubWrites(t, path.Join("outbox/done", fileOf("ICBC", seq).Name()), nil)
	}
	c := s.visit(t)
	entries, err := c.ReadDir("outbox/done")
	require.NoError(t, err)
	require.Len(t, entries, 731)
}
