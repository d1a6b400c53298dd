package exchange

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// atHome makes the partner one that logs in to us: its account is the same folder.
func atHome(p *partner) {
	e := &p.cfg.Endpoints[0]
	e.Directory, e.Address, e.User, e.KeyFile, e.HostKey = p.root, "", "", "", ""
}

func TestLocalAccount(t *testing.T) {
	t.Parallel()
	p := newPartner(t, atHome)
	require.NoError(t, p.cfg.Check())
	require.NoError(t, p.Ping(t.Context(), "ICBC"))

	back := p.requireTrip(t)
	require.NotNil(t, p.read(t, "outbox/done/"+back.Name()+".ok"))
	require.Nil(t, p.read(t, "outbox/"+back.Name()+".ok"))
}

func TestLocalAccountGivesRefusedFilesBack(t *testing.T) {
	t.Parallel()
	p := newPartner(t, atHome)
	f, text := answer(1), sample(1000)
	p.offer(t, f, text, func(m *card.Manifest) { m.Size++ })
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.ReasonFileSize, card.ReasonOf(err))
	require.Equal(t, text, p.read(t, "outbox/refused/"+f.Name()))
	require.NotNil(t, p.read(t, "outbox/refused/"+f.Name()+".ok"))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err), "the name is free again")

	p.offer(t, f, text)
	_, err = p.Collect(t.Context(), f)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, p.Quarantine(f, errors.New("its rows are not what was asked")))
	}
	require.Equal(t, text, p.read(t, "outbox/refused/"+f.Name()+".2"))
	require.Nil(t, p.read(t, "outbox/"+f.Name()))

	p.offer(t, f, text[:500])
	require.NoError(t, p.Quarantine(f, errors.New("again")))
	require.NotNil(t, p.read(t, "outbox/"+f.Name()), "a file that was not collected is not given back")
	files, err := p.List(t.Context(), "ICBC", card.AcctRet)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestLocalAccountKeepsToItsFolder(t *testing.T) {
	t.Parallel()
	p := newPartner(t, atHome)
	f, text := answer(1), sample(1000)
	p.offer(t, f, text)
	outside := filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.WriteFile(outside, text, 0o600))
	for _, target := range []string{outside, "done/" + f.Name()} {
		at := filepath.Join(p.root, "outbox", f.Name())
		require.NoError(t, os.Remove(at))
		require.NoError(t, os.Symlink(target, at))
		_, err := p.Collect(t.Context(), f)
		require.Equal(t, card.Unavailable, card.KindOf(err))
	}
	require.NoError(t, os.RemoveAll(p.root))
	require.Equal(t, card.Unavailable, card.KindOf(p.Ping(t.Context(), "ICBC")), "the gateway makes the folder")
}

func TestLocalAccountStopsWithItsContext(t *testing.T) {
	t.Parallel()
	p := newPartner(t, atHome)
	ctx, cancel := context.WithCancel(t.Context())
	f, text := answer(1), sample(5_000_000)
	p.offer(t, f, text)
	_, err := p.Collect(WithProgress(ctx, func(int64) { cancel() }), f)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, card.Unavailable, card.KindOf(err))

	ctx, cancel = context.WithCancel(t.Context())
	_, err = p.Publish(WithProgress(ctx, func(n int64) {
		if n > 5_000_000 { // in the archive, on its way into the account
			cancel()
		}
	}), request(2), "ACCTREQ/1", content(text))
	require.ErrorIs(t, err, context.Canceled)
	p.requireWhole(t, request(2), text)
}

func TestCheckWantsOneWayToAPartner(t *testing.T) {
	t.Parallel()
	p := newPartner(t, func(p *partner) { p.cfg.Endpoints[0].Directory = p.root })
	require.ErrorContains(t, p.cfg.Check(), "both a folder of ours and a server")
}

// In an account of ours people do with files what they do at partners' servers.
func TestLocalAccountByHand(t *testing.T) {
	t.Parallel()
	p := newPartner(t, atHome)
	f, text := request(1), sample(500)
	_, err := p.Publish(t.Context(), f, "ACCTREQ/1", content(text))
	require.NoError(t, err)
	places, err := p.Whereabouts(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, places, 2)
	for range 2 {
		require.NoError(t, p.Withdraw(t.Context(), f))
	}
	places, err = p.Whereabouts(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, "inbox/"+f.Name()+withdrawn, places[0].Path)

	back := answer(1)
	p.offer(t, back, text)
	_, err = p.Collect(t.Context(), back)
	require.NoError(t, err)
	require.NoError(t, p.Quarantine(back, errors.New("odd among the others")))
	require.NotNil(t, p.read(t, "outbox/refused/"+back.Name()))
	require.NoError(t, p.Restore(back, manifestOf(back, text).SM3))
	r, err := p.Collect(t.Context(), back)
	require.NoError(t, err)
	requireReceived(t, r, text)
	require.NoError(t, p.Done(t.Context(), back))
}
