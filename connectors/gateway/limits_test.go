package gateway

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

func TestSessionsOfOnePartner(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.PartnerSessions = 2 })
	first, err := s.dial(t, "ICBC")
	require.NoError(t, err)
	s.visit(t)
	third, err := s.dial(t, "ICBC")
	require.NoError(t, err)
	_, err = sftp.NewClient(third)
	require.ErrorContains(t, err, "as many sessions as it may have")
	s.visitAs(t, "ABC")

	require.NoError(t, first.Close())
	require.Eventually(t, func() bool { return s.Counts().Sessions < 3 }, 10*time.Second, time.Millisecond)
	s.visit(t)
}

func TestHundredsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) {
		c.Limits.Sessions, c.Limits.PartnerSessions, c.Limits.Logins, c.Limits.AddressLogins = 40, 100, 30, 30
	})
	var wait sync.WaitGroup
	var in atomic.Int32
	for n := range 300 {
		config := s.clientConfig(t, []string{"ICBC", "ABC"}[n%2])
		wait.Go(func() {
			c, err := ssh.Dial("tcp", s.Addr(), config)
			if err != nil {
				return
			}
			if client, err := sftp.NewClient(c); err == nil {
				if _, err := client.ReadDir("outbox"); err == nil {
					in.Add(1)
					return // and stays
				}
			}
			_ = c.Close()
		})
	}
	wait.Wait()
	counts := s.Counts()
	require.LessOrEqual(t, counts.Sessions, 40)
	require.EqualValues(t, counts.Sessions, in.Load(), "whoever is in can work")
	require.NotZero(t, in.Load())
	require.NotZero(t, counts.TurnedAway)
}

func TestWhoNeverLogsInIsSentAway(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.Login, c.Limits.AddressLogins = 300*time.Millisecond, 3 })
	conns := make([]net.Conn, 3)
	for n := range conns {
		conn, err := net.Dial("tcp", s.Addr())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.ReadFull(conn, make([]byte, len(version)))
		require.NoError(t, err)
		conns[n] = conn
	}
	_, err := s.dial(t, "ICBC")
	require.Error(t, err, "the address has enough of them")
	for _, conn := range conns { // one byte after the other, which no read deadline of a server's would mind
		go func() {
			for _, err := conn.Write([]byte("S")); err == nil; _, err = conn.Write([]byte("S")) {
				time.Sleep(10 * time.Millisecond)
			}
		}()
		_, err = io.Copy(io.Discard, conn)
		require.True(t, err == nil || errors.Is(err, net.ErrClosed) || isReset(err), "%v", err)
	}
	require.Eventually(t, func() bool { return s.Counts().Strangers == 3 }, 10*time.Second, time.Millisecond)
	s.visit(t)
}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}

func TestConnectionsComeInMeasure(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.ConnectionsPerMinute = 2 })
	s.visit(t)
	s.visit(t)
	_, err := s.dial(t, "ICBC")
	require.Error(t, err)
	require.EqualValues(t, 1, s.Counts().TurnedAway)
}

func TestIdleSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.Idle = 300 * time.Millisecond })
	c, err := s.dial(t, "ICBC")
	require.NoError(t, err)
	alive := make(chan struct{})
	go func() { // signs of life are not work
		defer close(alive)
		for {
			if _, _, err := c.SendRequest("keepalive@openssh.com", true, nil); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	require.Error(t, c.Wait())
	<-alive
	require.Eventually(t, func() bool { return len(s.audit.find(t, "logout", done)) == 1 }, 10*time.Second, time.Millisecond)
	require.Equal(t, errIdle.Error(), s.audit.find(t, "logout", done)[0].Why)
}

func TestHandlesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	f := fileOf("ICBC", 1)
	require.NoError(t, put(c, "outbox/"+f.Name()+".tmp", []byte("draft")))
	var open []*sftp.File
	for {
		file, err := c.Open("outbox/" + f.Name() + ".tmp")
		if err != nil {
			require.ErrorContains(t, err, "too many files are open")
			break
		}
		open = append(open, file)
	}
	require.Len(t, open, 32)
	_, err := c.ReadDir("/")
	require.ErrorContains(t, err, "too many files are open")
	for _, file := range open {
		require.NoError(t, file.Close())
	}
	_, err = c.ReadDir("/")
	require.NoError(t, err)
}

func TestQuotaFollowsWhatTheHubTakes(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(c *Config) { c.Limits.Bytes, c.Limits.Files = 1000, 4 })
	c := s.visit(t)
	f, text := fileOf("ICBC", 1), pattern(450)
	require.NoError(t, deliver(c, f, text))
	next := "outbox/" + fileOf("ICBC", 2).Name() + ".tmp"
	require.ErrorContains(t, put(c, next, text), "quota")
	file, err := c.OpenFile(next, os.O_WRONLY|os.O_TRUNC)
	require.NoError(t, err)
	_, err = file.WriteAt(text, 1<<40)
	require.ErrorContains(t, err, "larger than is taken")
	_, err = file.WriteAt(text, math.MaxInt64-10)
	require.ErrorContains(t, err, "larger than is taken")
	for _, n := range []string{f.Name(), f.Name() + ".ok"} {
		s.hubMoves(t, "outbox/"+n, "outbox/done/"+n)
	}
	_, err = file.WriteAt(text, 0)
	require.NoError(t, err, "the handle that was refused before")
	require.NoError(t, file.Close())
	for seq := 3; seq <= 5; seq++ {
		require.NoError(t, put(c, "outbox/"+fileOf("ICBC", seq).Name()+".tmp", nil))
	}
	require.ErrorContains(t, put(c, "outbox/"+fileOf("ICBC", 6).Name()+".tmp", nil), "quota")
}

// rawSFTP speaks SFTP byte by byte.
func (s *station) rawSFTP(t *testing.T) (io.WriteCloser, io.Reader, *ssh.Client) {
	t.Helper()
	c, err := s.dial(t, "ICBC")
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	shell, err := c.NewSession()
	require.NoError(t, err)
	in, err := shell.StdinPipe()
	require.NoError(t, err)
	out, err := shell.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, shell.RequestSubsystem("sftp"))
	return in, out, c
}

func TestNonsenseEndsTheChannelOnly(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	for name, bytes := range map[string][]byte{
		"a packet of 4 GiB":     {0xff, 0xff, 0xff, 0xff, 1},
		"a packet of nothing":   {0, 0, 0, 0},
		"half a packet":         {0, 0, 0, 9, 3, 0},
		"no such request":       {0, 0, 0, 5, 99, 0, 0, 0, 1},
		"a string past its end": append([]byte{0, 0, 0, 13, 11, 0, 0, 0, 1}, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4),
	} {
		in, out, c := s.rawSFTP(t)
		_, err := in.Write(bytes)
		require.NoError(t, err, name)
		require.NoError(t, in.Close())
		_, err = io.Copy(io.Discard, out)
		require.NoError(t, err, name)
		require.NoError(t, c.Close())
	}
	s.visit(t)
}

func TestHandlesThatWereNeverGiven(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	in, out, _ := s.rawSFTP(t)
	packet := func(kind byte, body ...[]byte) {
		text := []byte{kind}
		for _, b := range body {
			text = append(text, b...)
		}
		_, err := in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...))
		require.NoError(t, err)
	}
	number := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
	text := func(s string) []byte { return append(number(uint32(len(s))), s...) }
	answer := func() []byte {
		size := make([]byte, 4)
		_, err := io.ReadFull(out, size)
		require.NoError(t, err)
		body := make([]byte, binary.BigEndian.Uint32(size))
		_, err = io.ReadFull(out, body)
		require.NoError(t, err)
		return body
	}
	packet(1, number(3))
	require.EqualValues(t, 2, answer()[0], "a version")
	for id := range uint32(2000) {
		packet(4, number(id), text(strconv.Itoa(int(id)))) // close
		got := answer()
		require.EqualValues(t, 101, got[0], "a status")
		require.NotZero(t, binary.BigEndian.Uint32(got[5:9]), "a handle that nobody gave is not closed")
	}
}

func TestOneChannelAtATime(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	_, _, c := s.rawSFTP(t)
	_, err := c.NewSession()
	require.ErrorContains(t, err, "one channel at a time")
	_, _, err = c.OpenChannel("direct-tcpip", nil)
	require.ErrorContains(t, err, "SFTP only")
	_, err = c.Listen("tcp", "127.0.0.1:0")
	require.Error(t, err)
}

func TestBucket(t *testing.T) {
	t.Parallel()
	b, now := newBucket(10, 20), time.Unix(0, 0)
	require.Zero(t, b.reserve(now, 20))
	require.Equal(t, 500*time.Millisecond, b.reserve(now, 5))
	require.Equal(t, 1500*time.Millisecond, b.reserve(now, 10), "who comes later waits longer")
	now = now.Add(2 * time.Second)
	require.True(t, b.try(now, 5))
	require.False(t, b.try(now, 1))
	require.False(t, b.full(now))
	require.True(t, b.full(now.Add(time.Hour)))
}
