package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"onecard/connectors/postgres/cluster/child"
)

const (
	readyPoll   = 50 * time.Millisecond
	readyWithin = time.Minute
	termGrace   = 10 * time.Second
	// rotateAt is the size in bytes from which a log is put aside at the next start of its program; one old log is kept.
	rotateAt = 32 << 20
)

// Program is a program of ours that runs beside the servers.
type Program struct {
	// Name is unique in the stack and names the log file.
	Name string
	// Argv is the absolute path of the program and its arguments.
	Argv []string
	// Env is added to our environment, over what stands there.
	Env []string
	// Ready returns nil when the program serves; nil means that it is ready once it runs. It is asked again and again.
	Ready func(context.Context) error
	// ReadyWithin bounds the wait for that; a minute when zero.
	ReadyWithin time.Duration
	// Once says that the program's end is an end: it is not started again, and Wait reports it.
	Once bool
	// Grace is how long the program may take to end after SIGTERM, before SIGKILL; ten seconds when zero.
	Grace time.Duration
}

// Launch starts a program and returns when it is ready. It is started again whenever it ends, and stopped before everything
// that was there before it.
func (s *Stack) Launch(ctx context.Context, p Program) error {
	p.Env = slices.Concat(os.Environ(), p.Env)
	return s.keepProgram(ctx, p)
}

// keepProgram keeps p running in exactly the environment given.
func (s *Stack) keepProgram(ctx context.Context, p Program) error {
	return s.keep(ctx, unit{name: p.Name, once: p.Once, launch: func(ctx context.Context) (running, error) {
		return s.launch(ctx, p)
	}})
}

// process is a child that knows how it wants to be stopped.
type process struct {
	*child.Process
	grace time.Duration
}

// Stop asks the program to end and makes it end when it does not.
func (p process) Stop() error {
	p.Process.Stop(child.Step{Signal: syscall.SIGTERM, Wait: p.grace})
	return nil // how a program ends that was told to is not our concern
}

// launch runs p once and returns when it is ready.
func (s *Stack) launch(ctx context.Context, p Program) (running, error) {
	log, err := s.openLog(p.Name)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the program has its own descriptor
	c, err := child.Start(child.Spec{Argv: p.Argv, Env: p.Env, Dir: s.options.Dir, Out: log, OnDeath: syscall.SIGKILL})
	if err != nil {
		return nil, err
	}
	started := process{Process: c, grace: cmp.Or(p.Grace, termGrace)}
	if err := s.await(ctx, p, c); err != nil {
		return nil, errors.Join(err, started.Stop())
	}
	return started, nil
}

// await waits until the program is ready, has ended, or takes too long.
func (s *Stack) await(ctx context.Context, p Program, c *child.Process) error {
	if p.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.ReadyWithin, readyWithin))
	defer cancel()
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		err := p.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.Done():
			return fmt.Errorf("%s ended before it was ready; see %s", p.Name, s.logPath(p.Name))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready; see %s: %w", p.Name, s.logPath(p.Name), err)
		case <-tick.C:
		}
	}
}

func (s *Stack) logPath(name string) string {
	return filepath.Join(s.options.Dir, "log", name+".log")
}

// openLog opens the log of a program for appending, and puts a large one aside.
func (s *Stack) openLog(name string) (*os.File, error) {
	path := s.logPath(name)
	if info, err := os.Stat(path); err == nil && info.Size() > rotateAt {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the log of %s aside: %w", name, err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // in the caller's own folder
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	return f, nil
}
