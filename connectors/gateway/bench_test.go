package gateway

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// roomy are limits that do not come into play.
func roomy(c *Config) {
	l := &c.Limits
	l.Sessions, l.PartnerSessions, l.Logins, l.AddressLogins = 2000, 2000, 100, 100
	l.FileBytes, l.Bytes, l.BytesPerSecond = 4<<30, 8<<30, 64<<30
}

// memory returns a figure of a process in KiB, such as VmRSS or VmHWM.
func memory(b *testing.B, pid int, figure string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	found := regexp.MustCompile(figure + `:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(b, found)
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(b, err)
	return kib
}

func enterAt(b *testing.B, s *station, address string) *sftp.Client {
	b.Helper()
	line, err := ssh.Dial("tcp", address, s.clientConfig(b, "ICBC"))
	require.NoError(b, err)
	b.Cleanup(func() { _ = line.Close() })
	c, err := sftp.NewClient(line, sftp.UseConcurrentWrites(true))
	require.NoError(b, err)
	return c
}

// BenchmarkIdleSessions tells what a thousand sessions that do nothing cost the gateway.
func BenchmarkIdleSessions(b *testing.B) {
	for range b.N {
		s := newStation(b, roomy)
		address, program := s.startProgram(b)
		before := memory(b, program.Process.Pid, "VmRSS")
		for range 1000 {
			_, err := enterAt(b, s, address).ReadDir("outbox")
			require.NoError(b, err)
		}
		b.ReportMetric((memory(b, program.Process.Pid, "VmRSS")-before)/1000, "KiB/session")
	}
}

// BenchmarkUpload moves a file of 1 GiB each way.
func BenchmarkUpload(b *testing.B) {
	const size = 1 << 30
	for _, way := range []string{"put", "get"} {
		b.Run(way, func(b *testing.B) {
			s := newStation(b, roomy)
			address, program := s.startProgram(b)
			c := enterAt(b, s, address)
			at := "outbox/" + fileOf("ICBC", 1).Name() + ".tmp"
			if way == "get" {
				require.NoError(b, os.WriteFile(s.inside("ICBC", at), nil, 0o600))
				require.NoError(b, os.Truncate(s.inside("ICBC", at), size))
			}
			b.SetBytes(size)
			for b.Loop() {
				move(b, c, way, at, size)
			}
			b.ReportMetric(memory(b, program.Process.Pid, "VmHWM")/1024, "MiB-peak")
		})
	}
}

func move(b *testing.B, c *sftp.Client, way, at string, size int64) {
	b.Helper()
	if way == "get" {
		f, err := c.Open(at)
		require.NoError(b, err)
		n, err := f.WriteTo(io.Discard)
		require.NoError(b, err)
		require.Equal(b, size, n)
		require.NoError(b, f.Close())
		return
	}
	f, err := c.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	require.NoError(b, err)
	_, err = f.ReadFromWithConcurrency(io.LimitReader(zeros{}, size), 64)
	require.NoError(b, err)
	require.NoError(b, f.Close())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
