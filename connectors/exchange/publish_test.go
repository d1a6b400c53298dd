package exchange

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

const layout = "ACCTREQ/1"

func TestPublishProves(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := request(1), sample(300_000)
	var last int64
	ctx := WithProgress(t.Context(), func(n int64) { last = n })

	proof, err := p.Publish(ctx, f, layout, content(text))
	require.NoError(t, err)
	require.Equal(t, manifestOf(f, text), proof.Manifest)
	require.Equal(t, int64(len(text)), proof.RemoteSize)
	require.False(t, proof.ConfirmedAt.IsZero())
	require.Equal(t, int64(3*len(text)), last, "archived, sent, read back")
	p.requirePublished(t, f, text)
	require.Nil(t, p.read(t, "inbox/"+f.Name()+".tmp"))

	m, err := parseManifest(p.read(t, "inbox/"+f.Name()+".ok"))
	require.NoError(t, err)
	hub, err := LoadKey(p.cfg.Endpoints[0].SignKeyFile)
	require.NoError(t, err)
	require.True(t, m.by(&hub.PublicKey))

	archived := filepath.Join(p.cfg.Archive, "out", "ICBC", f.Date, f.Name())
	have, err := os.ReadFile(archived)
	require.NoError(t, err)
	require.Equal(t, text, have)
	info, err := os.Stat(archived)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestPublishSizes(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	for seq, size := range []int{3, 32<<10 - 1, 32 << 10, 32<<10 + 1, 2<<20 + 17, 5 << 20} {
		text := sample(size)
		_, err := p.Publish(t.Context(), request(seq+1), layout, content(text))
		require.NoError(t, err)
		p.requirePublished(t, request(seq+1), text)
	}
}

// What an earlier run, or the partner, has left behind, and what a repeat makes of it.
func TestPublishAgain(t *testing.T) {
	t.Parallel()
	text := sample(100_000)
	name := request(1).Name()
	for title, test := range map[string]struct {
		between func(t *testing.T, p *partner)
		content []byte
		sent    bool
		reason  card.Reason
	}{
		"nothing happened": {between: func(*testing.T, *partner) {}},
		"manifest lost": {between: func(t *testing.T, p *partner) {
			require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", name+".ok")))
		}},
		"processed": {between: func(t *testing.T, p *partner) {
			p.move(t, "inbox/"+name, "inbox/done/"+name)
			p.move(t, "inbox/"+name+".ok", "inbox/done/"+name+".ok")
		}},
		"manifest already moved": {between: func(t *testing.T, p *partner) {
			p.move(t, "inbox/"+name+".ok", "inbox/done/"+name+".ok")
		}},
		"file already moved": {between: func(t *testing.T, p *partner) { p.move(t, "inbox/"+name, "inbox/done/"+name) }},
		"only the manifest kept": {between: func(t *testing.T, p *partner) {
			require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", name)))
			p.move(t, "inbox/"+name+".ok", "inbox/done/"+name+".ok")
		}},
		"everything lost": {sent: true, between: func(t *testing.T, p *partner) {
			require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", name)))
			require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", name+".ok")))
		}},
		"other content":   {between: func(*testing.T, *partner) {}, content: sample(100_001), reason: card.ReasonFileDigest},
		"other same size": {between: func(*testing.T, *partner) {}, content: append([]byte("E"), text[1:]...), reason: card.ReasonFileDigest},
		"other manifest": {reason: card.ReasonFileManifest, between: func(t *testing.T, p *partner) {
			p.write(t, "inbox/"+name+".ok", []byte("manifest=1\n"))
		}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			p := newPartner(t)
			first, err := p.Publish(t.Context(), request(1), layout, content(text))
			require.NoError(t, err)
			test.between(t, p)
			if !test.sent {
				p.Inject(sim.Fault{Op: sim.OpWrite, Name: name + ".tmp", Do: sim.Refuse})
			}
			again := text
			if test.content != nil {
				again = test.content
			}
			proof, err := p.reopen(t).Publish(t.Context(), request(1), layout, content(again))
			if test.reason != "" {
				require.Equal(t, card.Conflict, card.KindOf(err))
				require.Equal(t, test.reason, card.ReasonOf(err))
				have, err := os.ReadFile(filepath.Join(p.cfg.Archive, "out", "ICBC", "20261121", name))
				require.NoError(t, err)
				require.Equal(t, text, have, "the archive keeps what was published")
				return
			}
			require.NoError(t, err)
			require.Equal(t, first.Manifest, proof.Manifest)
		})
	}
}

func TestPublishReplacesWhatWasNeverPublished(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := request(1), sample(50_000)
	p.Inject(sim.Fault{Op: sim.OpConnect, Do: sim.Refuse, Times: 1})
	_, err := p.Publish(t.Context(), f, layout, content(sample(40_000)))
	require.Equal(t, card.Unavailable, card.KindOf(err))
	_, err = p.Publish(t.Context(), f, layout, content(text))
	require.NoError(t, err)
	p.requirePublished(t, f, text)
	have, err := os.ReadFile(filepath.Join(p.cfg.Archive, "out", "ICBC", f.Date, f.Name()))
	require.NoError(t, err)
	require.Equal(t, text, have)
}

// A server that stores something else than it was sent must not get a final name. The file is longer than what is read
// ahead, so that the change comes before the last bytes are asked for.
func TestPublishReadsBack(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := request(1), sample(2*window)
	changed := false
	ctx := WithProgress(t.Context(), func(n int64) {
		if changed || n <= int64(2*len(text)) {
			return
		}
		changed = true
		stored, err := os.OpenFile(filepath.Join(p.root, "inbox", f.Name()+".tmp"), os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = stored.WriteAt([]byte("E"), int64(len(text)-1))
		require.NoError(t, errors.Join(err, stored.Close()))
	})
	_, err := p.Publish(ctx, f, layout, content(text))
	require.Equal(t, card.Unavailable, card.KindOf(err))
	require.Equal(t, card.ReasonFileDigest, card.ReasonOf(err))
	require.Nil(t, p.read(t, "inbox/"+f.Name()))
	_, err = p.Publish(t.Context(), f, layout, content(text))
	require.NoError(t, err)
	p.requirePublished(t, f, text)
}

// The server answers reads of more than 32 KiB with 32 KiB.
func TestLargePackets(t *testing.T) {
	t.Parallel()
	p := newPartner(t, func(p *partner) { p.cfg.Endpoints[0].Packet = 255 << 10 })
	text := sample(3<<20 + 1)
	_, err := p.Publish(t.Context(), request(1), layout, content(text))
	require.NoError(t, err)
	p.requirePublished(t, request(1), text)
	p.offer(t, answer(1), text)
	r, err := p.Collect(t.Context(), answer(1))
	require.NoError(t, err)
	requireReceived(t, r, text)
}

func TestLeftoversGoAway(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := request(1)
	dir := filepath.Join(p.cfg.Archive, "out", "ICBC", f.Date)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	stale, fresh := filepath.Join(dir, f.Name()+".1.part"), filepath.Join(dir, f.Name()+".2.part")
	for _, name := range []string{stale, fresh} {
		require.NoError(t, os.WriteFile(name, nil, 0o600))
	}
	old := time.Now().Add(-2 * staleAfter)
	require.NoError(t, os.Chtimes(stale, old, old))
	_, err := p.Publish(t.Context(), f, layout, content(sample(10)))
	require.NoError(t, err)
	require.NoFileExists(t, stale)
	require.FileExists(t, fresh, "another process may be writing it")
}

func TestPublishKeepsToItsConnections(t *testing.T) {
	t.Parallel()
	p := newPartner(t, func(p *partner) { p.cfg.Endpoints[0].Concurrency = 3 })
	text := sample(100_000)
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Go(func() { _, errs[i] = p.Publish(t.Context(), request(i/2+1), layout, content(text)) })
	}
	wait.Wait()
	require.NoError(t, errors.Join(errs...), "two of each name at the same time")
	dials, most := p.line.use()
	require.LessOrEqual(t, most, 3)
	require.LessOrEqual(t, dials, 3, "connections are used again")
}

func TestPublishStopsWithItsContext(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	text := sample(1 << 20)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the worker stops")
	ctx = WithProgress(ctx, func(n int64) {
		if n > int64(len(text))*3/2 {
			cancel(gone)
		}
	})
	p.Inject(sim.Fault{Op: sim.OpRename, Do: sim.Refuse}) // whatever was on its way already must not count
	_, err := p.Publish(ctx, request(1), layout, content(text))
	require.Equal(t, card.Unavailable, card.KindOf(err))
	require.Nil(t, p.read(t, "inbox/"+request(1).Name()))
	_, err = p.Publish(ctx, request(1), layout, content(text))
	require.ErrorIs(t, err, gone, "nothing begins after the end")
	p.Clear()
	_, err = p.Publish(t.Context(), request(1), layout, content(text))
	require.NoError(t, err)
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	fine := content(sample(10))
	failure := card.E(card.Breach, "ledger", "", errors.New("rows are missing"))
	for title, test := range map[string]struct {
		file   card.File
		layout string
		write  func(io.Writer) (Totals, error)
		kind   card.Kind
		reason card.Reason
	}{
		"path in partner":  {card.File{Partner: "../ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 1}, layout, fine, card.Invalid, card.ReasonFileName},
		"path in kind":     {card.File{Partner: "ICBC", Kind: "../X", Date: "20261121", Seq: 1}, layout, fine, card.Invalid, card.ReasonFileName},
		"underscores":      {card.File{Partner: "ICBC_A", Kind: card.AcctReq, Date: "20261121", Seq: 1}, layout, fine, card.Invalid, card.ReasonFileName},
		"no sequence":      {card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121"}, layout, fine, card.Invalid, card.ReasonFileName},
		"sequence too far": {card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 1_000_000}, layout, fine, card.Invalid, card.ReasonFileName},
		"no day":           {card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261131", Seq: 1}, layout, fine, card.Invalid, card.ReasonFileName},
		"stranger":         {card.File{Partner: "ABC", Kind: card.AcctReq, Date: "20261121", Seq: 1}, layout, fine, card.NotFound, card.ReasonPartnerUnknown},
		"other layout":     {request(1), "CARDREQ/1", fine, card.Invalid, card.ReasonFileLayout},
		"no layout":        {request(1), "ACCTREQ/1\nx=1", fine, card.Invalid, card.ReasonFileLayout},
		"negative":         {request(1), layout, func(io.Writer) (Totals, error) { return Totals{Rows: -1}, nil }, card.Invalid, card.ReasonFileManifest},
		"rows of nothing":  {request(1), layout, content(nil), card.Invalid, card.ReasonFileManifest},
		"no content":       {request(1), layout, func(io.Writer) (Totals, error) { return Totals{}, failure }, card.Breach, ""},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			_, err := p.Publish(t.Context(), test.file, test.layout, test.write)
			require.Equal(t, test.kind, card.KindOf(err))
			require.Equal(t, test.reason, card.ReasonOf(err))
			dials, _ := p.line.use()
			require.Zero(t, dials)
		})
	}
}
