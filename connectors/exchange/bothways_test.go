package exchange

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// requireTrip runs a request and its answer, each step twice, and returns the answer.
func (p *partner) requireTrip(t *testing.T) card.File {
	t.Helper()
	f, text := request(1), sample(3_000_000)
	for range 2 {
		_, err := p.Publish(t.Context(), f, "ACCTREQ/1", content(text))
		require.NoError(t, err)
	}
	p.requirePublished(t, f, text)
	_, err := p.reopen(t, func(c *Config) { c.Archive = t.TempDir() }).Publish(t.Context(), f, "ACCTREQ/1", content(text[1:]))
	require.Equal(t, card.Conflict, card.KindOf(err))

	back := f.Answer(card.AcctRet)
	_, err = p.Collect(t.Context(), back)
	require.Equal(t, card.Later, card.KindOf(err))
	p.offer(t, back, text)
	files, err := p.List(t.Context(), "ICBC", card.AcctRet)
	require.NoError(t, err)
	require.Equal(t, []card.File{back}, files)
	r, err := p.Collect(t.Context(), back)
	require.NoError(t, err)
	requireReceived(t, r, text)
	for range 2 {
		require.NoError(t, p.Done(t.Context(), back))
	}
	require.True(t, bytes.Equal(text, p.read(t, "outbox/done/"+back.Name())))
	return back
}
