package exchange

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

// The line breaks after every so many bytes of the whole conversation, handshake and read back included.
func TestPublishCut(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	text := sample(200_000)
	cut := 0
	for seq, at := 1, int64(0); at < 450_000; seq, at = seq+1, at+9_973 {
		f := request(seq)
		p.line.breakAfter(at)
		_, err := p.reopen(t).Publish(t.Context(), f, layout, content(text))
		p.line.breakAfter(-1)
		p.requireWhole(t, f, text)
		if err != nil {
			cut++
			require.Equal(t, card.Unavailable, card.KindOf(err), err)
			require.Equal(t, card.ReasonPartnerUnreachable, card.ReasonOf(err))
		}
		_, err = p.Publish(t.Context(), f, layout, content(text))
		require.NoError(t, err)
		p.requirePublished(t, f, text)
	}
	require.Greater(t, cut, 35)
}

// The partner drops the connection at its own moments; among them after it carried out a rename but before it said so.
func TestPublishDropped(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	text := sample(200_000)
	faults := []sim.Fault{
		{Op: sim.OpRename, Name: "*.txt", Do: sim.Drop},
		{Op: sim.OpRename, Name: "*.ok", Do: sim.Drop},
		{Op: sim.OpRead, Name: "*.tmp", Do: sim.Drop, Half: true},
	}
	for at := int64(0); at < int64(len(text)); at += 32_768 {
		faults = append(faults, sim.Fault{Op: sim.OpWrite, Name: "*.txt.tmp", Do: sim.Drop, Bytes: at})
	}
	for i, fault := range faults {
		f := request(i + 1)
		fault.Times = 1
		p.Inject(fault)
		_, err := p.Publish(t.Context(), f, layout, content(text))
		require.Equal(t, card.Unavailable, card.KindOf(err), "%+v", fault)
		p.requireWhole(t, f, text)
		p.Clear()
		_, err = p.Publish(t.Context(), f, layout, content(text))
		require.NoError(t, err)
		p.requirePublished(t, f, text)
	}
}

func TestCollectCut(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	text := sample(200_000)
	cut := 0
	for seq, at := 1, int64(0); at < 230_000; seq, at = seq+1, at+7_919 {
		f := answer(seq)
		p.offer(t, f, text)
		p.line.breakAfter(at)
		_, err := p.reopen(t).Collect(t.Context(), f)
		p.line.breakAfter(-1)
		if err != nil {
			cut++
			require.Equal(t, card.Unavailable, card.KindOf(err), err)
			require.NoFileExists(t, filepath.Join(p.cfg.Archive, "in", "ICBC", f.Date, f.Name()))
		}
		r, err := p.Collect(t.Context(), f)
		require.NoError(t, err)
		requireReceived(t, r, text)
	}
	require.Greater(t, cut, 20)
	require.NoDirExists(t, filepath.Join(p.cfg.Archive, "quarantine"))
	parts, err := filepath.Glob(filepath.Join(p.cfg.Archive, "in", "ICBC", "*", "*.part"))
	require.NoError(t, err)
	require.Empty(t, parts)
}
