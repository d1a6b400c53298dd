package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/postgres"
)

func TestFileListAndShow(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	name := w.request.Name()
	w.done(name, "file", "list")
	w.done("confirmed 已送达", "file", "list", "--partner", "CIVIL", "--direction", "out", "--state", "confirmed", "--kind", "MATCHREQ",
		"--rollout", string(w.step.Batch.Rollout), "--since", "1h")
	out, _, code := onecard(t, w.dir, "file", "list", "--direction", "in", "-o", "json")
	must.Zero(t, code)
	must.JSONEq(t, "[]", out)
	for _, wrong := range [][]string{{"--state", "lost"}, {"--direction", "up"}, {"--since", "soon"}, {"--rollout", "R1"}} {
		_, _, code := onecard(t, w.dir, append([]string{"file", "list"}, wrong...)...)
		must.Equal(t, 2, code, wrong)
	}

	w.done("已送到对方 inbox，对方尚未取走。", "file", "show", name)
	out, _, code = onecard(t, w.dir, "file", "show", name, "-o", "json")
	must.Zero(t, code)
	var v fileView
	must.NoError(t, json.Unmarshal([]byte(out), &v))
	must.Equal(t, "confirmed", v.Stage)
	must.Len(t, v.AtPartner, 2)
	lying, _ := w.at("inbox", name)
	sent, err := os.ReadFile(lying)
	must.NoError(t, err)
	must.NotContains(t, out, card.SynthesizeSSN("440100", "19900101", 1), "personal data are in the raw bytes only")
	w.done(string(sent), "file", "show", name, "--raw")
	w.done(string(sent), "file", "show", name, "--raw", "--edition", strings.ToUpper(v.SM3[:8]))
	w.refused(card.ReasonFileArchive, "file", "show", name, "--raw", "--edition", "ffff")
	to := w.path("stick.txt")
	w.done("", "file", "show", name, "--raw", "-o", to)
	carried, err := os.ReadFile(to)
	must.NoError(t, err)
	must.Equal(t, sent, carried)
	must.FileExists(t, to+".ok")

	w.refused(card.ReasonNoSuchFile, "file", "show", "CIVIL_MATCHREQ_20200101_000001.txt")
	w.refused(card.ReasonFileName, "file", "show", "../etc/passwd")
}

// A file that lies untaken at the partner is taken back, and the same rows go under the next number.
func TestReissueOfWhatWasNotTaken(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	name := w.request.Name()
	lying, _ := w.at("inbox", name)
	before, err := os.ReadFile(lying)
	must.NoError(t, err)
	w.done("another person confirms", by("ann", "reissue", name)...)
	w.refused(card.ReasonSecondPerson, by("ann", "reissue", name)...)
	next := w.request
	next.Seq++
	w.done(next.Name(), by("ben", "reissue", name)...)
	_, there := w.at("inbox", name+".ok")
	must.False(t, there, "nobody can take it any more")
	_, there = w.at("inbox", name+".withdrawn")
	must.True(t, there, "nothing is deleted")
	path, there := w.at("inbox", next.Name())
	must.True(t, there)
	after, err := os.ReadFile(path)
	must.NoError(t, err)
	must.Equal(t, bytes.ReplaceAll(before, []byte(name), []byte(next.Name())), after, "the same rows")
	w.done("-> "+next.Name(), "file", "list", "--state", "withdrawn")

	w.request = next
	f, text := w.answer()
	out, _ := w.at("outbox", f.Name())
	w.lay(out, text, w.manifest(f, text))
	tally, err := w.collects()
	must.NoError(t, err)
	must.Equal(t, card.Tally{Done: matched}, tally)
	w.refused(card.ReasonFileApplied, by("ann", "reissue", next.Name())...)
}

// What the partner has taken is not sent again, whatever people want.
func TestReissueOfWhatWasTaken(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	w.done("another person confirms", by("ann", "reissue", w.request.Name())...)
	for _, name := range []string{w.request.Name() + ".ok", w.request.Name()} {
		from, _ := w.at("inbox", name)
		to, _ := w.at("inbox", "done", name)
		must.NoError(t, os.Rename(from, to))
	}
	w.refused(card.ReasonFileOutcomeUnknown, by("ben", "reissue", w.request.Name())...)
	left, err := filepath.Glob(w.path("root", "inbox", "*.txt*"))
	must.NoError(t, err)
	must.Empty(t, left)
}

// What lies nowhere any more goes again as it was: the partner that had it after all acts once.
func TestReissueOfWhatVanished(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	name := w.request.Name()
	path, _ := w.at("inbox", name)
	before, err := os.ReadFile(path)
	must.NoError(t, err)
	must.NoError(t, os.Remove(path+".ok"))
	must.NoError(t, os.Remove(path))
	w.watches()
	w.done(string(card.ReasonFileVanished), "file", "show", name)
	w.done("another person confirms", by("ann", "reissue", name)...)
	w.done("under its own name", by("ben", "reissue", name)...)
	after, err := os.ReadFile(path)
	must.NoError(t, err)
	must.Equal(t, before, after)
	must.FileExists(t, path+".ok")
	w.done("confirmed", "file", "list", "--state", "confirmed")
	sent, err := w.hub.ledger.FindFiles(t.Context(), postgres.FileFilter{Kind: string(card.MatchReq)})
	must.NoError(t, err)
	must.Len(t, sent, 1)
}

// A file by hand is checked as one over the wire, taken by the step that waits, and the same content again changes nothing.
func TestRejoinOfWhatCameByHand(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	f, text := w.answer()
	stick := w.path("stick", "attachment.txt")
	rejoin := by("ann", "rejoin", stick, "--partner", "CIVIL")
	w.refused(card.ReasonNoSuchFile, append(rejoin, "--name", f.Name())...)
	w.lay(stick, text, w.manifest(f, text, func(m *sim.Manifest) { m.Size++ }))
	w.refused(card.ReasonFileSize, rejoin...)
	w.done("FILE_SIZE", "file", "show", f.Name())
	broken := bytes.Replace(text, []byte("T|3|0"), []byte("T|4|0"), 1)
	w.lay(stick, broken, w.manifest(f, broken))
	w.refused(card.ReasonFileRows, rejoin...)
	other := f
	other.Seq = 77
	w.lay(stick, text, w.manifest(other, text))
	w.refused(card.ReasonFileUnexpected, rejoin...)
	w.lay(stick, text, w.manifest(f, text))
	w.refused(card.ReasonPartnerUnknown, by("ann", "rejoin", stick, "--partner", "ICBC")...)
	w.done("passed the checks", rejoin...)
	w.done("nothing was changed", rejoin...)
	tally, err := w.collects()
	must.NoError(t, err)
	must.Equal(t, card.Tally{Done: matched}, tally)
	w.done("applied already", rejoin...)
	_, changed := w.answer("02")
	w.lay(stick, changed, w.manifest(f, changed))
	w.refused(card.ReasonFileSequenceRepeated, rejoin...)
	kept, err := w.x.Copies(f)
	must.NoError(t, err)
	raw, err := os.ReadFile(kept[0].Path)
	must.NoError(t, err)
	must.Equal(t, text, raw, "what was applied stays in the archive")
}

// What the step could not use is refused as it came, and said again with its reason.
func TestRejoinOfWhatWasRefused(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	f, text := w.answer()
	strange := bytes.Replace(text, []byte("D|3|"), []byte("D|900|"), 1)
	stick := w.path("stick", "attachment.txt")
	w.lay(stick, strange, w.manifest(f, strange))
	rejoin := by("ann", "rejoin", stick, "--partner", "CIVIL")
	w.done("passed the checks", rejoin...)
	_, err := w.collects()
	must.ErrorContains(t, err, string(card.ReasonFileUnknownRow))
	w.refused(card.ReasonFileUnknownRow, rejoin...)
	w.lay(stick, text, w.manifest(f, text))
	w.done("passed the checks", rejoin...)
	tally, err := w.collects()
	must.NoError(t, err)
	must.Equal(t, card.Tally{Done: matched}, tally)
}

// A file that lies at the partner under a wrong name is taken under the one that its manifest says.
func TestRejoinOfAStray(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	f, text := w.answer()
	out, _ := w.at("outbox", "比对结果 final.txt")
	w.lay(out, text, w.manifest(f, text))
	w.watches()
	strays, err := w.hub.ledger.FindFiles(t.Context(), postgres.FileFilter{Kind: string(postgres.KindStray)})
	must.NoError(t, err)
	must.Len(t, strays, 2)
	taken := 0
	for _, s := range strays {
		if _, _, code := onecard(t, w.dir, by("ann", "rejoin", s.Name)...); code == 0 {
			taken++
			fate, err := w.hub.ledger.FindFile(t.Context(), s.File())
			must.NoError(t, err)
			must.Equal(t, f.Name(), fate.TakenAs, "its record tells what became of it")
			w.done("nothing was changed", by("ann", "rejoin", s.Name)...)
		}
	}
	must.Equal(t, 1, taken, "the file, and not its manifest")
	tally, err := w.collects()
	must.NoError(t, err)
	must.Equal(t, card.Tally{Done: matched}, tally)
}

// A release holds for the bytes that were asked for, and for two people.
func TestReleaseOfAFileThatChanged(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t)
	f, text := w.answer()
	w.done("is held", by("ann", "quarantine", f.Name())...)
	out, _ := w.at("outbox", f.Name())
	w.lay(out, text, w.manifest(f, text))
	_, err := w.collects()
	must.ErrorContains(t, err, string(card.ReasonFileHeld))
	w.done("another person confirms", by("ann", "release", f.Name())...)
	w.refused(card.ReasonSecondPerson, by("ann", "release", f.Name())...)
	_, changed := w.answer("02")
	w.lay(out, changed, w.manifest(f, changed))
	for range 2 { // the changed one is noticed, and then taken
		_, err = w.collects()
		must.Error(t, err)
	}
	w.refused(card.ReasonFileChanged, by("ben", "release", f.Name())...)
	w.done("another person confirms", by("ben", "release", f.Name())...)
	w.done("it is released", by("ann", "release", f.Name())...)
	tally, err := w.collects()
	must.NoError(t, err)
	must.Equal(t, card.Tally{Done: matched - 1, Failed: 1}, tally)
	w.refused(card.ReasonFileApplied, by("ann", "quarantine", f.Name())...)
	w.done("02 refused 整份退回", "file", "show", f.Name())
}
