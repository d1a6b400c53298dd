package exchange

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

// partner is a real SFTP server, what it signs with, and the hub's exchange with it through a line that can be cut.
type partner struct {
	*sim.Server
	*Exchange
	line *line
	cfg  Config
	root string
	key  *sm2.PrivateKey
}

func newPartner(t testing.TB, change ...func(*partner)) *partner {
	t.Helper()
	return newPartnerWith(t, sim.Profile{}, change...)
}

// newPartnerWith is a partner with a server of that profile, of which the hub has been told what it must be told.
func newPartnerWith(t testing.TB, profile sim.Profile, change ...func(*partner)) *partner {
	t.Helper()
	dir := t.TempDir()
	keyFile, authorized := newLogin(t, dir)
	server, err := sim.Listen(sim.Config{
		Address: "127.0.0.1:0", Root: filepath.Join(dir, "root"), HostKeyFile: filepath.Join(dir, "host"),
		User: "hub", AuthorizedKeys: authorized, Profile: profile,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	_, err = GenerateKey(filepath.Join(dir, "hub.sm2"))
	require.NoError(t, err)
	verify, err := GenerateKey(filepath.Join(dir, "bank.sm2"))
	require.NoError(t, err)
	key, err := LoadKey(filepath.Join(dir, "bank.sm2"))
	require.NoError(t, err)
	p := &partner{Server: server, line: newLine(t, server.Addr()), root: filepath.Join(dir, "root"), key: key}
	p.cfg = Config{Archive: filepath.Join(dir, "archive"), Endpoints: []Endpoint{{
		Partner: "ICBC", Address: p.line.Addr().String(), User: "hub", KeyFile: keyFile, HostKey: server.HostKey(),
		SignKeyFile: filepath.Join(dir, "hub.sm2"), VerifyKey: verify,
		Manifests: Manifests(profile.Terms().Manifests), Packet: profile.Terms().Packet, Stillness: 1,
		Quirks: Quirks{
			ReadOnce: profile.Terms().ReadOnce, LooseNames: profile.Terms().LooseNames, OneAtATime: profile.Terms().OneAtATime,
		},
	}}}
	for _, c := range change {
		c(p)
	}
	p.Exchange = p.reopen(t)
	return p
}

// reopen makes a hub that knows nothing of what the other one did, as after a kill.
func (p *partner) reopen(t testing.TB, change ...func(*Config)) *Exchange {
	t.Helper()
	cfg := p.cfg
	cfg.Endpoints = append([]Endpoint{}, cfg.Endpoints...)
	for _, c := range change {
		c(&cfg)
	}
	x := Open(cfg)
	t.Cleanup(func() { require.NoError(t, x.Close()) })
	return x
}

// Close is the server's: the hub's side is closed by the test's end.
func (p *partner) Close() error { return p.Server.Close() }

func newLogin(t testing.TB, dir string) (file string, authorized []byte) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	file = filepath.Join(dir, "login")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return file, ssh.MarshalAuthorizedKey(key)
}

// read returns what the partner has under a path, nil for nothing.
func (p *partner) read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.root, path))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return text
}

func (p *partner) write(t testing.TB, path string, text []byte) {
	t.Helper()
	p.Writing(path)() // it is another file now
	require.NoError(t, os.WriteFile(filepath.Join(p.root, path), text, 0o600))
}

func (p *partner) move(t testing.TB, from, to string) {
	t.Helper()
	require.NoError(t, os.Rename(filepath.Join(p.root, from), filepath.Join(p.root, to)))
}

// offer puts a declared file into the outbox.
func (p *partner) offer(t testing.TB, f card.File, text []byte, change ...func(*card.Manifest)) {
	t.Helper()
	p.write(t, "outbox/"+f.Name(), text)
	m := manifestOf(f, text)
	for _, c := range change {
		c(&m)
	}
	p.declare(t, f, m, p.key)
}

func (p *partner) declare(t testing.TB, f card.File, m card.Manifest, key *sm2.PrivateKey) {
	t.Helper()
	ok, err := encodeManifest(m, key)
	require.NoError(t, err)
	p.write(t, "outbox/"+f.Name()+".ok", ok)
}

func manifestOf(f card.File, text []byte) card.Manifest {
	d := newDigester()
	_, _ = d.Write(text)
	return card.Manifest{
		Name: f.Name(), Layout: string(f.Kind) + "/1", Date: f.Date, Sequence: f.Seq, Size: d.size, Rows: 3, SM3: d.hex(),
	}
}

// requireWhole holds that the partner sees nothing of f, or all of it; and a manifest only for all of it.
func (p *partner) requireWhole(t testing.TB, f card.File, text []byte) {
	t.Helper()
	data, ok := p.read(t, "inbox/"+f.Name()), p.read(t, "inbox/"+f.Name()+".ok")
	if data != nil {
		require.True(t, bytes.Equal(text, data), "a partial file has the final name")
	}
	if ok != nil {
		require.NotNil(t, data, "a manifest without its file")
		m, err := parseManifest(ok)
		require.NoError(t, err)
		require.Equal(t, manifestOf(f, text), m.Manifest)
	}
}

func (p *partner) requirePublished(t testing.TB, f card.File, text []byte) {
	t.Helper()
	p.requireWhole(t, f, text)
	require.NotNil(t, p.read(t, "inbox/"+f.Name()+".ok"))
}

func request(seq int) card.File {
	return card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: seq}
}

func answer(seq int) card.File { return request(seq).Answer(card.AcctRet) }

// sample returns bytes that differ everywhere, so that a hole or a piece in the wrong place shows.
func sample(size int) []byte {
	var text bytes.Buffer
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, "D|%d|synthetic row\n", i)
	}
	return text.Bytes()[:size]
}

func content(text []byte) func(io.Writer) (Totals, error) {
	return func(w io.Writer) (Totals, error) {
		_, err := w.Write(text)
		return Totals{Rows: 3}, err
	}
}

// line forwards connections, and can break them after a number of bytes.
type line struct {
	net.Listener
	to string

	mu         sync.Mutex
	left       int64 // bytes, both ways together, until the line breaks; negative for never
	swallowing bool  // as when a firewall forgets a connection: nobody is told
	dials      int
	open, most int
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{Listener: listener, to: to, left: -1}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { l.connect(near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		l.breakAfter(0)
		wait.Wait()
	})
	return l
}

func (l *line) breakAfter(bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = bytes
}

// use returns how many connections there were, and how many at once at most.
func (l *line) use() (dials, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dials, l.most
}

func (l *line) swallow(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.swallowing = on
}

func (l *line) connect(near net.Conn) {
	defer func() { _ = near.Close() }()
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	l.count(1)
	defer l.count(-1)
	var wait sync.WaitGroup
	wait.Go(func() { l.carry(far, near) })
	wait.Go(func() { l.carry(near, far) })
	wait.Wait()
}

func (l *line) count(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open += n
	l.dials += max(0, n)
	l.most = max(l.most, l.open)
}

func (l *line) carry(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		pass, broken := l.spend(n)
		if _, werr := to.Write(buf[:pass]); err != nil || werr != nil || broken {
			return
		}
	}
}

func (l *line) spend(n int) (pass int, broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.swallowing {
		return 0, false
	}
	if l.left < 0 {
		return n, false
	}
	pass = int(min(l.left, int64(n)))
	l.left -= int64(pass)
	return pass, l.left == 0
}
