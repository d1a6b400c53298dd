package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"onecard/connectors/postgres/cluster"
)

// Stack is a running set of servers and programs. Its methods are safe for concurrent use.
type Stack struct {
	options Options
	lock    *os.File
	ports   *ports
	pg      *cluster.Cluster // as it was started; a restart keeps its address and password
	keepers sync.WaitGroup
	stopped chan struct{}
	failed  chan error

	mu    sync.Mutex // guards what follows
	kept  []*keeper
	state State
	once  sync.Once
}

func newStack(o Options, lock *os.File) (*Stack, error) {
	p, err := loadPorts(filepath.Join(o.Dir, "ports.json"))
	if err != nil {
		return nil, err
	}
	s := &Stack{options: o, lock: lock, ports: p, stopped: make(chan struct{}), failed: make(chan error, 1)}
	s.state = State{
		Pid: os.Getpid(), Started: time.Now().UTC(), Namespace: o.Namespace,
		DatabaseURL: o.DatabaseURL, TemporalAddress: o.TemporalAddress,
	}
	return s, s.prepareCodec()
}

// prepareCodec fixes where the codec endpoint will listen and what opens it, before anybody serves it: the Web UI must know
// the address when it starts.
func (s *Stack) prepareCodec() error {
	port, err := s.ports.get("codec")
	if err != nil {
		return err
	}
	token := filepath.Join(s.options.Dir, "codec.token")
	if _, err := os.Stat(token); errors.Is(err, os.ErrNotExist) {
		if err := replace(token, []byte(rand.Text()+"\n")); err != nil {
			return err
		}
	}
	s.state.CodecAddress, s.state.CodecTokenFile = address(port), token
	return s.save()
}

// Port returns the port on 127.0.0.1 that belongs to the name, the same at every start in this folder.
func (s *Stack) Port(name string) (int, error) { return s.ports.get(name) }

// State is a copy of what Find tells other processes about the stack.
func (s *Stack) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.clone()
}

// Ready tells other processes that the caller has launched everything that it wanted to.
func (s *Stack) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Ready = true
	return s.save()
}

// Wait returns nil when ctx ends, and an error when a program that is not started again has failed.
func (s *Stack) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Stop ends everything in the reverse order of its start, each within its own bound, and frees the folder. Stopping twice
// is harmless.
func (s *Stack) Stop() error {
	var err error
	s.once.Do(func() { err = s.stop() })
	return err
}

func (s *Stack) stop() error {
	s.mu.Lock()
	close(s.stopped) // under the lock: nothing joins s.kept after this
	s.mu.Unlock()
	s.keepers.Wait()
	var errs []error
	for _, k := range slices.Backward(s.kept) {
		s.say("stop %s (停止)", k.unit.name)
		if err := k.current.Stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", k.unit.name, err))
		}
	}
	errs = append(errs, remove(s.options.Dir), s.lock.Close())
	return errors.Join(errs...)
}

// say writes a line for people; nobody is helped by a failure to do so.
func (s *Stack) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.options.Log, format+"\n", args...)
}
