package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own
	"golang.org/x/crypto/ssh"

	"onecard/cmd/onecard/internal/config"
)

// spoken is an output that several write to.
type spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must.NoError(t, err)
	defer l.Close() //nolint:errcheck // the port is free again
	return l.Addr().String()
}

// login is a key of a partner and its public half as a line.
func login(t *testing.T, dir, name string) (ssh.Signer, string) {
	t.Helper()
	file := filepath.Join(dir, name)
	must.NoError(t, generateSSH(file))
	text, err := os.ReadFile(file)
	must.NoError(t, err)
	signer, err := ssh.ParsePrivateKey(text)
	must.NoError(t, err)
	line, err := os.ReadFile(file + ".pub")
	must.NoError(t, err)
	return signer, strings.TrimSpace(string(line))
}

// write replaces the configuration in one step, as editors do.
func write(t *testing.T, file, text string) {
	t.Helper()
	must.NoError(t, os.WriteFile(file+".new", []byte(text), 0o600))
	must.NoError(t, os.Rename(file+".new", file))
}

func TestServeGatewayTakesUpPartners(t *testing.T) {
	t.Parallel()
	dir, address := t.TempDir(), freeAddress(t)
	must.NoError(t, generateSSH(filepath.Join(dir, "gateway.key")))
	signer, line := login(t, dir, "rcc")
	file := filepath.Join(dir, "onecard.toml")
	none := "[gateway]\nlisten = \"" + address + "\"\n"
	write(t, file, none)
	ctx, cancel := context.WithCancel(t.Context())
	var out, complaints spoken
	ended := make(chan error)
	go func() { ended <- runGateway(ctx, file, &out, &complaints) }()
	t.Cleanup(cancel)
	must.Eventually(t, func() bool { return strings.Contains(out.String(), "gateway on "+address) }, 20*time.Second, 10*time.Millisecond)

	dial := func() error {
		c, err := ssh.Dial("tcp", address, &ssh.ClientConfig{User: "RCC", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
			HostKeyCallback: ssh.InsecureIgnoreHostKey()})
		if err != nil {
			return err
		}
		return c.Close()
	}
	must.Error(t, dial())
	partner := none + "[[partner]]\nname = \"RCC\"\nkind = \"bank\"\nbank = \"402\"\nverify_key = \"04\"\nlogin_keys = [\"" + line + "\"]\n"
	write(t, file, partner)
	must.Eventually(t, func() bool { return dial() == nil }, 30*time.Second, 200*time.Millisecond)
	write(t, file, partner+"nonsense")
	must.Eventually(t, func() bool { return strings.Contains(complaints.String(), "not taken up") }, 30*time.Second, 50*time.Millisecond)
	must.NoError(t, dial(), "a configuration with a fault changes nothing")

	cancel()
	must.NoError(t, <-ended)
	audit, err := os.ReadFile(filepath.Join(dir, "gateway-audit.log"))
	must.NoError(t, err)
	must.Contains(t, string(audit), `"op":"login","result":"ok","partner":"RCC"`)
	must.DirExists(t, filepath.Join(dir, "gateway", "RCC", "outbox", "done"))
}

func TestServeGatewayNeedsItsKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "onecard.toml")
	write(t, file, "[gateway]\nlisten = \""+freeAddress(t)+"\"\n")
	var out spoken
	err := runGateway(t.Context(), file, &out, &out)
	must.ErrorContains(t, err, "ssh-keygen")
	must.ErrorIs(t, err, os.ErrNotExist)
}

func TestAccountsOfPartners(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Gateway.Root = "/srv/gateway"
	must.Equal(t, "/srv/gateway/RCC", accountFolder(c, config.Partner{Name: "RCC", LoginKeys: []string{"k"}}))
	must.Empty(t, accountFolder(c, config.Partner{Name: "ICBC", Address: "h:22"}))
	must.Empty(t, gatewayPartners(c))
}
