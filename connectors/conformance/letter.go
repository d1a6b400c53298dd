package conformance

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/emmansun/gmsm/sm3"
	"github.com/pkg/sftp"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// letter is one file that is sent to the partner's test system, and what became of it.
type letter struct {
	name string
	file card.File // that a right name stands for
	text []byte
	rows int
	fen  int64
	// lines are the nine lines of its manifest; they are signed as they stand.
	lines []line
	key   string // file of the key that signs
	extra string // follows the signature
	// signed are the lines that the signature is of, when they are others than those that are sent.
	signed []line
	bare   bool // no manifest is sent

	posted  bool
	fate    fate
	notice  []byte
	problem error // it could not be sent
}

// line is one line of a manifest.
type line struct{ key, value string }

// fate is what the partner did with a letter.
type fate int

const (
	waiting fate = iota // it still lies in the inbox
	refused             // there is a notice
	gone                // it is no longer in the inbox, and there is no notice
	acted               // there is an answer
)

// sampleRows is how many rows a file of a test has: enough for all kinds of names in a sample.
const sampleRows = 12

// fresh makes a good file of so many rows under the next sequence.
func (b *bench) fresh(rows int) (*letter, error) {
	b.next++
	f := card.File{Partner: b.Endpoint.Partner, Kind: b.Request, Date: b.day, Seq: b.next}
	return b.written(f, b.layout, func(w *bytes.Buffer, l *layout.Layout) (int, int64, error) {
		return layout.WriteSample(w, l, f, rows)
	})
}

func (b *bench) written(f card.File, l *layout.Layout, write func(*bytes.Buffer, *layout.Layout) (int, int64, error)) (*letter, error) {
	var text bytes.Buffer
	rows, fen, err := write(&text, l)
	if err != nil {
		return nil, fmt.Errorf("make the test file %s: %w", f.Name(), err)
	}
	x := &letter{name: f.Name(), file: f, text: text.Bytes(), rows: rows, fen: fen, key: b.Endpoint.SignKeyFile, bare: b.undeclared()}
	x.declare(l.Name())
	return x, nil
}

// declare makes the manifest that belongs to the text.
func (x *letter) declare(layoutName string) {
	sum := sm3.Sum(x.text)
	x.lines = []line{
		{"manifest", "1"}, {"name", x.name}, {"layout", layoutName}, {"date", x.file.Date}, {"sequence", fmt.Sprint(x.file.Seq)},
		{"size", fmt.Sprint(len(x.text))}, {"rows", fmt.Sprint(x.rows)}, {"total", fmt.Sprint(x.fen)}, {"sm3", hex.EncodeToString(sum[:])},
	}
}

// set changes what the manifest says.
func (x *letter) set(key, value string) {
	for i := range x.lines {
		if x.lines[i].key == key {
			x.lines[i].value = value
		}
	}
}

func (x *letter) get(key string) string {
	for _, l := range x.lines {
		if l.key == key {
			return l.value
		}
	}
	return ""
}

// retype replaces the text; the manifest then tells size and digest of the new one.
func (x *letter) retype(text []byte) {
	x.text = text
	sum := sm3.Sum(text)
	x.set("size", fmt.Sprint(len(text)))
	x.set("sm3", hex.EncodeToString(sum[:]))
}

func (x *letter) manifest() ([]byte, error) {
	sent := spelled(x.lines)
	text, err := exchange.SignLines(sent, x.key)
	if err == nil && x.signed != nil {
		other := spelled(x.signed)
		if text, err = exchange.SignLines(other, x.key); err == nil {
			text = append(sent, text[len(other):]...)
		}
	}
	return append(text, x.extra...), err
}

func spelled(lines []line) (text []byte) {
	for _, l := range lines {
		text = fmt.Appendf(text, "%s=%s\n", l.key, l.value)
	}
	return text
}

// post puts the letter into the test inbox, as the hub publishes: each part by a rename, the manifest last.
func (x *letter) post(c *sftp.Client) error {
	if err := publish(c, "test/inbox/"+x.name, x.text); err != nil || x.bare {
		return err
	}
	manifest, err := x.manifest()
	if err != nil {
		return err
	}
	return publish(c, "test/inbox/"+x.name+".ok", manifest)
}

func publish(c *sftp.Client, name string, text []byte) error {
	if err := put(c, name+".tmp", text); err != nil {
		drop(c, name+".tmp")
		if again := put(c, name+".tmp", text); again != nil {
			return errors.Join(err, again)
		}
	}
	return move(c, name+".tmp", name)
}

// otherKey makes a key that the partner does not know.
func (b *bench) otherKey() (string, error) {
	file := filepath.Join(b.dir, fmt.Sprintf("other-%d.pem", b.next))
	_, err := exchange.GenerateKey(file)
	return file, err
}
