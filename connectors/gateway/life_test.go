package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

func TestReload(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	icbc, err := s.dial(t, "ICBC")
	require.NoError(t, err)
	abc := s.visitAs(t, "ABC")

	boc := s.partner(t, "BOC")
	require.ErrorContains(t, s.Reload([]Partner{boc, {Name: "../x", Keys: boc.Keys}}), "not 2 to 16")
	_, err = s.dial(t, "BOC")
	require.Error(t, err, "a reload that failed changed nothing")

	require.NoError(t, s.Reload([]Partner{s.cfg.Partners[1], boc}))
	s.visitAs(t, "BOC")
	require.Error(t, icbc.Wait(), "who is gone is sent away")
	_, err = s.dial(t, "ICBC")
	require.Error(t, err)
	_, err = abc.ReadDir("outbox")
	require.NoError(t, err, "who stays goes on")

	require.NoError(t, s.Reload([]Partner{s.partner(t, "ABC"), boc}))
	require.Eventually(t, func() bool { _, err := abc.ReadDir("outbox"); return err != nil }, 10*time.Second, time.Millisecond,
		"the key of that session is gone")
	s.visitAs(t, "ABC")
}

func TestStopLetsFilesEnd(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	line, busy := s.enter(t, "ICBC")
	idle, _ := s.enter(t, "ABC")
	f := fileOf("ICBC", 1)
	file, err := busy.Create("outbox/" + f.Name() + ".tmp")
	require.NoError(t, err)
	stopped := make(chan error)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() { stopped <- s.Stop(ctx) }()

	require.Error(t, idle.Wait())
	_, err = s.dial(t, "ABC")
	require.Error(t, err)
	_, err = file.Write(pattern(100_000))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, busy.PosixRename("outbox/"+f.Name()+".tmp", "outbox/"+f.Name()), "there is time to finish")
	require.NoError(t, <-stopped)
	require.Error(t, line.Wait())
	require.NoError(t, s.Stop(ctx), "again is harmless")
}

func TestStopHasAnEnd(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.visit(t)
	file, err := c.Create("outbox/" + fileOf("ICBC", 1).Name() + ".tmp")
	require.NoError(t, err)
	_, err = file.Write([]byte("half"))
	require.NoError(t, err)
	require.NoError(t, s.Stop(expired(t)))
	require.Equal(t, int64(4), s.audit.find(t, "write", cutOff)[0].Bytes)
}

const underTest = "ONECARD_GATEWAY_UNDER_TEST"

// TestMain is also the program of the gateway that TestKilledInMidUpload kills.
func TestMain(m *testing.M) {
	text := os.Getenv(underTest)
	if text == "" {
		os.Exit(m.Run())
	}
	var cfg Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		panic(err)
	}
	g, err := Listen(cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(g.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or its parent ends
}

// startProgram starts the gateway as a program of its own.
func (s *station) startProgram(t testing.TB) (address string, program *exec.Cmd) {
	t.Helper()
	cfg := s.cfg
	cfg.Audit, cfg.Log = nil, nil
	text, err := json.Marshal(cfg)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), underTest+"="+string(text))
	_, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { kill(cmd) })
	address, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address), cmd
}

func kill(program *exec.Cmd) {
	_ = program.Process.Kill()
	_ = program.Wait()
}

// TestKilledInMidUpload kills the gateway at many points of a delivery. The hub never sees anything half, and the partner
// goes on where it was.
func TestKilledInMidUpload(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	f, text := fileOf("ICBC", 1), pattern(400_000)
	for cut := 0; cut <= len(text); cut += len(text) / 5 {
		address, program := s.startProgram(t)
		conn, err := ssh.Dial("tcp", address, s.clientConfig(t, "ICBC"))
		require.NoError(t, err)
		c, err := sftp.NewClient(conn)
		require.NoError(t, err)
		file, err := c.OpenFile("outbox/"+f.Name()+".tmp", os.O_WRONLY|os.O_CREATE)
		require.NoError(t, err)
		info, err := file.Stat()
		require.NoError(t, err)
		_, err = file.WriteAt(text[info.Size():max(int(info.Size()), cut)], info.Size())
		require.NoError(t, err)
		kill(program)
		require.Error(t, c.PosixRename("outbox/"+f.Name()+".tmp", "outbox/"+f.Name()))
		require.NoFileExists(t, s.inside("ICBC", "outbox", f.Name()))
		half, err := os.ReadFile(s.inside("ICBC", "outbox", f.Name()+".tmp"))
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(text, half))
	}
	c := s.visit(t)
	require.NoError(t, c.PosixRename("outbox/"+f.Name()+".tmp", "outbox/"+f.Name()))
	got, err := os.ReadFile(s.inside("ICBC", "outbox", f.Name()))
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, got))
}
