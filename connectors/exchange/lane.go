package exchange

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"onecard/card"
)

// lane is the way to one partner: at most Concurrency connections, dialled when needed and kept while they live.
type lane struct {
	Endpoint
	dialTimeout, silence, keepAlive time.Duration

	slots chan struct{} // one for each transfer under way

	mu     sync.Mutex
	idle   []*session
	live   map[*session]struct{}
	closed bool
}

var (
	errClosed = errors.New("the exchange is closed")
	errSpent  = errors.New("the connection was for one call")
)

func newLane(e Endpoint, cfg Config) *lane {
	return &lane{
		Endpoint:    e,
		dialTimeout: cfg.DialTimeout,
		silence:     cfg.Silence,
		keepAlive:   cfg.KeepAlive,
		slots:       make(chan struct{}, e.Concurrency),
		live:        make(map[*session]struct{}),
	}
}

// use runs do on a connection of its own. What do returns without a kind becomes Unavailable: the partner, or the way to
// it, failed.
func (l *lane) use(ctx context.Context, op string, do func(*session) error) error {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return l.unavailable(op, context.Cause(ctx))
	}
	defer func() { <-l.slots }()
	if ctx.Err() != nil {
		return l.unavailable(op, context.Cause(ctx))
	}
	if l.Directory != "" {
		return l.unavailable(op, l.atHome(ctx, do))
	}
	s, err := l.take(ctx)
	if err != nil {
		return l.unavailable(op, err)
	}
	err = s.run(ctx, l.silence, do)
	l.give(s, err)
	return l.unavailable(op, err)
}

func (l *lane) unavailable(op string, err error) error {
	var known *card.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return card.E(card.Unavailable, op, card.ReasonPartnerUnreachable, fmt.Errorf("partner %s: %w", l.Partner, err))
}

// take returns an idle connection that is still alive, or a new one.
func (l *lane) take(ctx context.Context) (*session, error) {
	if s, err := l.reuse(); s != nil || err != nil {
		return s, err
	}
	s, err := l.dial(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		s.cut(errClosed)
		return nil, errClosed
	}
	l.live[s] = struct{}{}
	go s.keepAlive(l.keepAlive, l.silence)
	return s, nil
}

// dial connects. Where the account bears one connection it tries again for a while: the last one may not be gone yet, or
// another program of the hub may have it.
func (l *lane) dial(ctx context.Context) (*session, error) {
	until := time.Now().Add(l.dialTimeout)
	for {
		s, err := dial(ctx, l.Endpoint, l.dialTimeout)
		var known *card.Error
		if err == nil || !l.OneAtATime || errors.As(err, &known) || time.Now().After(until) {
			return s, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func (l *lane) reuse() (*session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	for len(l.idle) > 0 {
		last := len(l.idle) - 1
		s := l.idle[last]
		l.idle = l.idle[:last]
		if !s.dead() {
			return s, nil
		}
		delete(l.live, s)
	}
	return nil, nil
}

// give takes s back, unless err leaves doubt about the state it is in.
func (l *lane) give(s *session, err error) {
	if !answered(err) {
		s.cut(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.OneAtATime {
		s.cut(errSpent)
	}
	if l.closed || s.dead() {
		delete(l.live, s)
		return
	}
	l.idle = append(l.idle, s)
}

// answered tells errors that a healthy connection carried from those of the connection itself.
func answered(err error) bool {
	var known *card.Error
	var status *sftp.StatusError
	return err == nil || errors.As(err, &known) || errors.As(err, &status) ||
		errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || errors.Is(err, errNotFile)
}

func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	sessions := l.live
	l.live, l.idle = make(map[*session]struct{}), nil
	l.mu.Unlock()
	for s := range sessions {
		s.cut(errClosed)
		<-s.gone
	}
}
