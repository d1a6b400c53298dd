package exchange

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

func undeclaring(t testing.TB, change ...func(*partner)) *partner {
	t.Helper()
	profile, err := sim.ProfileNamed("no-manifests")
	require.NoError(t, err)
	return newPartnerWith(t, profile, change...)
}

func TestAFileThatStillChangesIsNotTaken(t *testing.T) {
	t.Parallel()
	p := undeclaring(t)
	f, text := answer(1), sample(50_000)
	later := func(why string) {
		t.Helper()
		_, err := p.Collect(t.Context(), f)
		require.Equal(t, card.Later, card.KindOf(err), why)
	}
	later("nothing is there")
	p.write(t, "outbox/"+f.Name(), nil)
	later("the first look")
	later("an empty file is never still")
	for _, size := range []int{10_000, 20_000, 50_000} {
		p.write(t, "outbox/"+f.Name(), text[:size])
		later("it has grown")
	}
	at := filepath.Join(p.root, "outbox", f.Name())
	require.NoError(t, os.Chtimes(at, time.Time{}, time.Now().Add(-time.Hour)))
	later("it was written again, with the same size")
	r, err := p.reopen(t).Collect(t.Context(), f)
	require.NoError(t, err, "the look before is remembered by the archive")
	requireArchived(t, r, text)
	require.True(t, r.Undeclared)
	require.NoFileExists(t, r.Path+".ok")
}

func TestTwoLooksAreApart(t *testing.T) {
	t.Parallel()
	p := undeclaring(t, func(p *partner) { p.cfg.Endpoints[0].Stillness = time.Hour })
	f, text := answer(1), sample(5000)
	p.write(t, "outbox/"+f.Name(), text)
	for range 3 {
		_, err := p.Collect(t.Context(), f)
		require.Equal(t, card.Later, card.KindOf(err), "two retries in a row are no two polls")
		files, err := p.List(t.Context(), "ICBC", card.AcctRet)
		require.NoError(t, err)
		require.Empty(t, files)
	}
	m := archive{root: p.cfg.Archive}.memory("ICBC")
	look, err := m.recall(f, seen)
	require.NoError(t, err)
	look.Since = look.Since.Add(-2 * time.Hour)
	require.NoError(t, m.keep(f, seen, *look))
	require.Equal(t, []card.File{f}, p.listed(t))
	_, err = p.Collect(t.Context(), f)
	require.NoError(t, err)

	look.Since = time.Now().Add(2 * time.Hour) // the clock was set back
	g := answer(2)
	p.write(t, "outbox/"+g.Name(), text)
	require.NoError(t, m.keep(g, seen, *look))
	_, err = p.Collect(t.Context(), g)
	require.Equal(t, card.Later, card.KindOf(err))
	require.NoError(t, os.WriteFile(m.path(g, seen), []byte("half a thou"), 0o600))
	_, err = p.Collect(t.Context(), g)
	require.Equal(t, card.Later, card.KindOf(err), "what cannot be read is looked at anew")
}

func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	p := undeclaring(t)
	f, text := answer(1), sample(50_000)
	p.write(t, "outbox/"+f.Name(), text)
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	ctx := WithProgress(t.Context(), func(int64) { p.write(t, "outbox/"+f.Name(), append(text, "more"...)) })
	_, err = p.Collect(ctx, f)
	require.Equal(t, card.Later, card.KindOf(err))
	require.NoFileExists(t, filepath.Join(p.cfg.Archive, "in", "ICBC", f.Date, f.Name()))
	r := persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
	requireArchived(t, r, append(text, "more"...))
}

func TestAnUndeclaredFileThatChangesAfterTheFact(t *testing.T) {
	t.Parallel()
	p := undeclaring(t)
	f, text := answer(1), sample(50_000)
	p.write(t, "outbox/"+f.Name(), text)
	persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
	at := filepath.Join(p.root, "outbox", f.Name())
	require.NoError(t, os.Chtimes(at, time.Time{}, time.Now().Add(-time.Hour)))
	persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) }) // written again, with the same content
	p.write(t, "outbox/"+f.Name(), sample(50_001))
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Conflict, card.KindOf(err))
	require.Equal(t, sample(50_001), p.quarantined(t, ""))
}

func TestNoManifestsNeedNoKeys(t *testing.T) {
	t.Parallel()
	p := undeclaring(t, func(p *partner) { p.cfg.Endpoints[0].SignKeyFile, p.cfg.Endpoints[0].VerifyKey = "", "" })
	require.NoError(t, p.cfg.Check())
	_, err := p.Publish(t.Context(), request(1), layout, content(sample(10)))
	require.NoError(t, err)
	p.cfg.Endpoints[0].Manifests = "some"
	require.ErrorContains(t, p.cfg.Check(), `manifests are "some"`)
	p = newPartner(t, atHome, func(p *partner) { p.cfg.Endpoints[0].ReadOnce = true })
	require.ErrorContains(t, p.cfg.Check(), "quirks are for")
}
