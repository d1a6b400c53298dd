package exchange

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// carry lays a file and its manifest on a disk, as if they came by mail.
func (p *partner) carry(t testing.TB, f card.File, text []byte, change ...func(*card.Manifest)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "attachment.txt")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	m := manifestOf(f, text)
	for _, c := range change {
		c(&m)
	}
	ok, err := encodeManifest(m, p.key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".ok", ok, 0o600))
	return path
}

func (p *partner) rejoin(t testing.TB, f card.File, path string) (card.Manifest, error) {
	t.Helper()
	return p.Rejoin(t.Context(), f, path, path+".ok")
}

func TestAFileThatCameByHandIsCollected(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(300_000)
	path := p.carry(t, f, text)
	for range 2 {
		m, err := p.rejoin(t, f, path)
		require.NoError(t, err)
		require.Equal(t, manifestOf(f, text), m)
	}
	p.CutAll()
	require.NoError(t, p.Close(), "the partner need not be there")
	r, err := p.reopen(t).Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, text)
}

func TestAFileThatCameByHandIsDone(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	_, err := p.rejoin(t, answer(1), p.carry(t, answer(1), sample(100)))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, p.Done(t.Context(), answer(1)))
	}
}

// While its partner cannot be reached, a file that came by hand is done all the same, and put away there when it can be.
func TestAFileThatCameByHandIsDoneWithoutItsPartner(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	p.offer(t, answer(1), sample(100))
	p.offer(t, answer(2), sample(100))
	_, err := p.rejoin(t, answer(1), p.carry(t, answer(1), sample(100)))
	require.NoError(t, err)
	away := p.reopen(t, func(c *Config) { c.Endpoints[0].Address = "127.0.0.1:1" })
	require.NoError(t, away.Done(t.Context(), answer(1)))
	require.Equal(t, card.Unavailable, card.KindOf(away.Done(t.Context(), answer(2))))
	require.NoError(t, p.Done(t.Context(), answer(1)))
	require.Nil(t, p.read(t, "outbox/"+answer(1).Name()))
}

// What comes by hand is checked as what is collected.
func TestABadFileThatCameByHandIsRefused(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(1000)
	for reason, path := range map[card.Reason]string{
		card.ReasonFileDigest: p.carry(t, f, text, func(m *card.Manifest) { m.SM3 = manifestOf(f, sample(999)).SM3 }),
		card.ReasonFileSize:   p.carry(t, f, text, func(m *card.Manifest) { m.Size++ }),
		card.ReasonFileName:   p.carry(t, answer(2), text),
	} {
		_, err := p.rejoin(t, f, path)
		require.Equal(t, reason, card.ReasonOf(err))
		require.NotEmpty(t, card.EditionOf(err))
		found := card.FindingOf(err)
		require.NotEmpty(t, found.Found)
		require.NotEmpty(t, found.Expected)
	}
	path := p.carry(t, f, text)
	require.NoError(t, os.Remove(path+".ok"))
	_, err := p.rejoin(t, f, path)
	require.Equal(t, card.ReasonFileNoManifest, card.ReasonOf(err))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err), "nothing of it was taken")
}

// A file that came by hand takes the place of the one that was collected; this one is kept.
func TestAFileThatCameByHandReplaces(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := answer(1)
	p.offer(t, f, sample(500))
	_, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	_, err = p.rejoin(t, f, p.carry(t, f, sample(900)))
	require.NoError(t, err)
	r, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, sample(900))
	copies, err := p.Copies(f)
	require.NoError(t, err)
	require.Len(t, copies, 3)
	require.Equal(t, manifestOf(f, sample(500)).SM3, copies[2].SM3)
	require.Contains(t, copies[2].Why, string(card.ReasonFileHeld))
}

func TestQuarantinedBytesAreRestored(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(500)
	p.offer(t, f, text)
	_, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	require.NoError(t, p.Quarantine(f, errors.New("odd")))
	sm3 := manifestOf(f, text).SM3
	require.Equal(t, card.ReasonFileArchive, card.ReasonOf(p.Restore(f, manifestOf(f, sample(1)).SM3)))
	for range 2 {
		require.NoError(t, p.Restore(f, sm3))
	}
	require.NoError(t, p.Close())
	r, err := p.reopen(t).Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, text)
}
