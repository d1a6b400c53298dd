package gateway

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stock is OpenSSH's own sftp client, as a partner would start it from a script.
type stock struct {
	*station
	user, key, knownHosts string
	options               []string
}

func newStock(t *testing.T, s *station) stock {
	t.Helper()
	_, err := exec.LookPath("sftp")
	require.NoError(t, err, "OpenSSH's client is missing: apt-get install openssh-client")
	host, port, err := net.SplitHostPort(s.Addr())
	require.NoError(t, err)
	known := filepath.Join(t.TempDir(), "known_hosts")
	require.NoError(t, os.WriteFile(known, []byte("["+host+"]:"+port+" "+s.HostKey()+"\n"), 0o600))
	return stock{station: s, user: "ICBC", key: s.keyFile("ICBC"), knownHosts: known}
}

// sftp runs a batch; it stops at the first command that fails, unless the command begins with a minus.
func (c stock) sftp(t *testing.T, batch ...string) (string, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(c.Addr())
	require.NoError(t, err)
	args := append([]string{"-F", "none", "-b", "-", "-P", port, "-i", c.key, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
		"-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=" + c.knownHosts, "-o", "GlobalKnownHostsFile=none"}, c.options...)
	cmd := exec.CommandContext(t.Context(), "sftp", append(args, c.user+"@"+host)...)
	cmd.Stdin = strings.NewReader(strings.Join(batch, "\n") + "\n")
	cmd.Dir = t.TempDir()
	said, err := cmd.CombinedOutput()
	return string(said), err
}

func (c stock) local(t *testing.T, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "local")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

func TestOpenSSHDelivers(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := newStock(t, s)
	name, text := fileOf("ICBC", 1).Name(), pattern(5_000_000)
	s.hubWrites(t, "inbox/"+name, text)
	s.hubWrites(t, "inbox/"+name+".ok", []byte("manifest"))
	file, back := c.local(t, text), filepath.Join(t.TempDir(), "back")
	said, err := c.sftp(t,
		"pwd", "ls -l", "ls -la outbox", "cd outbox",
		"put -p "+file+" "+name+".tmp", "rename "+name+".tmp "+name,
		"put "+file+" "+name+".ok.tmp", "rename "+name+".ok.tmp "+name+".ok", "ls -l",
		"cd ../inbox", "get "+name+" "+back, "rename "+name+" done/"+name, "rename "+name+".ok done/"+name+".ok", "ls -1 done")
	require.NoError(t, err, said)
	require.Contains(t, said, "Remote working directory: /\n")
	require.Contains(t, said, name+".ok")
	got, err := os.ReadFile(back)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(text), sha256.Sum256(got))
	got, err = os.ReadFile(s.inside("ICBC", "outbox", name))
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(text), sha256.Sum256(got))
}

func TestOpenSSHGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := newStock(t, s)
	name, text := fileOf("ICBC", 1).Name(), pattern(3_000_000)
	s.hubWrites(t, "outbox/"+name+".tmp", text[:1_234_567])
	said, err := c.sftp(t, "reput "+c.local(t, text)+" outbox/"+name+".tmp", "rename outbox/"+name+".tmp outbox/"+name)
	require.NoError(t, err, said)
	got, err := os.ReadFile(s.inside("ICBC", "outbox", name))
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, got))
	require.EqualValues(t, len(text)-1_234_567, s.audit.find(t, "write", done)[0].Bytes, "only the rest was sent")
}

func TestOpenSSHIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.Files, c.Limits.Bytes, c.Limits.FileBytes = 2, 150_000, 100_000 })
	c := newStock(t, s)
	name := func(seq int) string { return fileOf("ICBC", seq).Name() }
	small, large := c.local(t, pattern(90_000)), c.local(t, pattern(100_001))
	for _, tc := range []struct{ command, says, told string }{
		{"put " + small + " outbox/accounts.txt.tmp", "Permission denied", "the exchange's own names"},
		{"put " + small + " ../../etc/cron.d/x", "Permission denied", "the exchange's own names"},
		{"put " + small + " outbox/" + name(1), "Permission denied", "as drafts"},
		{"put " + small + " inbox/" + name(1) + ".tmp", "Permission denied", "the exchange's own names"},
		{"put " + large + " outbox/" + name(1) + ".tmp", "Failure", "larger than is taken"},
		{"-put " + small + " outbox/" + name(1) + ".tmp\nput " + small + " outbox/" + name(2) + ".tmp", "Failure", "more bytes than your quota"},
		{"put " + small + " outbox/" + name(3) + ".tmp", "Failure", "more than your quota"},
		{"get ../../../etc/passwd", "not found", ""},
		{"get /ABC/outbox/" + fileOf("ABC", 1).Name(), "not found", ""},
		{"ls /etc", "not found", ""},
		{"symlink /etc/passwd outbox/" + name(4), "Operation unsupported", ""},
		{"ln outbox/" + name(1) + ".tmp outbox/" + name(4), "Operation unsupported", ""},
		{"mkdir outbox/new", "Permission denied", "the exchange's own names"},
		{"rmdir outbox/done", "Operation unsupported", ""},
		{"rm inbox/" + name(1), "Permission denied", ""},
		{"rename outbox/" + name(1) + ".tmp outbox/" + name(2), "Permission denied", "only a draft gets its own name"},
	} {
		said, err := c.sftp(t, tc.command)
		require.Contains(t, said, tc.says, tc.command)
		require.Contains(t, said, tc.told, tc.command)
		require.Error(t, err, tc.command)
	}
	said, err := c.sftp(t, "df outbox")
	require.NoError(t, err)
	require.Regexp(t, ` 146 .* 82%`, said, "what is used of the quota")
}

func TestOpenSSHStrangers(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	login := func(change func(*stock)) string {
		c := newStock(t, s)
		change(&c)
		said, err := c.sftp(t, "pwd")
		require.Error(t, err)
		return said
	}
	require.Contains(t, login(func(c *stock) { c.key = s.keyFile("ABC") }), "Permission denied (publickey)")
	require.Contains(t, login(func(c *stock) { c.user = "root" }), "Permission denied (publickey)")
	require.Contains(t, login(func(c *stock) {
		c.options = []string{"-o", "PreferredAuthentications=password,keyboard-interactive"}
	}), "Permission denied (publickey)")
	require.Contains(t, login(func(c *stock) {
		require.NoError(t, os.WriteFile(c.knownHosts, bytes.ReplaceAll(mustRead(t, c.knownHosts), hostPart(s), hostPart(newStation(t))), 0o600))
	}), "Host key verification failed")
	require.Contains(t, login(func(c *stock) { c.options = []string{"-o", "Ciphers=aes128-cbc"} }), "no matching cipher")
	require.Contains(t, login(func(c *stock) { c.options = []string{"-o", "KexAlgorithms=diffie-hellman-group14-sha256"} }), "no matching key exchange")
	require.Contains(t, login(func(c *stock) { c.options = []string{"-o", "Ciphers=aes128-ctr", "-o", "MACs=hmac-sha1"} }), "no matching MAC")

	refused := s.audit.find(t, "login", denied)
	require.NotEmpty(t, refused)
	require.Equal(t, "ICBC", refused[0].Partner)
	require.Contains(t, refused[0].Key, "SHA256:")
	require.NotContains(t, s.audit.text.String(), "root", "user names that are no partner's are not written down")
	require.Empty(t, s.audit.find(t, "login", done))
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return text
}

// hostPart is the key itself in the line of a host key.
func hostPart(s *station) []byte { return []byte(strings.Fields(s.HostKey())[1]) }

func TestOpenSSHGetsNoShell(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := newStock(t, s)
	host, port, err := net.SplitHostPort(s.Addr())
	require.NoError(t, err)
	ssh := func(extra ...string) string {
		args := append([]string{"-F", "none", "-p", port, "-i", c.key, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
			"-o", "UserKnownHostsFile=" + c.knownHosts, "-o", "GlobalKnownHostsFile=none", "-o", "ExitOnForwardFailure=yes"}, extra...)
		said, err := exec.CommandContext(t.Context(), "ssh", args...).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%s", said)
		return string(said)
	}
	require.Contains(t, ssh("-T", "ICBC@"+host), "shell request failed")
	require.Contains(t, ssh("ICBC@"+host, "id"), "exec request failed")
	require.Contains(t, ssh("-tt", "ICBC@"+host), "PTY allocation request failed")
	require.Contains(t, ssh("-W", "127.0.0.1:22", "ICBC@"+host), "administratively prohibited")
	require.Contains(t, ssh("-N", "-R", "0:127.0.0.1:22", "ICBC@"+host), "forwarding failed")
	require.NotEmpty(t, s.audit.find(t, "shell", unsupported))
	require.NotEmpty(t, s.audit.find(t, "exec", unsupported))
}

func TestOpenSSHLargeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 128 MiB")
	}
	t.Parallel()
	s := newStation(t)
	c := newStock(t, s)
	name, file := fileOf("ICBC", 1).Name(), filepath.Join(t.TempDir(), "large")
	out, err := os.Create(file)
	require.NoError(t, err)
	for piece, i := pattern(1<<20), 0; i < 64; i++ {
		piece[0] = byte(i)
		_, err := out.Write(piece)
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	said, err := c.sftp(t, "put "+file+" outbox/"+name+".tmp", "rename outbox/"+name+".tmp outbox/"+name, "get outbox/"+name+" "+file+".back")
	require.NoError(t, err, said)
	want := digest(t, file)
	require.Equal(t, want, digest(t, s.inside("ICBC", "outbox", name)))
	require.Equal(t, want, digest(t, file+".back"))
}

func digest(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	require.NoError(t, err)
	return sum.Sum(nil)
}
