// Package child runs programs that never outlive the process that started them, not even when that one is killed.
package child

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// drain bounds how long output of grandchildren is still read after the program itself has ended.
const drain = 2 * time.Second

// Spec says what to run and as whom.
type Spec struct {
	// Argv is the absolute path of the program and its arguments.
	Argv []string
	// Env is the whole environment; nothing is inherited.
	Env []string
	// Dir is the working directory; empty means ours.
	Dir string
	// Out receives standard output and error; nil discards them. An *os.File is handed to the program as it is.
	Out io.Writer
	// User is whom to run as; nil means ourselves.
	User *syscall.Credential
	// OnDeath is the signal that the kernel sends when we die, by whatever cause. It must be one that ends the program.
	OnDeath syscall.Signal
}

// Process is a running program. Its methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs the program in a process group of its own, so that a Ctrl-C at the terminal reaches us alone and we decide
// the order in which programs end.
func Start(s Spec) (*Process, error) {
	cmd := exec.Command(s.Argv[0], s.Argv[1:]...) //nolint:gosec // running the given program is the purpose
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = s.Env, s.Dir, s.Out, s.Out
	cmd.WaitDelay = drain
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: s.OnDeath, Credential: s.User}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Argv[0], err)
	}
	return p, nil
}

// run keeps its thread for the life of the program: the kernel takes the end of the thread that forked for our death.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	close(p.done)
}

// Pid is the process id of the program.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the program has ended and has been reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the program ended: nil for exit code 0. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Step is one attempt at ending a program: a signal, and how long to wait for it to work.
type Step struct {
	Signal syscall.Signal
	Wait   time.Duration
}

// Stop takes the steps one after another until the program has ended, and SIGKILL after the last of them. Stopping a
// program that has ended does nothing.
func (p *Process) Stop(steps ...Step) {
	for _, s := range steps {
		if p.end(s) {
			return
		}
	}
	_ = p.cmd.Process.Kill() // fails only when it has just ended
	<-p.done
}

func (p *Process) end(s Step) bool {
	select {
	case <-p.done:
		return true
	default:
	}
	_ = p.cmd.Process.Signal(s.Signal) // fails only when it has just ended
	timer := time.NewTimer(s.Wait)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}
