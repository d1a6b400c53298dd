package exchange

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestWhereaboutsOfAFile(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := request(1)
	places, err := p.Whereabouts(t.Context(), f)
	require.NoError(t, err)
	require.Empty(t, places)
	_, err = p.Publish(t.Context(), f, "ACCTREQ/1", content(sample(100)))
	require.NoError(t, err)
	p.move(t, "inbox/"+f.Name()+".ok", "inbox/done/"+f.Name()+".ok")
	p.write(t, "outbox/"+f.Name()+".err", []byte("reason=FILE_SIZE\n"))
	places, err = p.Whereabouts(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, places, 3)
	require.Equal(t, Place{Path: "inbox/" + f.Name(), Size: 100}, places[0])
	require.Equal(t, "inbox/done/"+f.Name()+".ok", places[1].Path)
	require.Equal(t, "outbox/"+f.Name()+".err", places[2].Path)
}

// What is carried by hand is what would have been published, signed.
func TestAFileOfOursIsCarried(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := request(1), sample(1000)
	away := p.reopen(t, func(c *Config) { c.Endpoints[0].Address = "127.0.0.1:1" })
	_, err := away.Publish(t.Context(), f, "ACCTREQ/1", content(text))
	require.Equal(t, card.Unavailable, card.KindOf(err))
	m := manifestOf(f, text)
	m.Layout = "ACCTREQ/1"
	to := filepath.Join(t.TempDir(), f.Name())
	require.NoError(t, away.Carry(f, m, to))
	got, err := os.ReadFile(to)
	require.NoError(t, err)
	require.Equal(t, text, got)
	declared, err := DeclaredAt(to + ".ok")
	require.NoError(t, err)
	require.Equal(t, m, declared)
	m.Size++
	require.Equal(t, card.ReasonFileArchive, card.ReasonOf(away.Carry(f, m, to)))
	_, err = DeclaredAt(to)
	require.Equal(t, card.ReasonFileManifest, card.ReasonOf(err))
	_, err = DeclaredAt(to + ".nothing")
	require.Equal(t, card.ReasonFileNoManifest, card.ReasonOf(err))
}
