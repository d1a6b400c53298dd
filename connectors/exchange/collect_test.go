package exchange

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

func requireReceived(t testing.TB, r *Received, text []byte) {
	t.Helper()
	in, err := r.Open()
	require.NoError(t, err)
	have, err := io.ReadAll(in)
	require.NoError(t, errors.Join(err, in.Close()))
	require.True(t, bytes.Equal(text, have))
	require.Equal(t, manifestOf(r.File, text), r.Manifest)
}

func TestCollectWaitsAndTakes(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(2<<20+5)
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	p.write(t, "outbox/"+f.Name(), text)
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err), "no manifest, no file")

	p.offer(t, f, text)
	var last int64
	r, err := p.Collect(WithProgress(t.Context(), func(n int64) { last = n }), f)
	require.NoError(t, err)
	require.Equal(t, int64(len(text)), last)
	require.Equal(t, filepath.Join(p.cfg.Archive, "in", "ICBC", f.Date, f.Name()), r.Path)
	requireReceived(t, r, text)
	require.FileExists(t, r.Path+".ok")
}

func TestCollectTakesOnce(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(100_000)
	p.offer(t, f, text)
	_, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	p.Inject(sim.Fault{Op: sim.OpRead, Name: f.Name(), Do: sim.Refuse})
	r, err := p.reopen(t).Collect(t.Context(), f)
	require.NoError(t, err)
	requireReceived(t, r, text)
	require.NoError(t, p.Done(t.Context(), f))
	_, err = p.Collect(t.Context(), f)
	require.NoError(t, err, "a repeat after Done")

	p.Clear()
	require.NoError(t, os.Remove(r.Path))
	r, err = p.Collect(t.Context(), f)
	require.NoError(t, err, "fetched anew from done/")
	requireReceived(t, r, text)
}

func TestCollectQuarantines(t *testing.T) {
	t.Parallel()
	f, text := answer(1), sample(100_000)
	manifest := func(change func(*card.Manifest)) func(*testing.T, *partner) {
		return func(t *testing.T, p *partner) { p.offer(t, f, text, change) }
	}
	raw := func(change func([]byte) []byte) func(*testing.T, *partner) {
		return func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name()+".ok", change(p.read(t, "outbox/"+f.Name()+".ok")))
		}
	}
	for title, test := range map[string]struct {
		offer  func(t *testing.T, p *partner)
		reason card.Reason
		kept   []byte // what must lie in quarantine; nil for the manifest
	}{
		"truncated": {func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name(), text[:70_000])
		}, card.ReasonFileSize, text[:70_000]},
		"longer": {func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name(), append(text[:100_000:100_000], text...))
		}, card.ReasonFileSize, append(text[:100_000:100_000], text...)},
		"digest differs": {func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name(), append([]byte("E"), text[1:]...))
		}, card.ReasonFileDigest, append([]byte("E"), text[1:]...)},
		"far too large": {func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			p.write(t, "outbox/"+f.Name(), sample(600_000))
		}, card.ReasonFileTooLarge, nil},
		"declared too large": {manifest(func(m *card.Manifest) { m.Size = 600_000 }), card.ReasonFileTooLarge, nil},
		"other name":         {manifest(func(m *card.Manifest) { *m = manifestOf(answer(2), text) }), card.ReasonFileName, nil},
		"other date":         {manifest(func(m *card.Manifest) { m.Date = "20261122" }), card.ReasonFileManifest, nil},
		"other layout":       {manifest(func(m *card.Manifest) { m.Layout = "CARDRET/1" }), card.ReasonFileLayout, nil},
		"impossible rows":    {manifest(func(m *card.Manifest) { m.Rows = 200_000 }), card.ReasonFileManifest, nil},
		"other signer": {func(t *testing.T, p *partner) {
			p.offer(t, f, text)
			hub, err := LoadKey(p.cfg.Endpoints[0].SignKeyFile)
			require.NoError(t, err)
			p.declare(t, f, manifestOf(f, text), hub)
		}, card.ReasonFileSignature, nil},
		"changed after signing": {raw(func(b []byte) []byte {
			return bytes.Replace(b, []byte("rows=3\n"), []byte("rows=4\n"), 1)
		}), card.ReasonFileSignature, nil},
		"half a manifest": {raw(func(b []byte) []byte { return b[:len(b)/2] }), card.ReasonFileManifest, nil},
		"endless manifest": {raw(func(b []byte) []byte {
			return append(b, bytes.Repeat([]byte("x"), 1<<20)...)
		}), card.ReasonFileManifest, nil},
		"empty manifest": {raw(func([]byte) []byte { return nil }), card.ReasonFileManifest, nil},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			p := newPartner(t, func(p *partner) { p.cfg.MaxBytes = 500_000 })
			test.offer(t, p)
			for range 2 { // an operator may try again
				_, err := p.Collect(t.Context(), f)
				require.Equal(t, card.Invalid, card.KindOf(err), err)
				require.Equal(t, test.reason, card.ReasonOf(err))
			}
			require.NoFileExists(t, filepath.Join(p.cfg.Archive, "in", "ICBC", f.Date, f.Name()))
			want, reason := test.kept, p.quarantined(t, ".reason")
			if want == nil {
				want = p.read(t, "outbox/"+f.Name()+".ok")
				want = want[:min(len(want), maxManifest+1)]
			}
			require.True(t, bytes.Equal(want, p.quarantined(t, "")))
			require.True(t, strings.HasPrefix(string(reason), "reason="+string(test.reason)+"\n"))
			require.NotNil(t, p.read(t, "outbox/"+f.Name()), "nothing of the partner's is touched")

			p.offer(t, f, text)
			r, err := p.Collect(t.Context(), f)
			require.NoError(t, err, "the partner mended it")
			requireReceived(t, r, text)
		})
	}
}

// quarantined returns the one file in quarantine, or its reason.
func (p *partner) quarantined(t testing.TB, suffix string) []byte {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(filepath.Join(p.cfg.Archive, "quarantine"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".reason") == (suffix != "") {
			found = append(found, path)
		}
		return err
	}))
	require.Len(t, found, 1)
	text, err := os.ReadFile(found[0])
	require.NoError(t, err)
	return text
}

func TestCollectNoticesAChangeAfterTheFact(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(1000)
	p.offer(t, f, text)
	r, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	p.offer(t, f, sample(1001))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Conflict, card.KindOf(err))
	requireReceived(t, r, text)
	require.Equal(t, sample(1001), p.quarantined(t, ""))
}

func TestQuarantineAfterReading(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f, text := answer(1), sample(1000)
	p.offer(t, f, text)
	r, err := p.Collect(t.Context(), f)
	require.NoError(t, err)
	why := card.E(card.Invalid, "bank.read", card.ReasonFileRows, errors.New("3 rows promised, 2 there"))
	require.NoError(t, p.Quarantine(f, why))
	require.NoError(t, p.Quarantine(f, why), "again")
	require.NoFileExists(t, r.Path)
	require.Equal(t, text, p.quarantined(t, ""))
	require.Contains(t, string(p.quarantined(t, ".reason")), "3 rows promised, 2 there")
	require.Error(t, p.Quarantine(card.File{Partner: ".."}, why))
}

func TestCollectWaitsForDataThatIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := answer(1)
	p.declare(t, f, manifestOf(f, sample(10)), p.key)
	_, err := p.Collect(t.Context(), f)
	require.Equal(t, card.Later, card.KindOf(err))
	require.NoError(t, os.Mkdir(filepath.Join(p.root, "outbox", f.Name()), 0o700))
	_, err = p.Collect(t.Context(), f)
	require.Equal(t, card.Unavailable, card.KindOf(err), "a folder is no file")
}

func TestListAndDone(t *testing.T) {
	t.Parallel()
	var strange int
	p := newPartner(t, func(p *partner) {
		p.cfg.Ignored = func(partner string, names int) {
			require.Equal(t, "ICBC", partner)
			strange += names
		}
	})
	report := func(seq int) card.File { return request(seq).Answer(card.Report) }
	older := report(9)
	older.Date = "20261120"
	for _, f := range []card.File{report(2), report(1), older, answer(3)} {
		p.offer(t, f, sample(10))
	}
	p.write(t, "outbox/"+report(4).Name(), sample(10))              // not declared
	p.write(t, "outbox/"+report(5).Name()+".ok", sample(10))        // data gone
	p.write(t, "outbox/"+report(6).Name()+".tmp", sample(10))       // on its way
	p.write(t, "outbox/BOC_REPORT_20261121_000001.txt", sample(10)) // another partner's
	p.write(t, "outbox/ICBC_REPORT_20261121_1.txt", sample(10))     // no name
	p.write(t, "outbox/读我 ..\\..\n%2e%2e.txt", sample(10))          // a trick
	require.NoError(t, os.Mkdir(filepath.Join(p.root, "outbox", "x"), 0o700))

	files, err := p.List(t.Context(), "ICBC", card.Report)
	require.NoError(t, err)
	require.Equal(t, []card.File{older, report(1), report(2)}, files)
	require.Equal(t, 4, strange)

	for range 2 {
		require.NoError(t, p.Done(t.Context(), older))
	}
	files, err = p.List(t.Context(), "ICBC", card.Report)
	require.NoError(t, err)
	require.Equal(t, []card.File{report(1), report(2)}, files)
	require.NotNil(t, p.read(t, "outbox/done/"+older.Name()))
	require.NotNil(t, p.read(t, "outbox/done/"+older.Name()+".ok"))

	require.Equal(t, card.NotFound, card.KindOf(p.Done(t.Context(), report(77))))
	require.Equal(t, card.Invalid, card.KindOf(p.Done(t.Context(), card.File{Partner: "ICBC", Kind: "../..", Date: "20261121", Seq: 1})))
	_, err = p.List(t.Context(), "BOC", card.Report)
	require.Equal(t, card.NotFound, card.KindOf(err))
}

func TestDoneReplacesNothing(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := answer(1)
	for n := range 3 { // a partner that sends the same file again and again
		p.offer(t, f, sample(10+n))
		require.NoError(t, p.Done(t.Context(), f))
	}
	require.Equal(t, sample(10), p.read(t, "outbox/done/"+f.Name()))
	require.Equal(t, sample(11), p.read(t, "outbox/done/"+f.Name()+".2"))
	require.Equal(t, sample(12), p.read(t, "outbox/done/"+f.Name()+".3"))
}

func TestDoneSurvivesALostConfirmation(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	f := answer(1)
	p.offer(t, f, sample(10))
	p.Inject(sim.Fault{Op: sim.OpRename, Do: sim.Drop, Times: 2})
	require.Equal(t, card.Unavailable, card.KindOf(p.Done(t.Context(), f)))
	require.Equal(t, card.Unavailable, card.KindOf(p.Done(t.Context(), f)))
	require.NoError(t, p.Done(t.Context(), f))
	require.Equal(t, sample(10), p.read(t, "outbox/done/"+f.Name()))
	require.NotNil(t, p.read(t, "outbox/done/"+f.Name()+".ok"))
}
