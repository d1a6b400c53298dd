package gateway

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// entry is one line of the audit. It never holds what a client made up: a path is there only if it is one of the
// exchange's, a user name only if it is a partner's.
type entry struct {
	op      string
	outcome outcome
	partner string
	address string
	session uint64
	key     string // fingerprint, of logins
	path    string // relative to the account
	to      string // of renames
	bytes   int64  // of files, when they are closed
	took    time.Duration
	why     string
}

func (e entry) attributes() []slog.Attr {
	attrs := []slog.Attr{slog.String("op", e.op), slog.String("result", string(e.outcome)),
		slog.String("partner", e.partner), slog.String("address", e.address)}
	for _, a := range []slog.Attr{slog.String("key", e.key), slog.String("path", e.path), slog.String("to", e.to),
		slog.String("why", e.why), slog.Uint64("session", e.session), slog.Int64("bytes", e.bytes),
		slog.Int64("microseconds", e.took.Microseconds())} {
		if !a.Value.Equal(slog.StringValue("")) && !a.Value.Equal(slog.Uint64Value(0)) && !a.Value.Equal(slog.Int64Value(0)) {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// record writes and counts an operation.
func (g *Gateway) record(e entry) {
	g.counts.operation(e.outcome)
	g.audit.LogAttrs(context.Background(), slog.LevelInfo, "sftp", e.attributes()...)
}

func (s *session) record(e entry) {
	e.partner, e.address, e.session = s.account.partner, s.conn.RemoteAddr().String(), s.number
	s.gateway.record(e)
}

// complain tells the client in words of a refusal that it should mend, and the operators of what is our own fault.
func (g *Gateway) complain(s *session, r *refusal, err error) {
	switch r.outcome {
	case badName, denied, taken, overQuota, superseded:
		s.notes.tell(r.text)
	case failed:
		s.notes.tell(r.text)
		g.cfg.Log.Error("gateway", "partner", s.account.partner, "error", err)
	case done, absent, unsupported, cutOff:
	}
}

// Counts is what happened since the gateway started.
type Counts struct {
	Connections int64            // that were let try to log in
	TurnedAway  int64            // that were not, or were one session too many
	Strangers   int64            // connections that ended without a login
	Sessions    int              // now
	Operations  map[string]int64 // by their result in the audit
	Received    int64            // bytes of files from partners
	Sent        int64            // bytes of files to partners
}

// Counts returns the counters as they stand.
func (g *Gateway) Counts() Counts {
	g.mu.Lock()
	sessions := len(g.sessions)
	g.mu.Unlock()
	c := &g.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	return Counts{
		Connections: c.connections.Load(), TurnedAway: c.turnedAway.Load(), Strangers: c.strangers.Load(), Sessions: sessions,
		Operations: maps.Clone(c.operations), Received: c.received.Load(), Sent: c.sent.Load(),
	}
}

type counts struct {
	connections, turnedAway, strangers, received, sent atomic.Int64

	mu         sync.Mutex
	operations map[string]int64
}

func (c *counts) operation(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations == nil {
		c.operations = make(map[string]int64)
	}
	c.operations[string(o)]++
}
