package gateway

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
)

// station is a gateway under test and where its things lie.
type station struct {
	*Gateway
	dir   string
	cfg   Config
	audit *ledger
}

// ledger is an audit that a test can read.
type ledger struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

type auditLine struct {
	Time, Op, Result, Partner, Address, Key, Path, To, Why string
	Session                                                uint64
	Bytes                                                  int64
}

func (l *ledger) lines(t testing.TB) []auditLine {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []auditLine
	for line := range bytes.Lines(l.text.Bytes()) {
		var a auditLine
		require.NoError(t, json.Unmarshal(line, &a))
		lines = append(lines, a)
	}
	return lines
}

// find returns the lines with an operation and a result.
func (l *ledger) find(t testing.TB, op string, result outcome) []auditLine {
	t.Helper()
	var found []auditLine
	for _, a := range l.lines(t) {
		if a.Op == op && a.Result == string(result) {
			found = append(found, a)
		}
	}
	return found
}

func newStation(t testing.TB, change ...func(*Config)) *station {
	t.Helper()
	dir := t.TempDir()
	newKey(t, filepath.Join(dir, "host"))
	s := &station{dir: dir, audit: &ledger{}}
	s.cfg = Config{Address: "127.0.0.1:0", HostKeyFile: filepath.Join(dir, "host"), Root: filepath.Join(dir, "root"), Audit: s.audit,
		Partners: []Partner{s.partner(t, "ICBC"), s.partner(t, "ABC")}}
	s.cfg.Limits.ConnectionsPerMinute, s.cfg.Limits.OperationsPerSecond = 100_000, 100_000
	for _, c := range change {
		c(&s.cfg)
	}
	s.start(t)
	return s
}

// start runs the gateway, again after it was stopped or killed.
func (s *station) start(t testing.TB) {
	t.Helper()
	g, err := Listen(s.cfg)
	require.NoError(t, err)
	s.Gateway = g
	t.Cleanup(func() { require.NoError(t, g.Stop(expired(t))) })
}

// expired is a context that has no patience.
func expired(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// partner makes a key for the partner.
func (s *station) partner(t testing.TB, name string) Partner {
	t.Helper()
	return Partner{Name: name, Keys: []string{newKey(t, s.keyFile(name))}}
}

func (s *station) keyFile(name string) string { return filepath.Join(s.dir, "login-"+name) }

// newKey writes an Ed25519 key and returns its public half as a line.
func newKey(t testing.TB, file string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(key)))
}

func (s *station) clientConfig(t testing.TB, name string) *ssh.ClientConfig {
	t.Helper()
	text, err := os.ReadFile(s.keyFile(name))
	require.NoError(t, err)
	signer, err := ssh.ParsePrivateKey(text)
	require.NoError(t, err)
	host, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKey()))
	require.NoError(t, err)
	return &ssh.ClientConfig{User: name, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: ssh.FixedHostKey(host), Timeout: 30 * time.Second}
}

// dial logs a partner in.
func (s *station) dial(t testing.TB, name string) (*ssh.Client, error) {
	t.Helper()
	return ssh.Dial("tcp", s.Addr(), s.clientConfig(t, name))
}

// visit logs ICBC in and opens SFTP.
func (s *station) visit(t testing.TB) *sftp.Client {
	t.Helper()
	return s.visitAs(t, "ICBC")
}

func (s *station) visitAs(t testing.TB, name string) *sftp.Client {
	t.Helper()
	_, client := s.enter(t, name)
	return client
}

// enter returns the connection too.
func (s *station) enter(t testing.TB, name string) (*ssh.Client, *sftp.Client) {
	t.Helper()
	c, err := s.dial(t, name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	client, err := sftp.NewClient(c)
	require.NoError(t, err)
	return c, client
}

// inside is a path in the partner's account on the disk.
func (s *station) inside(name string, parts ...string) string {
	return filepath.Join(append([]string{s.cfg.Root, name}, parts...)...)
}

// hubWrites puts a file into ICBC's account as the hub does.
func (s *station) hubWrites(t testing.TB, path string, text []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(s.inside("ICBC", path), text, 0o600))
}

// hubMoves moves a file in ICBC's account as the hub does.
func (s *station) hubMoves(t testing.TB, from, to string) {
	t.Helper()
	require.NoError(t, os.Rename(s.inside("ICBC", from), s.inside("ICBC", to)))
}

func fileOf(partner string, seq int) card.File {
	return card.File{Partner: partner, Kind: card.AcctRet, Date: "20261121", Seq: seq}
}

func put(c *sftp.Client, path string, text []byte) error {
	f, err := c.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func get(c *sftp.Client, path string) ([]byte, error) {
	f, err := c.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var text bytes.Buffer
	_, err = f.WriteTo(&text)
	return text.Bytes(), err
}

// deliver uploads and declares a file as the guide says.
func deliver(c *sftp.Client, f card.File, text []byte) error {
	for _, name := range []string{f.Name(), f.Name() + ".ok"} {
		if err := put(c, "outbox/"+name+".tmp", text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := c.PosixRename("outbox/"+name+".tmp", "outbox/"+name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// pattern returns bytes that differ everywhere, so that a hole or a piece in the wrong place shows.
func pattern(size int) []byte {
	var text bytes.Buffer
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, "D|%d|synthetic row\n", i)
	}
	return text.Bytes()[:size]
}
