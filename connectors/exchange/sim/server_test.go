package sim

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// visitor is a hub's key and what it needs to dial.
type visitor struct {
	signer ssh.Signer
}

func newVisitor(t *testing.T) visitor {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(key)
	require.NoError(t, err)
	return visitor{signer}
}

func (v visitor) line() []byte { return ssh.MarshalAuthorizedKey(v.signer.PublicKey()) }

func (v visitor) dial(address, user, hostKey string) (*sftp.Client, error) {
	pinned, _, _, _, err := ssh.ParseAuthorizedKey([]byte(hostKey))
	if err != nil {
		return nil, err
	}
	link, err := ssh.Dial("tcp", address, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(v.signer)}, HostKeyCallback: ssh.FixedHostKey(pinned), Timeout: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return sftp.NewClient(link)
}

func (v visitor) client(t *testing.T, s *Server) *sftp.Client {
	t.Helper()
	c, err := v.dial(s.Addr(), "hub", s.HostKey())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func listen(t *testing.T, v visitor, faults ...Fault) (*Server, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Listen(Config{
		Address: "127.0.0.1:0", Root: filepath.Join(dir, "root"), HostKeyFile: filepath.Join(dir, "host"),
		User: "hub", AuthorizedKeys: v.line(), Faults: faults,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, filepath.Join(dir, "root")
}

func put(c *sftp.Client, name string, text []byte) error {
	f, err := c.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.ReadFrom(bytes.NewReader(text)); err != nil {
		return err
	}
	return f.Close()
}

func get(c *sftp.Client, name string) ([]byte, error) {
	f, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

func TestServerCarriesFiles(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	s, root := listen(t, v)
	c := v.client(t, s)
	text := bytes.Repeat([]byte("0123456789abcdef"), 40_000)

	require.NoError(t, put(c, "inbox/a.txt.tmp", text))
	require.NoError(t, put(c, "inbox/b.txt.tmp", text))
	require.NoError(t, c.PosixRename("inbox/a.txt.tmp", "inbox/a.txt"))
	require.Error(t, c.Rename("inbox/b.txt.tmp", "inbox/a.txt"), "a plain rename never replaces")
	require.NoError(t, c.PosixRename("/inbox/b.txt.tmp", "/inbox/a.txt"))

	back, err := get(c, "inbox/a.txt")
	require.NoError(t, err)
	require.Equal(t, text, back)
	onDisk, err := os.ReadFile(filepath.Join(root, "inbox", "a.txt"))
	require.NoError(t, err)
	require.Equal(t, text, onDisk)

	entries, err := c.ReadDir("inbox")
	require.NoError(t, err)
	require.Len(t, entries, 2)
	_, err = c.Stat("inbox/none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestServerIsAJail(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	s, root := listen(t, v)
	c := v.client(t, s)
	secret := filepath.Join(filepath.Dir(root), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o600))
	require.NoError(t, os.Symlink(secret, filepath.Join(root, "inbox", "link")))

	for _, name := range []string{"../secret", "/../secret", "inbox/../../secret", secret, "inbox/link"} {
		_, err := get(c, name)
		require.Error(t, err, name)
	}
	require.NoError(t, put(c, "inbox/kept.txt", []byte("x")))
	require.ErrorIs(t, c.Remove("inbox/kept.txt"), os.ErrPermission)
	require.NoError(t, put(c, "inbox/own.txt.tmp", []byte("x")))
	require.NoError(t, c.Remove("inbox/own.txt.tmp"))
	require.Error(t, c.Symlink("inbox/kept.txt", "inbox/other"))
}

func TestServerLetsInOnlyItsAccount(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	s, _ := listen(t, v)
	_, err := v.dial(s.Addr(), "somebody", s.HostKey())
	require.Error(t, err)
	_, err = newVisitor(t).dial(s.Addr(), "hub", s.HostKey())
	require.Error(t, err)
	_, err = v.dial(s.Addr(), "hub", string(newVisitor(t).line()))
	require.Error(t, err, "another host key")
}

func TestHostKeyOutlivesTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := Config{Address: "127.0.0.1:0", Root: dir, HostKeyFile: filepath.Join(dir, "host"), AuthorizedKeys: newVisitor(t).line()}
	first, err := Listen(cfg)
	require.NoError(t, err)
	require.NoError(t, first.Close())
	require.NoError(t, first.Close(), "closing twice is harmless")
	second, err := Listen(cfg)
	require.NoError(t, err)
	require.Equal(t, first.HostKey(), second.HostKey())
	require.NoError(t, second.Close())
}

func TestListenRefusesBadSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	require.NoError(t, os.WriteFile(bad, []byte("no key"), 0o600))
	good := Config{Address: "127.0.0.1:0", Root: dir, HostKeyFile: filepath.Join(dir, "host"), AuthorizedKeys: newVisitor(t).line()}
	for name, spoil := range map[string]func(*Config){
		"no keys":  func(c *Config) { c.AuthorizedKeys = nil },
		"bad keys": func(c *Config) { c.AuthorizedKeys = []byte("ssh-rsa what") },
		"host key": func(c *Config) { c.HostKeyFile = bad },
		"root":     func(c *Config) { c.Root = bad },
		"address":  func(c *Config) { c.Address = "127.0.0.1:none" },
	} {
		cfg := good
		spoil(&cfg)
		_, err := Listen(cfg)
		require.Error(t, err, name)
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("x"), 200_000)

	t.Run("a write is cut, then works", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, root := listen(t, v, Fault{Op: OpWrite, Name: "*.tmp", Do: Drop, Bytes: 1000, Times: 1})
		require.Error(t, put(v.client(t, s), "inbox/a.tmp", text))
		info, err := os.Stat(filepath.Join(root, "inbox", "a.tmp"))
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(len(text)))
		require.NoError(t, put(v.client(t, s), "inbox/a.tmp", text))
	})
	t.Run("a read is cut in the middle", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, root := listen(t, v)
		require.NoError(t, os.WriteFile(filepath.Join(root, "outbox", "a.txt"), text, 0o600))
		s.Inject(Fault{Op: OpRead, Do: Drop, Half: true, Times: 2})
		for range 2 {
			_, err := get(v.client(t, s), "outbox/a.txt")
			require.Error(t, err)
		}
		back, err := get(v.client(t, s), "outbox/a.txt")
		require.NoError(t, err)
		require.Equal(t, text, back)
	})
	t.Run("a rename is done and its confirmation lost", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, root := listen(t, v, Fault{Op: OpRename, Do: Drop, Times: 1})
		c := v.client(t, s)
		require.NoError(t, put(c, "inbox/a.tmp", text))
		require.Error(t, c.PosixRename("inbox/a.tmp", "inbox/a"))
		require.FileExists(t, filepath.Join(root, "inbox", "a"))
	})
	t.Run("refusals end with Clear", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, _ := listen(t, v, Fault{Op: OpWrite, Do: Refuse}, Fault{Op: OpList, Do: Refuse})
		c := v.client(t, s)
		require.ErrorIs(t, put(c, "inbox/a", text), os.ErrPermission)
		_, err := c.ReadDir("outbox")
		require.ErrorIs(t, err, os.ErrPermission)
		s.Clear()
		require.NoError(t, put(c, "inbox/a", text))
	})
	t.Run("a connection is refused", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, _ := listen(t, v, Fault{Op: OpConnect, Do: Refuse, Times: 1})
		_, err := v.dial(s.Addr(), "hub", s.HostKey())
		require.Error(t, err)
		v.client(t, s)
	})
	t.Run("a delayed request is not stopped", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, _ := listen(t, v, Fault{Op: OpWrite, Do: Delay, Wait: time.Millisecond})
		require.NoError(t, put(v.client(t, s), "inbox/a", text))
	})
	t.Run("everybody is cut off", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(t)
		s, _ := listen(t, v)
		c := v.client(t, s)
		s.CutAll()
		_, err := c.ReadDir("inbox")
		require.Error(t, err)
	})
}
