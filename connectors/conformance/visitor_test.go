package conformance_test

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
	"onecard/connectors/conformance"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/gateway"
)

// lodge gives a partner without a server of its own an account at a gateway, and sends a visitor there for it; it returns the
// account's folder.
func lodge(t *testing.T, partner string) string {
	t.Helper()
	home := t.TempDir()
	cfg := gateway.Config{Address: "127.0.0.1:0", HostKeyFile: filepath.Join(home, "host"), Root: filepath.Join(home, "accounts"),
		Limits: gateway.Limits{OperationsPerSecond: 5000, ConnectionsPerMinute: 5000}}
	host, err := ed25519Key()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(cfg.HostKeyFile, host, 0o600))
	g, err := gateway.Listen(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.Stop(t.Context())) })
	v, err := sim.StartVisitor(sim.VisitorConfig{Partner: "ICBC", Dir: partner, Address: g.Addr(), HostKey: g.HostKey(), Rest: 20 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	require.NoError(t, g.Reload([]gateway.Partner{{Name: "ICBC", Keys: []string{v.LoginKey()}}}))
	return filepath.Join(cfg.Root, "ICBC")
}

// ed25519Key is a private key in OpenSSH's form.
func ed25519Key() ([]byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	return pem.EncodeToMemory(block), err
}

// TestAPartnerThatLogsInIsGreen tests a partner whose account is at our gateway, where it fetches its files by SFTP.
func TestAPartnerThatLogsInIsGreen(t *testing.T) {
	t.Parallel()
	var account string
	s := scene{kind: card.AcctReq, office: bank, arrange: func(t *testing.T, root string) { account = lodge(t, filepath.Dir(root)) }}
	s.subject = func(c *conformance.Subject) {
		e := &c.Endpoint
		e.Directory, e.Address, e.User, e.HostKey, e.KeyFile = account, "", "", "", ""
	}
	r := s.run(t)
	tell(t, r)
	require.Empty(t, failed(r))
	require.GreaterOrEqual(t, r.Count(conformance.Passed), 40)
}
