package drill_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// commit is how PostgreSQL's protocol bears the end of a transaction: a query message of that text.
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

// openGate returns the URL of a database through a gate that asks before each commit whether it may pass. One that may not
// ends its connection, so that the server rolls back.
func openGate(t *testing.T, database string, mayCommit func() bool) string {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gate{server: u.Host, mayCommit: mayCommit}
	g.links.Go(func() { g.serve(listen) })
	t.Cleanup(func() {
		require.NoError(t, listen.Close())
		g.links.Wait()
	})
	u.Host = listen.Addr().String()
	return u.String()
}

type gate struct {
	server    string
	mayCommit func() bool
	links     sync.WaitGroup
}

// serve links every client to the server, until the listener is closed.
func (g *gate) serve(listen net.Listener) {
	for {
		client, err := listen.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", g.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		closeBoth := func() { _ = errors.Join(client.Close(), server.Close()) }
		g.links.Go(func() { defer closeBoth(); _, _ = io.Copy(client, server) })
		g.links.Go(func() { defer closeBoth(); g.forward(client, server) })
	}
}

// forward passes on what the client says, up to a commit that may not pass.
func (g *gate) forward(client io.Reader, server io.Writer) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := client.Read(chunk)
		if bytes.Contains(chunk[:n], commit) && !g.mayCommit() {
			return
		}
		if n > 0 {
			if _, err := server.Write(chunk[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
