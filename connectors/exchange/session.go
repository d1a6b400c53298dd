package exchange

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"onecard/card"
)

// session is one SSH connection with SFTP on it.
type session struct {
	login  *ssh.Client
	files  account
	packet int
	loose  bool
	heard  atomic.Int64  // bytes of SFTP answers so far
	gone   chan struct{} // closed when the connection has ended

	once  sync.Once
	cause atomic.Pointer[error] // why we ended it, if we did
}

// dial connects, checks the host key and starts SFTP, all within timeout.
func dial(ctx context.Context, e Endpoint, timeout time.Duration) (*session, error) {
	config, err := clientConfig(e)
	if err != nil {
		return nil, card.E(card.Internal, "exchange.dial", "", fmt.Errorf("partner %s: %w", e.Partner, err))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no SFTP within %v", timeout))
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", e.Address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	// Closing the connection is the only way to end a handshake that hangs.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	s, err := start(conn, e, config)
	if !stop() {
		err = because(context.Cause(ctx), err)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s, nil
}

func start(conn net.Conn, e Endpoint, config *ssh.ClientConfig) (*session, error) {
	secured, channels, requests, err := ssh.NewClientConn(conn, e.Address, config)
	if err != nil {
		return nil, loginError(err)
	}
	s := &session{login: ssh.NewClient(secured, channels, requests), packet: e.Packet, loose: e.LooseNames, gone: make(chan struct{})}
	go func() {
		_ = s.login.Wait()
		close(s.gone)
	}()
	if s.files, err = s.startSFTP(); err != nil {
		return nil, fmt.Errorf("start SFTP: %w", err)
	}
	return s, nil
}

func (s *session) startSFTP() (account, error) {
	shell, err := s.login.NewSession()
	if err != nil {
		return nil, err
	}
	in, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := shell.StdoutPipe()
	if err != nil {
		return nil, err
	}
	complaints, err := shell.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.RequestSubsystem("sftp"); err != nil {
		return nil, err
	}
	// Unread complaints would fill the channel's window and stop it.
	go func() { _, _ = io.Copy(io.Discard, complaints) }()
	client, err := sftp.NewClientPipe(listener{out, &s.heard}, in,
		sftp.MaxPacketUnchecked(s.packet), sftp.UseConcurrentWrites(true), sftp.UseFstat(true))
	if err != nil {
		return nil, err
	}
	return &remote{Client: client, packet: s.packet, loose: s.loose}, nil
}

// listener counts what the server says.
type listener struct {
	io.Reader
	heard *atomic.Int64
}

func (l listener) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	l.heard.Add(int64(n))
	return n, err
}

// run lets do work on s until ctx ends or the server has been silent for too long: the calls of the SFTP library wait for
// ever, so the connection is closed under them.
func (s *session) run(ctx context.Context, silence time.Duration, do func(*session) error) error {
	stop := context.AfterFunc(ctx, func() { s.cut(context.Cause(ctx)) })
	defer stop()
	done := make(chan struct{})
	defer close(done)
	go s.watch(done, silence)
	err := do(s)
	if cause := s.cause.Load(); cause != nil && !answered(err) {
		return because(*cause, err)
	}
	return err
}

// watch cuts s when nothing was heard for a whole silence, at the latest after two.
func (s *session) watch(done <-chan struct{}, silence time.Duration) {
	tick := time.NewTicker(silence)
	defer tick.Stop()
	for before := s.heard.Load(); ; {
		select {
		case <-done:
			return
		case <-s.gone:
			return
		case <-tick.C:
		}
		now := s.heard.Load()
		if now == before {
			s.cut(fmt.Errorf("the server was silent for %v", silence))
			return
		}
		before = now
	}
}

// keepAlive asks for a sign of life every so often, so that a dead connection is known before it is used, and firewalls
// keep it open.
func (s *session) keepAlive(every, patience time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.gone:
			return
		case <-tick.C:
		}
		late := time.AfterFunc(patience, func() { s.cut(fmt.Errorf("no sign of life for %v", patience)) })
		_, _, err := s.login.SendRequest("keepalive@openssh.com", true, nil)
		late.Stop()
		if err != nil {
			return
		}
	}
}

// cut ends the connection; whatever waits on it fails. Only the first cause is kept.
func (s *session) cut(cause error) {
	s.once.Do(func() {
		s.cause.Store(&cause)
		_ = s.login.Close()
	})
}

func (s *session) dead() bool {
	select {
	case <-s.gone:
		return true
	default:
		return s.cause.Load() != nil
	}
}

// because puts the cause before what it led to.
func because(cause, err error) error {
	if err == nil {
		return cause
	}
	return fmt.Errorf("%w: %w", cause, err)
}
