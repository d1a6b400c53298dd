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

func TestSurveyTellsWhatLiesThere(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	p.offer(t, answer(2), sample(10))
	p.offer(t, answer(1), sample(10))
	p.write(t, "outbox/"+answer(3).Name(), sample(10))
	p.write(t, "outbox/"+answer(4).Name()+".ok", sample(10))
	p.write(t, "outbox/"+request(5).Name()+".err", []byte("reason=FILE_SIZE\n"))
	p.write(t, "outbox/"+answer(6).Name()+".tmp", sample(10))
	for _, name := range []string{"..%2fetc", "ABC_ACCTRET_20261121_000001.txt", "icbc_acctret_20261121_000001.txt", "张三.xlsx"} {
		p.write(t, "outbox/"+name, sample(10))
	}
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(p.root, "outbox", answer(7).Name())))
	s, err := p.Survey(t.Context(), "ICBC")
	require.NoError(t, err)
	require.Equal(t, card.Survey{
		Ready: []card.File{answer(1), answer(2)}, NoManifest: []card.File{answer(3)}, NoData: []card.File{answer(4)}, Notices: []card.File{request(5)},
		Strays: []string{"..%2fetc", "ABC_ACCTRET_20261121_000001.txt", answer(7).Name(), "icbc_acctret_20261121_000001.txt", "张三.xlsx"},
	}, s)
}

func TestStraysAreKeptUnderANameOfOurs(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	as := card.File{Partner: "ICBC", Kind: "STRAY", Date: "20261121", Seq: 1}
	p.write(t, "outbox/..%2fetc", sample(100_000))
	sm3, err := p.TakeStray(t.Context(), "..%2fetc", as, errors.New("a strange name"))
	require.NoError(t, err)
	copies, err := p.Copies(as)
	require.NoError(t, err)
	require.Len(t, copies, 1)
	require.Equal(t, sm3, copies[0].SM3)
	require.Equal(t, "quarantine", copies[0].Place)
	for _, name := range []string{"../inbox/x", "..", ".", "/etc/passwd", "not there"} {
		sm3, err := p.TakeStray(t.Context(), name, as, nil)
		require.NoError(t, err)
		require.Empty(t, sm3, name)
	}
}

func TestFatesOfOurFiles(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	var files []card.File
	for seq := 1; seq <= 4; seq++ {
		_, err := p.Publish(t.Context(), request(seq), "ACCTREQ/1", content(sample(seq*100)))
		require.NoError(t, err)
		files = append(files, request(seq))
	}
	for _, name := range []string{request(2).Name() + ".ok", request(2).Name(), request(3).Name() + ".ok"} {
		p.move(t, "inbox/"+name, "inbox/done/"+name)
	}
	for _, suffix := range []string{"", ".ok"} {
		require.NoError(t, os.Remove(filepath.Join(p.root, "inbox", request(4).Name()+suffix)))
	}
	taken, gone, err := p.Fates(t.Context(), "ICBC", files)
	require.NoError(t, err)
	require.Equal(t, []card.File{request(2)}, taken, "of the third file only the manifest was moved so far")
	require.Equal(t, []card.File{request(4)}, gone)
}

func TestNotices(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	for text, want := range map[string]card.Reason{
		"name=x\nreason=FILE_DIGEST\n": card.ReasonFileDigest,
		"reason=E99 ZHANG SAN\n":       card.ReasonFileRefusedThere,
		"":                             card.ReasonFileRefusedThere,
	} {
		p.write(t, "outbox/"+request(1).Name()+".err", []byte(text))
		reason, err := p.Notice(t.Context(), request(1))
		require.NoError(t, err)
		require.Equal(t, want, reason)
		for range 2 {
			require.NoError(t, p.NoticeRead(t.Context(), request(1)))
		}
		require.Nil(t, p.read(t, "outbox/"+request(1).Name()+".err"))
	}
	_, err := p.Notice(t.Context(), request(2))
	require.Equal(t, card.NotFound, card.KindOf(err))
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	_, err := p.Publish(t.Context(), request(1), "ACCTREQ/1", content(sample(100)))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, p.Withdraw(t.Context(), request(1)))
	}
	require.Nil(t, p.read(t, "inbox/"+request(1).Name()+".ok"))
	require.NotNil(t, p.read(t, "inbox/"+request(1).Name()+withdrawn), "nothing is deleted")

	_, err = p.Publish(t.Context(), request(2), "ACCTREQ/1", content(sample(100)))
	require.NoError(t, err)
	p.move(t, "inbox/"+request(2).Name()+".ok", "inbox/done/"+request(2).Name()+".ok")
	require.Equal(t, card.ReasonFileOutcomeUnknown, card.ReasonOf(p.Withdraw(t.Context(), request(2))))
	require.Equal(t, card.ReasonFileOutcomeUnknown, card.ReasonOf(p.Withdraw(t.Context(), request(3))), "it was never there")
}

// The ledger is told of a file before anything of it leaves.
func TestWrittenBeforeItLeaves(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	var told []card.Manifest
	fault := errors.New("the ledger is down")
	x := p.reopen(t, func(c *Config) {
		c.Written = func(_ context.Context, f card.File, m card.Manifest) error {
			require.Equal(t, request(1), f)
			require.Nil(t, p.read(t, "inbox/"+f.Name()))
			told = append(told, m)
			if len(told) == 1 {
				return fault
			}
			return nil
		}
	})
	_, err := x.Publish(t.Context(), request(1), "ACCTREQ/1", content(sample(100)))
	require.ErrorIs(t, err, fault)
	require.Nil(t, p.read(t, "inbox/"+request(1).Name()))
	proof, err := x.Publish(t.Context(), request(1), "ACCTREQ/1", content(sample(100)))
	require.NoError(t, err)
	require.Equal(t, proof.Manifest, told[1])
}
