package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/stretchr/testify/require"
)

// toxic is a way in which a line is spoilt, as toxiproxy reads it.
type toxic string

// upstream is from the hub to the partner, downstream the other way.
const (
	upstream   = "upstream"
	downstream = "downstream"
)

func poison(kind, stream, attributes string, values ...any) toxic {
	return toxic(fmt.Sprintf(`{"type":%q,"stream":%q,"attributes":{`+attributes+`}}`, append([]any{kind, stream}, values...)...))
}

// cut ends the connection after so many bytes.
func cut(stream string, bytes int) toxic { return poison("limit_data", stream, `"bytes":%d`, bytes) }

// reset ends it as a machine does that has crashed, so many milliseconds after the next byte.
func reset(stream string, after int) toxic {
	return poison("reset_peer", stream, `"timeout":%d`, after)
}

// stall loses everything without a word.
func stall(stream string) toxic { return poison("timeout", stream, `"timeout":0`) }

// latency keeps every byte back for so many milliseconds.
func latency(stream string, ms int) toxic { return poison("latency", stream, `"latency":%d`, ms) }

// bandwidth lets 50 KB a second pass.
func bandwidth(stream string) toxic { return poison("bandwidth", stream, `"rate":50`) }

// line is the way to a partner through a proxy that can spoil it.
type line struct{ *toxiproxy.Proxy }

func newLine(t *testing.T, to string) line {
	t.Helper()
	server := &toxiproxy.ApiServer{Collection: toxiproxy.NewProxyCollection(), Metrics: toxiproxy.NewMetricsContainer(nil)}
	server.Logger = fresh(server.Logger) // it says nothing
	l := line{toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", to)}
	require.NoError(t, l.Start())
	t.Cleanup(l.Stop)
	return l
}

func fresh[T any](*T) *T { return new(T) }

// spoil makes the line bad, for connections that are open too.
func (l line) spoil(t *testing.T, toxics ...toxic) {
	t.Helper()
	for _, x := range toxics {
		_, err := l.Toxics.AddToxicJson(strings.NewReader(string(x)))
		require.NoError(t, err)
	}
}

// mend makes the line good again.
func (l line) mend(t *testing.T) { l.Toxics.ResetToxics(t.Context()) }
