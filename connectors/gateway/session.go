package gateway

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// session is one connection of a partner that has logged in. It carries one SFTP channel at a time.
type session struct {
	gateway *Gateway
	account *account
	conn    net.Conn
	number  uint64
	key     string // fingerprint

	ctx     context.Context //nolint:containedctx // it is the life of the connection
	cancel  context.CancelCauseFunc
	busy    atomic.Bool  // the channel is there
	handles atomic.Int32 // open files and folders
	touched atomic.Int64 // when the client last asked for something, in Unix nanoseconds
	notes   *notes
}

func newSession(g *Gateway, a *account, conn net.Conn, number uint64, key string) *session {
	s := &session{gateway: g, account: a, conn: conn, number: number, key: key, notes: &notes{}}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.touch()
	return s
}

func (s *session) touch() { s.touched.Store(time.Now().UnixNano()) }

func (s *session) silent() time.Duration { return time.Since(time.Unix(0, s.touched.Load())) }

// quiet tells whether nothing is under way, and has not been for a while.
func (s *session) quiet(while time.Duration) bool {
	return s.handles.Load() == 0 && s.silent() >= while
}

// end closes the connection; only the first cause is kept.
func (s *session) end(cause error) {
	s.cancel(cause)
	hangUp(s.conn)
}

func (s *session) why() string { return context.Cause(s.ctx).Error() }

// run takes channels until the connection ends.
func (s *session) run(channels <-chan ssh.NewChannel) {
	idle := s.gateway.cfg.Limits.Idle
	var watch *time.Timer
	watch = time.AfterFunc(idle, func() {
		if rest := idle - s.silent(); rest > 0 {
			watch.Reset(rest)
			return
		}
		s.end(errIdle)
	})
	defer watch.Stop()
	for offer := range channels {
		s.open(offer)
	}
}

func (s *session) open(offer ssh.NewChannel) {
	if offer.ChannelType() != "session" {
		_ = offer.Reject(ssh.Prohibited, "SFTP only")
		return
	}
	if !s.busy.CompareAndSwap(false, true) {
		_ = offer.Reject(ssh.ResourceShortage, "one channel at a time")
		return
	}
	channel, requests, err := offer.Accept()
	if err != nil {
		s.busy.Store(false)
		return
	}
	s.gateway.wg.Go(func() { s.channel(channel, requests) })
}

// channel grants one request, the SFTP subsystem, and refuses shells, commands, terminals and all else.
func (s *session) channel(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer s.busy.Store(false)
	granted := false
	for r := range requests {
		grant := !granted && r.Type == "subsystem" && subsystem(r.Payload) == "sftp"
		if r.WantReply {
			_ = r.Reply(grant, nil)
		}
		switch {
		case grant:
			granted = true
			s.gateway.wg.Go(func() { s.sftp(channel) })
		case r.Type == "shell" || r.Type == "exec" || r.Type == "subsystem":
			s.record(entry{op: r.Type, outcome: unsupported})
		}
	}
}

func subsystem(payload []byte) string {
	var named struct{ Name string }
	if ssh.Unmarshal(payload, &named) != nil {
		return ""
	}
	return named.Name
}

func (s *session) sftp(channel ssh.Channel) {
	s.notes.open(channel.Stderr())
	j := &jail{session: s}
	server := sftp.NewRequestServer(asking{channel, s}, sftp.Handlers{FileGet: j, FilePut: j, FileCmd: j, FileList: j})
	_ = server.Serve() // ends with the channel; what went wrong was said on the wire
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{}))
	_ = channel.Close()
}

// asking notices when the client asks for something.
type asking struct {
	ssh.Channel
	session *session
}

func (a asking) Read(p []byte) (int, error) {
	n, err := a.Channel.Read(p)
	a.session.touch()
	return n, err
}

// hold counts a handle, unless there are as many as may be.
func (s *session) hold() error {
	if s.handles.Add(1) > int32(s.gateway.cfg.Limits.Handles) { //nolint:gosec // a limit of a few dozen
		s.handles.Add(-1)
		return errHandles
	}
	return nil
}

func (s *session) release() { s.handles.Add(-1) }

// smallest is what even the smallest read or write counts in bytes, so that many of them are no way round the rate.
const smallest = 4 << 10

// pass waits until n bytes more may go over the wire.
func (s *session) pass(n int) error { return s.account.bytes.take(s.ctx, float64(max(n, smallest))) }

// answer makes of an error what the client is told; io.EOF is no error to it.
func (s *session) answer(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // only the bare one ends a file
		return err
	}
	r := classify(err)
	s.gateway.complain(s, r, err)
	return r
}
