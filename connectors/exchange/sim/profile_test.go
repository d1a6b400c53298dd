package sim

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
)

// stay is a client at a server with a profile.
type stay struct {
	*testing.T
	*sftp.Client
	server  *Server
	visitor visitor
	root    string
}

// offer puts somefile into the outbox.
func (s *stay) offer(text []byte) {
	s.Helper()
	require.NoError(s.T, os.WriteFile(filepath.Join(s.root, "outbox", somefile), text, 0o600))
}

// seen returns what a listing of the outbox shows as name.
func (s *stay) seen(name string) os.FileInfo {
	s.Helper()
	entries, err := s.ReadDir("outbox")
	require.NoError(s.T, err)
	for _, e := range entries {
		if e.Name() == name {
			return e
		}
	}
	return nil
}

func requireStatus(t require.TestingT, err error, code error) {
	var status *sftp.StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, code, status.FxCode())
}

const somefile = "ICBC_ACCTRET_20261121_000001.txt"

// what each profile does to a client that knows nothing of it.
var stays = map[string]func(*stay){
	"no-posix-rename": func(s *stay) {
		_, able := s.HasExtension("posix-rename@openssh.com")
		require.False(s.T, able)
		_, able = s.HasExtension("statvfs@openssh.com")
		require.True(s.T, able, "the others stay")
		require.NoError(s.T, put(s.Client, "inbox/a.tmp", nil))
		requireStatus(s.T, s.PosixRename("inbox/a.tmp", "inbox/a"), sftp.ErrSSHFxOpUnsupported)
		require.NoError(s.T, s.Rename("inbox/a.tmp", "inbox/a"))
	},
	"no-replace": func(s *stay) {
		require.NoError(s.T, put(s.Client, "inbox/a.tmp", nil))
		require.NoError(s.T, put(s.Client, "inbox/a", nil))
		require.Error(s.T, s.PosixRename("inbox/a.tmp", "inbox/a"))
		require.NoError(s.T, s.PosixRename("inbox/a.tmp", "inbox/b"))
	},
	"write-once": func(s *stay) {
		require.NoError(s.T, put(s.Client, "inbox/a.tmp", []byte("x")))
		require.Error(s.T, put(s.Client, "inbox/a.tmp", []byte("y")))
		require.NoError(s.T, s.Remove("inbox/a.tmp"))
		require.NoError(s.T, put(s.Client, "inbox/a.tmp", []byte("y")))
	},
	"read-once": func(s *stay) {
		s.offer([]byte("content"))
		_, err := get(s.Client, "outbox/"+somefile)
		require.NoError(s.T, err)
		_, err = get(s.Client, "outbox/"+somefile)
		require.ErrorIs(s.T, err, os.ErrNotExist)
	},
	"read-once-denied": func(s *stay) {
		s.offer([]byte("content"))
		_, err := get(s.Client, "outbox/"+somefile)
		require.NoError(s.T, err)
		_, err = get(s.Client, "outbox/"+somefile)
		require.ErrorIs(s.T, err, os.ErrPermission)
		require.NotNil(s.T, s.seen(somefile))
		s.server.Writing("outbox/" + somefile)()
		_, err = get(s.Client, "outbox/"+somefile)
		require.NoError(s.T, err, "a new edition is another file")
	},
	"no-moves": func(s *stay) {
		s.offer(nil)
		require.ErrorIs(s.T, s.PosixRename("outbox/"+somefile, "outbox/done/"+somefile), os.ErrPermission)
	},
	"one-file": func(s *stay) {
		s.offer(nil)
		first, err := s.Open("outbox/" + somefile)
		require.NoError(s.T, err)
		_, err = s.visitor.client(s.T, s.server).Open("outbox/" + somefile)
		requireStatus(s.T, err, sftp.ErrSSHFxFailure)
		require.NoError(s.T, first.Close())
		_, err = get(s.Client, "outbox/"+somefile)
		require.NoError(s.T, err)
	},
	"one-session": func(s *stay) {
		_, err := s.visitor.dial(s.server.Addr(), "hub", s.server.HostKey())
		require.Error(s.T, err)
	},
	"hangs-up": func(s *stay) {
		most := s.server.cfg.Profile.Operations
		for range most {
			_, err := s.Stat("inbox")
			require.NoError(s.T, err)
		}
		_, err := s.Stat("inbox")
		require.Error(s.T, err)
	},
	"small-packets": func(s *stay) {
		requireStatus(s.T, put(s.Client, "inbox/a", bytes.Repeat([]byte("x"), 5<<10)), sftp.ErrSSHFxBadMessage)
		s.offer(bytes.Repeat([]byte("x"), 10<<10))
		text, err := get(s.Client, "outbox/"+somefile)
		require.NoError(s.T, err)
		require.Len(s.T, text, 10<<10)
	},
	"slow-listing": func(s *stay) {
		s.offer(nil)
		entries, err := s.ReadDir("outbox")
		require.NoError(s.T, err)
		require.Len(s.T, entries, 3002)
	},
	"mtime-zero": func(s *stay) {
		s.offer(nil)
		require.Zero(s.T, s.seen(somefile).ModTime().Unix())
	},
	"mtime-future": func(s *stay) {
		s.offer(nil)
		require.True(s.T, s.seen(somefile).ModTime().After(time.Now().Add(24*time.Hour)))
	},
	"mtime-local": func(s *stay) {
		s.offer(nil)
		require.True(s.T, s.seen(somefile).ModTime().After(time.Now().Add(7*time.Hour)))
	},
	"upper-case": func(s *stay) {
		require.NoError(s.T, put(s.Client, "inbox/"+somefile+".tmp", []byte("x")))
		require.FileExists(s.T, filepath.Join(s.root, "inbox", somefile+".tmp"))
		_, err := get(s.Client, "inbox/"+somefile+".tmp")
		require.ErrorIs(s.T, err, os.ErrNotExist)
		require.NoError(s.T, s.PosixRename("inbox/ICBC_ACCTRET_20261121_000001.TXT.TMP", "inbox/"+somefile))
		_, err = get(s.Client, "inbox/ICBC_ACCTRET_20261121_000001.TXT")
		require.NoError(s.T, err)
		s.offer(nil)
		require.NotNil(s.T, s.seen("ICBC_ACCTRET_20261121_000001.TXT"))
	},
	"padded-names": func(s *stay) {
		s.offer(nil)
		shown := fmt.Sprintf("%-44s", somefile)
		require.NotNil(s.T, s.seen(shown))
		_, err := get(s.Client, "outbox/"+somefile)
		require.ErrorIs(s.T, err, os.ErrNotExist)
		_, err = get(s.Client, "outbox/"+shown)
		require.NoError(s.T, err)
	},
	"no-lstat": func(s *stay) {
		_, err := s.Lstat("inbox")
		requireStatus(s.T, err, sftp.ErrSSHFxOpUnsupported)
		_, err = s.Stat("inbox")
		require.NoError(s.T, err)
		requireStatus(s.T, s.Chmod("inbox", 0o700), sftp.ErrSSHFxOpUnsupported)
	},
	"no-stat": func(s *stay) {
		_, err := s.Stat("inbox")
		requireStatus(s.T, err, sftp.ErrSSHFxOpUnsupported)
		_, err = s.Lstat("inbox")
		requireStatus(s.T, err, sftp.ErrSSHFxOpUnsupported)
	},
	"no-manifests": func(*stay) {}, // the partner's, not the server's
	"grows":        func(*stay) {},
	"size-late": func(s *stay) {
		file, err := s.Create("outbox/" + somefile)
		require.NoError(s.T, err)
		_, err = file.Write([]byte("content"))
		require.NoError(s.T, err)
		require.Zero(s.T, s.seen(somefile).Size())
		require.NoError(s.T, file.Close())
		require.Equal(s.T, int64(7), s.seen(somefile).Size())
	},
	"quota-full": func(s *stay) {
		for range 3 {
			requireStatus(s.T, put(s.Client, "inbox/a.tmp", bytes.Repeat([]byte("x"), 1000)), sftp.ErrSSHFxFailure)
			info, err := s.Stat("inbox/a.tmp")
			require.NoError(s.T, err)
			require.Less(s.T, info.Size(), int64(1000))
			require.Positive(s.T, info.Size())
		}
		require.NoError(s.T, put(s.Client, "inbox/a.tmp", bytes.Repeat([]byte("x"), 1000)))
	},
	"host-key-changed": func(*stay) {},
}

func TestEachProfileOnTheWire(t *testing.T) {
	t.Parallel()
	require.Len(t, stays, len(Profiles()))
	for _, p := range Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, p.About)
			dir, v := t.TempDir(), newVisitor(t)
			server, err := Listen(Config{
				Address: "127.0.0.1:0", Root: filepath.Join(dir, "root"), HostKeyFile: filepath.Join(dir, "host"),
				User: "hub", AuthorizedKeys: v.line(), Profile: p,
			})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, server.Close()) })
			stays[p.Name](&stay{t, v.client(t, server), server, v, filepath.Join(dir, "root")})
		})
	}
}

// A connection that breaks after the last byte has not read the file: only the client knows whether it has arrived.
func TestAFileCountsAsReadWhenItsReaderSaysSo(t *testing.T) {
	t.Parallel()
	v, dir := newVisitor(t), t.TempDir()
	once, err := ProfileNamed("read-once")
	require.NoError(t, err)
	server, err := Listen(Config{
		Address: "127.0.0.1:0", Root: dir, HostKeyFile: filepath.Join(dir, "host"), AuthorizedKeys: v.line(), Profile: once,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	path := filepath.Join(dir, "outbox", somefile)
	require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
	client := v.client(t, server)
	file, err := client.Open("outbox/" + somefile)
	require.NoError(t, err)
	text := make([]byte, 7)
	_, err = file.ReadAt(text, 0)
	require.NoError(t, err)
	server.CutAll()
	require.NoError(t, server.Close(), "all connections have ended")
	require.FileExists(t, path)
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rules.toml")
	none, err := ReadAssignments(path)
	require.NoError(t, err)
	require.Empty(t, none)
	writeRules(t, path, "[[partner]]\nname=\"*\"\nprofile=\"no-stat\"\n[[partner]]\nname=\"ICBC\"\nprofile=\"upper-case\"\n"+
		"[[rule]]\npartner=\"*\"\nkind=\"*\"\ndo=\"silent\"\n")
	given, err := ReadAssignments(path)
	require.NoError(t, err)
	for partner, want := range map[string]string{"ICBC": "upper-case", "ABC": "no-stat"} {
		p, err := given.For(partner)
		require.NoError(t, err)
		require.Equal(t, want, p.Name)
	}
	p, err := none.For("ICBC")
	require.NoError(t, err)
	require.Equal(t, Profile{}, p)
	for _, bad := range []string{
		"[[partner]]\nname=\"ICBC\"\nprofile=\"what\"\n", "[[partner]]\nprofile=\"no-stat\"\n", "[[partner]]\nname=\"ICBC\"\nprofle=\"no-stat\"\n",
	} {
		writeRules(t, path, bad)
		_, err := ReadAssignments(path)
		require.Error(t, err, bad)
		_, err = OpenRules(path)
		require.Error(t, err, bad)
	}
}
