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

// persist repeats a call as an activity is repeated, until it succeeds or its error is final.
func persist[T any](t testing.TB, call func() (T, error)) T {
	t.Helper()
	for range 200 {
		got, err := call()
		if err == nil {
			return got
		}
		kind := card.KindOf(err)
		require.True(t, kind == card.Unavailable || kind == card.Later, "%v", err)
	}
	require.Fail(t, "it never succeeds")
	var none T
	return none
}

// everyProfile runs a test at a server of each profile that lets the hub in.
func everyProfile(t *testing.T, test func(t *testing.T, p *partner, profile sim.Profile)) {
	t.Helper()
	for _, profile := range sim.Profiles() {
		if profile.HostKeyChanged {
			continue // the server alone shows one key only; see TestAnotherHostKeyIsFinal
		}
		t.Run(profile.Name, func(t *testing.T) {
			t.Parallel()
			test(t, newPartnerWith(t, profile), profile)
		})
	}
}

func TestPublishOnEveryServer(t *testing.T) {
	t.Parallel()
	everyProfile(t, func(t *testing.T, p *partner, profile sim.Profile) {
		text := sample(70_000)
		for seq := 1; seq <= 2; seq++ {
			f := request(seq)
			p.write(t, "inbox/"+f.Name()+".tmp", sample(90_000)) // of an attempt that was killed
			proof := persist(t, func() (card.Proof, error) { return p.Publish(t.Context(), f, layout, content(text)) })
			require.Equal(t, profile.ReadOnce != "", proof.SizeOnly, "the proof says what it is worth")
			require.Equal(t, manifestOf(f, text), proof.Manifest)
			p.requireStored(t, f, text)
			p.requirePublishedOnce(t, f, text)

			p.move(t, "inbox/"+f.Name(), "inbox/done/"+f.Name())
			if p.cfg.Endpoints[0].Manifests == ManifestsSigned {
				p.move(t, "inbox/"+f.Name()+".ok", "inbox/done/"+f.Name()+".ok")
			}
			p.requirePublishedOnce(t, f, text)
			require.Nil(t, p.read(t, "inbox/"+f.Name()), "what the partner has done with is not sent again")
		}
		_, err := p.reopen(t).Publish(t.Context(), request(1), layout, content(sample(70_001)))
		for card.KindOf(err) == card.Unavailable {
			_, err = p.reopen(t).Publish(t.Context(), request(1), layout, content(sample(70_001)))
		}
		require.Equal(t, card.Conflict, card.KindOf(err))
	})
}

// requireStored holds that the partner has f whole, with its manifest if it wants one.
func (p *partner) requireStored(t *testing.T, f card.File, text []byte) {
	t.Helper()
	if p.cfg.Endpoints[0].Manifests == ManifestsSigned {
		p.requirePublished(t, f, text)
		return
	}
	p.requireWhole(t, f, text)
	require.NotNil(t, p.read(t, "inbox/"+f.Name()))
	require.Nil(t, p.read(t, "inbox/"+f.Name()+".ok"))
}

// requirePublishedOnce holds that a hub which knows nothing but the archive finds f published, and writes nothing.
func (p *partner) requirePublishedOnce(t *testing.T, f card.File, text []byte) {
	t.Helper()
	disarm := p.Inject(sim.Fault{Op: sim.OpWrite, Do: sim.Refuse})
	defer disarm()
	x := p.reopen(t)
	defer func() { require.NoError(t, x.Close()) }()
	persist(t, func() (card.Proof, error) { return x.Publish(t.Context(), f, layout, content(text)) })
}

func TestCollectFromEveryServer(t *testing.T) {
	t.Parallel()
	everyProfile(t, func(t *testing.T, p *partner, _ sim.Profile) {
		text := sample(70_000)
		for seq := 1; seq <= 2; seq++ {
			f := answer(seq)
			p.send(t, f, text)
			r := persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
			requireArchived(t, r, text)
			x := p.reopen(t)
			r = persist(t, func() (*Received, error) { return x.Collect(t.Context(), f) })
			requireArchived(t, r, text)
			require.NoError(t, x.Close())
			for range 2 {
				persist(t, func() (struct{}, error) { return struct{}{}, p.Done(t.Context(), f) })
			}
			require.Empty(t, p.listed(t), "what is done is not listed")
			require.Nil(t, p.read(t, "outbox/done/"+f.Name()+".2"))
		}
	})
}

// send has the partner put a file out as it does: with a manifest if it knows such.
func (p *partner) send(t *testing.T, f card.File, text []byte) {
	t.Helper()
	if p.cfg.Endpoints[0].Manifests == ManifestsSigned {
		p.offer(t, f, text)
		return
	}
	p.write(t, "outbox/"+f.Name(), text)
}

// listed returns what a hub that knows nothing but the archive can collect.
func (p *partner) listed(t *testing.T) []card.File {
	t.Helper()
	x := p.reopen(t)
	defer func() { require.NoError(t, x.Close()) }()
	return persist(t, func() ([]card.File, error) {
		if _, err := x.List(t.Context(), "ICBC", card.AcctRet); err != nil {
			return nil, err
		}
		return x.List(t.Context(), "ICBC", card.AcctRet)
	})
}

func requireArchived(t *testing.T, r *Received, text []byte) {
	t.Helper()
	have, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	require.Equal(t, text, have)
	require.Equal(t, int64(len(text)), r.Manifest.Size)
	if r.Undeclared {
		require.Nil(t, r.Declared())
		return
	}
	require.Equal(t, manifestOf(r.File, text), *r.Declared())
}

// A collector is killed at each point at which another one must go on; the report is listed until it is done with.
func TestListForgetsNothingOnEveryServer(t *testing.T) {
	t.Parallel()
	everyProfile(t, func(t *testing.T, p *partner, _ sim.Profile) {
		f, text := answer(1), sample(70_000)
		p.send(t, f, text)
		require.Equal(t, []card.File{f}, p.listed(t))
		p.Inject(sim.Fault{Op: sim.OpRead, Name: f.Name(), Do: sim.Drop, Half: true, Times: 1})
		_, err := p.Collect(t.Context(), f)
		require.Equal(t, card.Unavailable, card.KindOf(err))
		require.Equal(t, []card.File{f}, p.listed(t), "its manifest was read, and it was not")
		r := persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
		requireArchived(t, r, text)
		require.Equal(t, []card.File{f}, p.listed(t), "it was read, and nobody has said that it is done")
		persist(t, func() (struct{}, error) { return struct{}{}, p.Done(t.Context(), f) })
		require.Empty(t, p.listed(t))
	})
}

// A file that was refused is sent again, better, under the same name.
func TestABetterFileOnEveryServer(t *testing.T) {
	t.Parallel()
	everyProfile(t, func(t *testing.T, p *partner, _ sim.Profile) {
		f, text := answer(1), sample(70_000)
		p.send(t, f, sample(60_000))
		r := persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
		why := card.E(card.Invalid, "bank.read", card.ReasonFileRows, errors.New("rows are missing"))
		require.NoError(t, p.Quarantine(f, why))
		require.NoFileExists(t, r.Path)
		p.send(t, f, text)
		require.Equal(t, []card.File{f}, p.listed(t))
		r = persist(t, func() (*Received, error) { return p.Collect(t.Context(), f) })
		requireArchived(t, r, text)
	})
}

func TestPingEveryServer(t *testing.T) {
	t.Parallel()
	everyProfile(t, func(t *testing.T, p *partner, _ sim.Profile) {
		require.NoError(t, p.Ping(t.Context(), "ICBC"))
		require.NoError(t, os.RemoveAll(filepath.Join(p.root, "outbox")))
		require.ErrorContains(t, p.Ping(t.Context(), "ICBC"), "outbox")
	})
}
