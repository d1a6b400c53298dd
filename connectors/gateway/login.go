package gateway

import (
	"errors"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// accept serves connections until the listener is closed.
func (g *Gateway) accept() {
	for {
		conn, err := g.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // such as too many open files: it may pass
			time.Sleep(50 * time.Millisecond)
		case !g.door.enter(conn, time.Now()):
			g.counts.turnedAway.Add(1)
			hangUp(conn)
		default:
			g.wg.Go(func() { g.serve(conn) })
		}
	}
}

// serve runs one connection to its end.
func (g *Gateway) serve(conn net.Conn) {
	defer hangUp(conn)
	g.counts.connections.Add(1)
	link, channels, requests, err := g.login(conn)
	g.door.leave(conn)
	if err != nil {
		g.counts.strangers.Add(1)
		return
	}
	g.wg.Go(func() { ssh.DiscardRequests(requests) })
	s, err := g.begin(conn, link)
	if err != nil {
		g.explain(conn, channels, err)
		return
	}
	defer g.finish(s)
	s.run(channels)
}

// login bounds the whole handshake, however slowly it trickles in.
func (g *Gateway) login(conn net.Conn) (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	if err := conn.SetDeadline(time.Now().Add(g.cfg.Limits.Login)); err != nil {
		return nil, nil, nil, err
	}
	link, channels, requests, err := ssh.NewServerConn(conn, g.ssh)
	if err != nil {
		return nil, nil, nil, err
	}
	return link, channels, requests, conn.SetDeadline(time.Time{})
}

// fingerprint is where the login key's fingerprint stands in the permissions.
const fingerprint = "fingerprint"

var errStranger = errors.New("no such account, or not its key")

// admit lets a partner in with one of its keys; who else asks is told the same for every reason.
func (g *Gateway) admit(link ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	a, shown := g.account(link.User()), ssh.FingerprintSHA256(key)
	if a != nil && a.knows(shown) && checkStrength(key, loginAlgorithms) == nil {
		return &ssh.Permissions{Extensions: map[string]string{fingerprint: shown}}, nil
	}
	e := entry{op: "login", address: link.RemoteAddr().String(), key: shown, outcome: denied}
	if a != nil { // another user name could be anything, a person's too
		e.partner = a.partner
	}
	g.record(e)
	return nil, errStranger
}

var (
	errSessions        = errors.New("the gateway has as many sessions as it takes; try again later")
	errPartnerSessions = errors.New("your account has as many sessions as it may have at once")
)

// begin makes a session of a login, if there may be one more.
func (g *Gateway) begin(conn net.Conn, link *ssh.ServerConn) (*session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, shown := g.accounts[link.User()], link.Permissions.Extensions[fingerprint]
	switch {
	case g.closed:
		return nil, errStopping
	case a == nil || !a.knows(shown): // since a moment
		return nil, errRevoked
	case len(g.sessions) >= g.cfg.Limits.Sessions:
		return nil, errSessions
	case !a.enter():
		return nil, errPartnerSessions
	}
	g.last++
	s := newSession(g, a, conn, g.last, shown)
	g.sessions[s] = struct{}{}
	s.record(entry{op: "login", outcome: done, key: shown})
	g.cfg.LoggedIn(a.partner)
	return s, nil
}

func (g *Gateway) finish(s *session) {
	s.end(errGone)
	s.record(entry{op: "logout", outcome: done, why: s.why()})
	s.account.leave()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, s)
}

// explain tells somebody who logged in why there is no session: clients show with what their channel was refused.
func (g *Gateway) explain(conn net.Conn, channels <-chan ssh.NewChannel, why error) {
	g.counts.turnedAway.Add(1)
	if err := conn.SetDeadline(time.Now().Add(g.cfg.Limits.Login)); err != nil {
		return
	}
	if offer, ok := <-channels; ok {
		_ = offer.Reject(ssh.ResourceShortage, why.Error())
	}
}
