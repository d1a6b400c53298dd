package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/connectors/postgres/cluster/child"
)

// patience is the longest that these tests wait for anything.
const patience = time.Minute

// bare is a stack without servers, for programs alone.
func bare(t *testing.T) *Stack {
	t.Helper()
	o, err := Options{Dir: filepath.Join(t.TempDir(), "var"), DatabaseURL: "given", TemporalAddress: "given"}.complete()
	require.NoError(t, err)
	lock, err := acquire(o.Dir)
	require.NoError(t, err)
	s, err := newStack(o, lock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

func shell(name, script string) Program {
	return Program{Name: name, Argv: []string{"/bin/sh", "-c", script}}
}

func pidOf(t *testing.T, s *Stack, name string) int {
	t.Helper()
	p, ok := s.State().Process(name)
	require.True(t, ok)
	return p.Pid
}

func gone(pid int) bool { return !child.Alive(pid) }

func TestProgramComesBack(t *testing.T) {
	t.Parallel()
	s := bare(t)
	require.NoError(t, s.Launch(t.Context(), shell("forever", "exec sleep 600")))
	first := pidOf(t, s, "forever")
	require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
	require.Eventually(t, func() bool {
		p, _ := s.State().Process("forever")
		return p.Restarts == 1 && p.Pid != 0 && p.Pid != first
	}, patience, time.Millisecond)
	second := pidOf(t, s, "forever")
	require.NoError(t, s.Stop())
	require.True(t, gone(first))
	require.True(t, gone(second))
	require.NoError(t, s.Stop(), "stopping twice is harmless")
}

func TestEndOfAProgramThatRunsOnceIsReported(t *testing.T) {
	t.Parallel()
	s := bare(t)
	p := shell("partners", "exit 3")
	p.Once = true
	require.NoError(t, s.Launch(t.Context(), p))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.ErrorContains(t, s.Wait(ctx), "partners has ended")
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, bare(t).Wait(ctx))
}

func TestStubbornProgramIsKilled(t *testing.T) {
	t.Parallel()
	s := bare(t)
	mark := filepath.Join(t.TempDir(), "up")
	p := shell("stubborn", `trap "" TERM; : >"$MARK"; while :; do sleep 1; done`)
	p.Env = []string{"MARK=" + mark}
	p.Grace = 10 * time.Millisecond
	p.Ready = func(context.Context) error { _, err := os.Stat(mark); return err }
	require.NoError(t, s.Launch(t.Context(), p))
	pid := pidOf(t, s, "stubborn")
	require.NoError(t, s.Stop())
	require.True(t, gone(pid))
}

func TestProgramThatNeverGetsReady(t *testing.T) {
	t.Parallel()
	s := bare(t)
	never := func(context.Context) error { return errors.New("not yet") }

	ends := shell("ends", "echo the reason; exit 1")
	ends.Ready = never
	require.ErrorContains(t, s.Launch(t.Context(), ends), "ended before it was ready")
	raw, err := os.ReadFile(s.logPath("ends"))
	require.NoError(t, err)
	require.Contains(t, string(raw), "the reason")

	hangs := shell("hangs", "exec sleep 600")
	hangs.Ready, hangs.ReadyWithin = never, time.Millisecond
	require.ErrorContains(t, s.Launch(t.Context(), hangs), "is not ready")
	require.Empty(t, s.State().Processes)
}

func TestLaunchAfterStopIsRefused(t *testing.T) {
	t.Parallel()
	s := bare(t)
	require.NoError(t, s.Stop())
	require.ErrorIs(t, s.Launch(t.Context(), shell("late", "exec sleep 600")), ErrNotRunning)
}

func TestProgramsStopInReverseOrder(t *testing.T) {
	t.Parallel()
	s := bare(t)
	out := filepath.Join(t.TempDir(), "order")
	for _, name := range []string{"first", "second"} {
		up := filepath.Join(t.TempDir(), name)
		p := shell(name, `trap "echo $0 >>$OUT; exit" TERM; : >$UP; while :; do sleep 0.01; done`)
		p.Argv = append(p.Argv, name)
		p.Env = []string{"OUT=" + out, "UP=" + up}
		p.Ready = func(context.Context) error { _, err := os.Stat(up); return err }
		require.NoError(t, s.Launch(t.Context(), p))
	}
	require.NoError(t, s.Stop())
	raw, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "second\nfirst\n", string(raw))
}
