package activities_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

// The keys that sign the fixtures: the partner's, and one that is nobody's.
const (
	partnerKey  = "partner.pem"
	strangerKey = "stranger.pem"
)

func badPath(parts ...string) string {
	return filepath.Join(append([]string{"..", "testdata", "exchange", "bad"}, parts...)...)
}

// promise is what a manifest says, line by line.
type promise struct{ version, name, layout, date, sequence, size, rows, total, sm3 string }

// text returns the manifest, signed.
func (p promise) text(t *testing.T, key *sm2.PrivateKey) []byte {
	t.Helper()
	text := fmt.Appendf(nil, "manifest=%s\nname=%s\nlayout=%s\ndate=%s\nsequence=%s\nsize=%s\nrows=%s\ntotal=%s\nsm3=%s\n",
		p.version, p.name, p.layout, p.date, p.sequence, p.size, p.rows, p.total, p.sm3)
	signature, err := key.SignWithSM2(rand.Reader, []byte("1234567812345678"), text)
	require.NoError(t, err)
	return fmt.Appendf(text, "signature=%x\n", signature)
}

func promiseOf(f card.File, text []byte, rows int) promise {
	sum := sm3.Sum(text)
	return promise{version: "1", name: f.Name(), layout: string(f.Kind) + "/1", date: f.Date, sequence: strconv.Itoa(f.Seq),
		size: strconv.Itoa(len(text)), rows: strconv.Itoa(rows), total: "0", sm3: hex.EncodeToString(sum[:])}
}

// change is how a bad file differs from a good one: in its text, in what its manifest promises of that text, in the manifest
// as it stands there, and in who signed it.
type change struct {
	text     func([]byte) []byte
	promise  func(*promise)
	manifest func([]byte) []byte
	stranger bool
}

// letter makes the file f and its manifest out of a good text.
func (c change) letter(t *testing.T, f card.File, good []byte, rows int) map[string][]byte {
	t.Helper()
	key, text := partnerKey, bytes.Clone(good)
	if c.text != nil {
		text = c.text(text)
	}
	p := promiseOf(f, text, rows)
	if c.promise != nil {
		c.promise(&p)
	}
	if c.stranger {
		key = strangerKey
	}
	signer, err := sim.SignKey(badPath(key))
	require.NoError(t, err)
	manifest := p.text(t, signer)
	if c.manifest != nil {
		manifest = c.manifest(manifest)
	}
	return map[string][]byte{f.Name(): text, f.Name() + ".ok": manifest}
}

// replace changes the first occurrence of old, which must be there.
func replace(old, with string) func([]byte) []byte {
	return func(text []byte) []byte {
		if !bytes.Contains(text, []byte(old)) {
			panic("a fixture is made of another good file: no " + strconv.Quote(old))
		}
		return bytes.Replace(text, []byte(old), []byte(with), 1)
	}
}

// accounts is the good answer to a request: every account opened.
func accounts(request card.File, orders []card.AccountOrder) []byte {
	f := request.Answer(card.AcctRet)
	var b bytes.Buffer
	fmt.Fprintf(&b, "H|ACCTRET|1|%s|%s|%s\n", f.Name(), f.Date, request.Name())
	for _, o := range orders {
		fmt.Fprintf(&b, "D|%d|%s|%s|A%08d|00|\n", o.Ref, o.Number, card.SynthesizePAN("629999", int64(o.Ref)), o.Ref)
	}
	fmt.Fprintf(&b, "T|%d|0\n", len(orders))
	return b.Bytes()
}

// line cuts text into its lines, without their ends, changes them and puts them together.
func lines(edit func([]string) []string) func([]byte) []byte {
	return func(text []byte) []byte {
		return []byte(strings.Join(edit(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")), "\n") + "\n")
	}
}

// fixture reads the files of a fixture, and writes them before when that was asked for.
func fixture(t *testing.T, name string, build func() map[string][]byte) map[string][]byte {
	t.Helper()
	dir := badPath(name)
	if updating() {
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.MkdirAll(dir, 0o700))
		for file, text := range build() {
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
		}
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err, "run the test with -update to make the fixtures")
	files := map[string][]byte{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = text
	}
	return files
}

// receiptAnswers returns the file that a receipt's first line names.
func receiptAnswers(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first[strings.LastIndexByte(first, '|')+1:]
}

// ref10 is a ref as the rural bank writes it.
func ref10(ref int) string { return fmt.Sprintf("%010d", ref) }
