package local

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// firstAttempts bounds how often something is started that ended before it ever was ready.
	firstAttempts = 4
	// hopeless is how long a first start may take to fail and still be worth another one.
	hopeless      = 5 * time.Second
	shortestPause = 200 * time.Millisecond
	longestPause  = 10 * time.Second
	// healthy is the age from which on a death counts as an accident, not as one more failure to start.
	healthy = 30 * time.Second
)

// running is a server or program that is up.
type running interface {
	Pid() int
	Done() <-chan struct{}
	Stop() error
}

// unit is something that the supervisor keeps running. launch returns when it is ready, and ends what it started when it
// fails.
type unit struct {
	name   string
	once   bool // its end is an end, not an accident
	launch func(context.Context) (running, error)
}

// keeper holds the present incarnation of a unit. Only its own goroutine changes current, and after that the stack's stop.
type keeper struct {
	unit    unit
	current running
	since   time.Time
	pause   time.Duration
}

// keep starts u and from then on starts it again whenever it ends.
func (s *Stack) keep(ctx context.Context, u unit) error {
	if s.stopping() {
		return fmt.Errorf("start %s: %w", u.name, ErrNotRunning)
	}
	s.say("start %s (启动)", u.name)
	r, err := firstLaunch(ctx, u)
	if err != nil {
		return fmt.Errorf("start %s: %w", u.name, err)
	}
	k := &keeper{unit: u, current: r, since: time.Now(), pause: shortestPause}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping() {
		return errors.Join(ErrNotRunning, r.Stop())
	}
	s.kept = append(s.kept, k)
	s.state.Processes = append(s.state.Processes, Process{Name: u.name, Pid: r.Pid(), Log: s.logPath(u.name)})
	s.keepers.Go(func() { s.watch(k) })
	return s.save()
}

func (s *Stack) stopping() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}

// firstLaunch tries more than once, for the programs of a run that was killed a moment ago may still hold their ports.
func firstLaunch(ctx context.Context, u unit) (r running, err error) {
	pause := shortestPause
	for attempt := 1; ; attempt++ {
		begun := time.Now()
		r, err = u.launch(ctx)
		if err == nil || attempt == firstAttempts || time.Since(begun) > hopeless || !sleep(ctx, pause) {
			return r, err
		}
		pause *= 2
	}
}

// watch starts the unit again whenever it ends, until the stack stops.
func (s *Stack) watch(k *keeper) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.current.Done():
		}
		if ctx.Err() != nil || !s.revive(ctx, k) {
			return
		}
	}
}

// revive brings the unit back, however often that takes, and reports whether there is still something to watch.
func (s *Stack) revive(ctx context.Context, k *keeper) bool {
	s.note(k, 0)
	if k.unit.once {
		s.fail(k)
		return false
	}
	if time.Since(k.since) > healthy {
		k.pause = shortestPause
	}
	for {
		s.say("%s has ended and is started again in %s (已退出，即将重启)", k.unit.name, k.pause)
		if !sleep(ctx, k.pause) {
			return false
		}
		k.pause = min(2*k.pause, longestPause)
		r, err := k.unit.launch(ctx)
		if err == nil {
			k.current, k.since = r, time.Now()
			s.note(k, r.Pid())
			return true
		}
		s.say("%s: %v", k.unit.name, err)
	}
}

// note records a death (pid 0) or a return.
func (s *Stack) note(k *keeper, pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.state.Processes {
		p := &s.state.Processes[i]
		if p.Name != k.unit.name {
			continue
		}
		p.Pid = pid
		if pid != 0 {
			p.Restarts++
		}
	}
	if err := s.save(); err != nil {
		s.say("%v", err)
	}
}

// fail reports the end of a unit that is not started again; the first such report is the one that counts.
func (s *Stack) fail(k *keeper) {
	select {
	case s.failed <- fmt.Errorf("%s has ended; see %s", k.unit.name, s.logPath(k.unit.name)):
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
