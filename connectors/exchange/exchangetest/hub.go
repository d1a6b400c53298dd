package exchangetest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/connectors/exchange"
)

// Hub is a hub with keys of its own, for tests that face a partner over a real wire.
type Hub struct {
	// Login is the hub's SSH key as a line of authorized_keys, SignKey its SM2 key as partners exchange keys.
	Login   []byte
	SignKey string
	dir     string
}

// NewHub makes a hub with new keys.
func NewHub(t testing.TB) *Hub {
	h := &Hub{dir: t.TempDir()}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(h.path("login"), pem.EncodeToMemory(block), 0o600))
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	h.Login = ssh.MarshalAuthorizedKey(key)
	h.SignKey, err = exchange.GenerateKey(h.path("sm2.pem"))
	require.NoError(t, err)
	return h
}

func (h *Hub) path(name string) string { return filepath.Join(h.dir, name) }

// Archive is the folder of all exchanges of this hub.
func (h *Hub) Archive() string { return h.path("archive") }

// Endpoint is e with the hub's keys.
func (h *Hub) Endpoint(e exchange.Endpoint) exchange.Endpoint {
	e.KeyFile, e.SignKeyFile = h.path("login"), h.path("sm2.pem")
	return e
}

// Open opens the hub's exchange with one partner; the hub's keys need not be in e.
func (h *Hub) Open(t testing.TB, e exchange.Endpoint, change ...func(*exchange.Config)) *exchange.Exchange {
	cfg := exchange.Config{Archive: h.Archive(), Endpoints: []exchange.Endpoint{h.Endpoint(e)}}
	for _, c := range change {
		c(&cfg)
	}
	require.NoError(t, cfg.Check())
	x := exchange.Open(cfg)
	t.Cleanup(func() { require.NoError(t, x.Close()) })
	return x
}

// Await asks until there is an answer, and fails the test when there is none in half a minute.
func Await[T any](t testing.TB, ask func() (T, error)) T {
	var answer T
	require.Eventually(t, func() bool {
		got, err := ask()
		if kind := card.KindOf(err); kind == card.Later || kind == card.Unavailable {
			return false
		}
		require.NoError(t, err)
		answer = got
		return true
	}, 30*time.Second, 10*time.Millisecond)
	return answer
}
