package exchange

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// sshd is OpenSSH's own server, started for one test with nothing of this machine's configuration.
const sshd = "/usr/sbin/sshd"

// onSSHD makes the partner one whose server is a stock sshd on the same folders.
func onSSHD(t *testing.T) func(*partner) {
	return func(p *partner) {
		dir := t.TempDir()
		host, _ := newLogin(t, dir)
		require.NoError(t, os.Rename(host, filepath.Join(dir, "host")))
		public := authorizedLine(t, p.cfg.Endpoints[0].KeyFile)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "authorized"), []byte(public+"\n"), 0o600))
		me, err := user.Current()
		require.NoError(t, err)
		e := &p.cfg.Endpoints[0]
		e.Address, e.User = startSSHD(t, dir, p.root), me.Username
		e.HostKey = authorizedLine(t, filepath.Join(dir, "host"))
	}
}

// authorizedLine is the public half of a private key's file.
func authorizedLine(t *testing.T, file string) string {
	t.Helper()
	line, err := exec.CommandContext(t.Context(), "ssh-keygen", "-y", "-f", file).Output()
	require.NoError(t, err, "OpenSSH's client is missing: apt-get install openssh-client")
	return strings.TrimSpace(string(line))
}

// startSSHD returns the address of a server that is ended by its process id with the test.
func startSSHD(t *testing.T, dir, root string) string {
	t.Helper()
	require.FileExists(t, sshd, "OpenSSH's server is missing: apt-get install openssh-server (deploy/debian.sh does, without starting it)")
	if os.Getuid() == 0 { // where it locks in whoever has not logged in
		require.NoError(t, os.MkdirAll("/run/sshd", 0o755))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().(*net.TCPAddr)
	require.NoError(t, listener.Close())
	config := filepath.Join(dir, "sshd_config")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `ListenAddress 127.0.0.1
Port %d
HostKey %s
AuthorizedKeysFile %s
PidFile none
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
Subsystem sftp internal-sftp -d %s
ForceCommand internal-sftp -d %s
`, address.Port, filepath.Join(dir, "host"), filepath.Join(dir, "authorized"), root, root), 0o600))
	log, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), sshd, "-D", "-e", "-f", config)
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address.String())
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	return address.String()
}

func TestStockSSHD(t *testing.T) {
	t.Parallel()
	p := newPartner(t, onSSHD(t))
	require.NoError(t, p.Ping(t.Context(), "ICBC"))
	p.requireTrip(t)
}

func TestStockSSHDWithAnotherHostKey(t *testing.T) {
	t.Parallel()
	p := newPartner(t, onSSHD(t))
	x := p.reopen(t, func(c *Config) { c.Endpoints[0].HostKey = p.HostKey() })
	err := x.Ping(t.Context(), "ICBC")
	require.Equal(t, card.Denied, card.KindOf(err))
	require.Equal(t, card.ReasonHostKeyDiffers, card.ReasonOf(err))
}
