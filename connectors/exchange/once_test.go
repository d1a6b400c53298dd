package exchange

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

func readOnce(t testing.TB, name string) *partner {
	t.Helper()
	profile, err := sim.ProfileNamed(name)
	require.NoError(t, err)
	return newPartnerWith(t, profile)
}

func TestNothingIsReadBackWhereThatWouldTakeIt(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "read-once")
	p.Inject(sim.Fault{Op: sim.OpRead, Do: sim.Refuse})
	f, text := request(1), sample(70_000)
	for range 2 {
		proof, err := p.Publish(t.Context(), f, layout, content(text))
		require.NoError(t, err)
		require.True(t, proof.SizeOnly)
	}
	p.requirePublished(t, f, text)
}

// By its size alone a file counts as ours only if the archive knows that it was sent.
func TestAStrangersFileOfOurSize(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "read-once")
	f, text := request(1), sample(70_000)
	p.write(t, "inbox/"+f.Name(), append([]byte("E"), text[1:]...))
	for range 3 { // from the second time on the archive has the content, but it was not sent
		_, err := p.Publish(t.Context(), f, layout, content(text))
		require.Equal(t, card.Conflict, card.KindOf(err))
	}
	require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", f.Name())))
	_, err := p.Publish(t.Context(), f, layout, content(text))
	require.NoError(t, err)
	_, err = p.Publish(t.Context(), f, layout, content(append([]byte("E"), text[1:]...)))
	require.Equal(t, card.Conflict, card.KindOf(err), "another content of the same size")
	p.requirePublished(t, f, text)

	p.write(t, "inbox/"+f.Name()+".ok", []byte("manifest=1\n"))
	_, err = p.Publish(t.Context(), f, layout, content(text))
	require.Equal(t, card.ReasonFileManifest, card.ReasonOf(err))
}

// The manifest is written before it is declared, and again the same when a run was killed in between.
func TestAManifestKeepsItsSize(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "read-once")
	f, text := request(1), sample(1000)
	p.Inject(sim.Fault{Op: sim.OpRename, Name: "*.ok", Do: sim.Drop, Times: 1})
	_, err := p.Publish(t.Context(), f, layout, content(text))
	require.Equal(t, card.Unavailable, card.KindOf(err))
	first := p.read(t, "inbox/"+f.Name()+".ok")
	require.NotNil(t, first, "it was declared, and only the answer was lost")
	_, err = p.reopen(t).Publish(t.Context(), f, layout, content(text))
	require.NoError(t, err)
	require.Equal(t, first, p.read(t, "inbox/"+f.Name()+".ok"))
}

func TestReadOnceIsOpenedOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"read-once", "read-once-denied"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readOnce(t, name)
			f, text := answer(1), sample(70_000)
			p.offer(t, f, text)
			_, err := p.Collect(t.Context(), f)
			require.NoError(t, err)
			p.Inject(sim.Fault{Op: sim.OpRead, Do: sim.Drop})
			for range 3 {
				r, err := p.reopen(t).Collect(t.Context(), f)
				require.NoError(t, err)
				requireReceived(t, r, text)
			}
		})
	}
}

func TestABadManifestThatCanBeReadOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"read-once", "read-once-denied"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readOnce(t, name)
			f, text := answer(1), sample(70_000)
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name()+".ok", []byte("nonsense"))
			_, err := p.Collect(t.Context(), f)
			require.Equal(t, card.ReasonFileManifest, card.ReasonOf(err))
			require.Equal(t, []byte("nonsense"), p.quarantined(t, ""))
			_, err = p.Collect(t.Context(), f)
			require.Equal(t, card.Later, card.KindOf(err), "it is not there any more, for us")
			p.offer(t, f, text)
			r, err := p.Collect(t.Context(), f)
			require.NoError(t, err)
			requireReceived(t, r, text)
		})
	}
}

// A manifest came, its file never did; then the partner sends both anew.
func TestANewManifestBesideAKeptOne(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "read-once")
	f, text := answer(1), sample(70_000)
	p.declare(t, f, manifestOf(f, sample(10)), p.key)
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	p.offer(t, f, text)
	r, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, text)
}

func TestABadFileThatCanBeReadOnce(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "read-once")
	f, text := answer(1), sample(70_000)
	p.offer(t, f, text)
	p.write(t, "outbox/"+f.Name(), text[:60_000])
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.ReasonFileSize, card.ReasonOf(err))
	require.Equal(t, text[:60_000], p.quarantined(t, ""))
	p.offer(t, f, text)
	_, err = p.Collect(t.Context(), f)
	require.NoError(t, err)
	require.NoError(t, p.Quarantine(f, errors.New("its rows are wrong")))
	p.offer(t, f, text[:50_000])
	r, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, text[:50_000])
}

func TestWhatCannotBeMovedIsRemembered(t *testing.T) {
	t.Parallel()
	p := readOnce(t, "no-moves")
	f, text := answer(1), sample(1000)
	p.offer(t, f, text)
	require.NoError(t, p.Done(t.Context(), f))
	require.NotNil(t, p.read(t, "outbox/"+f.Name()))
	require.Empty(t, p.listed(t))
	p.offer(t, f, sample(1001))
	require.Equal(t, []card.File{f}, p.listed(t), "it is another file now")
	require.NoError(t, p.Done(t.Context(), f))
	require.Empty(t, p.listed(t))
	for _, name := range []string{f.Name(), f.Name() + ".ok"} {
		require.NoError(t, os.Remove(filepath.Join(p.root, "outbox", name)))
	}
	require.Empty(t, p.listed(t))
	left, err := filepath.Glob(filepath.Join(p.cfg.Archive, "state", "ICBC", "*"))
	require.NoError(t, err)
	require.Empty(t, left, "what is gone is forgotten")
}
