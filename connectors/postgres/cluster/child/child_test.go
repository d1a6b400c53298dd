package child_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/connectors/postgres/cluster/child"
)

func shell(script string) child.Spec {
	return child.Spec{Argv: []string{"/bin/sh", "-c", script}, OnDeath: syscall.SIGKILL}
}

func TestOutputAndEnd(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	spec := shell(`echo "$WHO"; exit 3`)
	spec.Env, spec.Out = []string{"WHO=me"}, &out
	p, err := child.Start(spec)
	require.NoError(t, err)
	require.EqualError(t, p.Err(), "exit status 3")
	require.Equal(t, "me\n", out.String())
	require.False(t, child.Alive(p.Pid()))
}

func TestMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := child.Start(child.Spec{Argv: []string{"/no/such/program"}})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestStopGoesUpTheSteps(t *testing.T) {
	t.Parallel()
	out, in, err := os.Pipe()
	require.NoError(t, err)
	spec := shell(`trap "" INT TERM; echo ready; while :; do sleep 1; done`)
	spec.Out = in
	p, err := child.Start(spec)
	require.NoError(t, err)
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	p.Stop(child.Step{Signal: syscall.SIGINT, Wait: time.Millisecond}, child.Step{Signal: syscall.SIGTERM, Wait: time.Millisecond})
	require.EqualError(t, p.Err(), "signal: killed")
	p.Stop(child.Step{Signal: syscall.SIGTERM, Wait: time.Hour}) // harmless, and at once
}

// TestEndsWithItsParent runs this binary as a parent, kills it with SIGKILL and sees its child end. The parent is busy with
// goroutines that come and go, so that threads end as well.
func TestEndsWithItsParent(t *testing.T) {
	t.Parallel()
	if os.Getenv("CHILD_PARENT") != "" {
		parent(t)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestEndsWithItsParent$")
	cmd.Env = append(os.Environ(), "CHILD_PARENT=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var pid int
	_, err = fmt.Fscanln(out, &pid)
	require.NoError(t, err)
	require.True(t, child.Alive(pid))
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return !child.Alive(pid) }, time.Minute, time.Millisecond)
}

func parent(t *testing.T) {
	t.Helper()
	p, err := child.Start(shell("exec sleep 600"))
	require.NoError(t, err)
	for range 100 {
		ended := make(chan struct{})
		go func() {
			runtime.LockOSThread() // never unlocked: its thread ends with it
			close(ended)
		}()
		<-ended
	}
	fmt.Println(p.Pid())
	select {}
}
