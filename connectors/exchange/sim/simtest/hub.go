// Package simtest is a small hub for the tests of simulated partners: it writes signed requests into a partner's inbox and
// reads what the partner answers. It works on the partner's folder; the wire itself is tested beside the server.
package simtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/connectors/exchange/sim"
)

// patience is how long a test waits for a partner before it fails; partners are much quicker.
const patience = 30 * time.Second

// Hub is the other side of one partner.
type Hub struct {
	t   testing.TB
	Key *sm2.PrivateKey // signs manifests
	SSH ssh.Signer      // logs in
	Dir string          // the partner's own folder
}

// New makes a hub with new keys and a new folder for a partner.
func New(t testing.TB) *Hub {
	t.Helper()
	key, err := sm2.GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, login, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(login)
	require.NoError(t, err)
	return &Hub{t: t, Key: key, SSH: signer, Dir: t.TempDir()}
}

// Config is what a partner of this hub starts with.
func (h *Hub) Config(name string, office sim.Office) sim.PartnerConfig {
	return sim.PartnerConfig{
		Name: name, Dir: h.Dir, Office: office, User: "onecard",
		Rest:    5 * time.Millisecond,
		HubKeys: ssh.MarshalAuthorizedKey(h.SSH.PublicKey()), HubSignKey: &h.Key.PublicKey,
	}
}

// Start starts a partner and ends it with the test.
func (h *Hub) Start(cfg sim.PartnerConfig) *sim.Partner {
	h.t.Helper()
	p, err := sim.Start(cfg)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { require.NoError(h.t, p.Close()) })
	return p
}

// Rules writes a rules file and opens it.
func (h *Hub) Rules(text string) *sim.Rulebook {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "rules.toml")
	require.NoError(h.t, os.WriteFile(path, []byte(text), 0o600))
	book, err := sim.OpenRules(path)
	require.NoError(h.t, err)
	return book
}

// Text builds a data file of rows, each with its fields after the D joined by '|'.
func Text(name sim.FileName, rows ...string) []byte { return Money(name, 0, rows...) }

// Money builds a data file of rows that hold so much money together.
func Money(name sim.FileName, fen int64, rows ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "H|%s|1|%s|%s|\n", name.Kind, name, name.Date)
	for _, r := range rows {
		fmt.Fprintf(&b, "D|%s\n", r)
	}
	fmt.Fprintf(&b, "T|%d|%d\n", len(rows), fen)
	return b.Bytes()
}

// Name reads a file name that the test wrote.
func Name(t testing.TB, s string) sim.FileName {
	t.Helper()
	n, err := sim.ParseFileName(s)
	require.NoError(t, err)
	return n
}

// Send publishes a request with these rows and returns its name.
func (h *Hub) Send(name string, rows ...string) sim.FileName {
	h.t.Helper()
	n := Name(h.t, name)
	h.Put(n, Text(n, rows...), len(rows))
	return n
}

// SendMoney publishes a request with these rows, which hold so much money together.
func (h *Hub) SendMoney(name string, fen int64, rows ...string) {
	h.t.Helper()
	n := Name(h.t, name)
	h.put(n, Money(n, fen, rows...), len(rows), fen)
}

// Put publishes any text under a name, with the manifest that belongs to it.
func (h *Hub) Put(n sim.FileName, text []byte, rows int) {
	h.t.Helper()
	h.put(n, text, rows, 0)
}

func (h *Hub) put(n sim.FileName, text []byte, rows int, fen int64) {
	h.t.Helper()
	digest := sm3.Sum(text)
	m := sim.Manifest{Name: n, Size: int64(len(text)), Rows: rows, Total: fen, SM3: hex.EncodeToString(digest[:])}
	manifest, err := m.Sign(h.Key)
	require.NoError(h.t, err)
	h.Drop(n.String(), text, manifest)
}

// Drop lays a file and its manifest in the inbox, as they are.
func (h *Hub) Drop(name string, text, manifest []byte) {
	h.t.Helper()
	h.write(name, text)
	h.write(name+".ok", manifest)
}

func (h *Hub) write(name string, text []byte) {
	h.t.Helper()
	folder := filepath.Join(h.Dir, "root", "inbox")
	require.NoError(h.t, os.MkdirAll(folder, 0o700))
	path := filepath.Join(folder, name)
	require.NoError(h.t, os.WriteFile(path+".tmp", text, 0o600))
	require.NoError(h.t, os.Rename(path+".tmp", path))
}

// Carded is a partner that shows its card: a sim.Partner, or what stands in a list of partners.
type Carded interface {
	Card() (sim.Card, error)
}

// Answer waits for an answer, checks its manifest, digest and frame, and returns the fields after each D.
func (h *Hub) Answer(p Carded, name string) [][]string {
	h.t.Helper()
	h.Wait(name + ".ok")
	text, err := os.ReadFile(h.outbox(name))
	require.NoError(h.t, err)
	manifest, err := os.ReadFile(h.outbox(name + ".ok"))
	require.NoError(h.t, err)
	card, err := p.Card()
	require.NoError(h.t, err)
	key, err := sim.ParsePublicKey([]byte(card.SM2PublicKey))
	require.NoError(h.t, err)
	m, err := sim.ReadManifest(manifest, key)
	require.NoError(h.t, err)
	digest := sm3.Sum(text)
	require.Equal(h.t, hex.EncodeToString(digest[:]), m.SM3)
	require.Len(h.t, text, int(m.Size))
	return h.rows(string(text), m)
}

func (h *Hub) rows(text string, m sim.Manifest) [][]string {
	h.t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.Len(h.t, lines, m.Rows+2)
	require.True(h.t, strings.HasPrefix(lines[0], fmt.Sprintf("H|%s|1|%s|%s|", m.Name.Kind, m.Name, m.Name.Date)), lines[0])
	require.Equal(h.t, fmt.Sprintf("T|%d|%d", m.Rows, m.Total), lines[len(lines)-1])
	rows := make([][]string, 0, m.Rows)
	for _, line := range lines[1 : len(lines)-1] {
		fields := strings.Split(line, "|")
		require.Equal(h.t, "D", fields[0])
		rows = append(rows, fields[1:])
	}
	return rows
}

// Refusal waits for the notice that a file was refused and returns its reason code.
func (h *Hub) Refusal(name string) string {
	h.t.Helper()
	h.Wait(name + ".err")
	text, err := os.ReadFile(h.outbox(name + ".err"))
	require.NoError(h.t, err)
	for line := range strings.Lines(string(text)) {
		if reason, ok := strings.CutPrefix(line, "reason="); ok {
			return strings.TrimSpace(reason)
		}
	}
	return ""
}

// Wait waits until a file lies in the outbox.
func (h *Hub) Wait(name string) {
	h.t.Helper()
	h.Eventually("no "+name, func() bool {
		_, err := os.Stat(h.outbox(name))
		return err == nil
	})
}

// Eventually waits until a condition holds.
func (h *Hub) Eventually(what string, holds func() bool) {
	h.t.Helper()
	require.Eventually(h.t, holds, patience, 5*time.Millisecond, what)
}

// Take moves an answer and its manifest to done/, as the hub does.
func (h *Hub) Take(name string) {
	h.t.Helper()
	for _, n := range []string{name + ".ok", name} {
		require.NoError(h.t, os.Rename(h.outbox(n), h.outbox(filepath.Join("done", n))))
	}
}

func (h *Hub) outbox(name string) string { return filepath.Join(h.Dir, "root", "outbox", name) }

// Line is one line of a ledger.
type Line struct {
	Event, File, Ref, Number, CardNo, PAN, Account, Result, Detail string
}

// Ledger reads the partner's ledger.
func (h *Hub) Ledger() []Line {
	h.t.Helper()
	var lines []Line
	err := sim.ScanLedger(filepath.Join(h.Dir, "ledger.csv"), func(e *sim.Entry) error {
		lines = append(lines, Line{
			string(e.Event), string(e.File), string(e.Ref), string(e.Number), string(e.CardNo), string(e.PAN),
			string(e.Account), string(e.Result), string(e.Detail),
		})
		return nil
	})
	require.NoError(h.t, err)
	return lines
}

// Events counts the ledger's lines by event.
func (h *Hub) Events() map[string]int {
	h.t.Helper()
	count := map[string]int{}
	for _, l := range h.Ledger() {
		count[l.Event]++
	}
	return count
}
