package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/emmansun/gmsm/sm3"
)

// Writer writes one pack, entry after entry. It is not for use by several goroutines.
type Writer struct {
	zip      *zip.Writer
	tail     *tail
	key      Key
	manifest bytes.Buffer
}

// NewWriter begins a pack that key will sign and that is whole after Close.
func NewWriter(w io.Writer, key Key) *Writer {
	t := &tail{w: w, sum: sm3.New()}
	return &Writer{zip: zip.NewWriter(t), tail: t, key: key}
}

// Entry writes an entry by write and puts it into the manifest.
func (w *Writer) Entry(name string, write func(io.Writer) error) error {
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return fmt.Errorf("begin %s: %w", name, err)
	}
	d := &digester{w: entry, sum: sm3.New()}
	if err := write(d); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = fmt.Fprintf(&w.manifest, "%x %d %s\n", d.sum.Sum(nil), d.size, name)
	return err
}

// Text writes an entry of text.
func (w *Writer) Text(name, text string) error {
	return w.Entry(name, func(out io.Writer) error {
		_, err := io.WriteString(out, text)
		return err
	})
}

// JSON writes an entry of one JSON value.
func (w *Writer) JSON(name string, v any) error {
	return w.Entry(name, func(out io.Writer) error {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// Lines writes an entry of one JSON value a line.
func (w *Writer) Lines(name string, rows iter.Seq2[any, error]) error {
	return w.Entry(name, func(out io.Writer) error {
		e := json.NewEncoder(out)
		for row, err := range rows {
			if err != nil {
				return err
			}
			if err := e.Encode(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close writes the manifest, its signature and the seal.
func (w *Writer) Close() error {
	key, err := w.key.PublicKey()
	if err != nil {
		return fmt.Errorf("sign the manifest: %w", err)
	}
	text := w.manifest.Bytes()
	signed, err := w.key.Sign(text)
	if err != nil {
		return fmt.Errorf("sign the manifest: %w", err)
	}
	for _, e := range []struct {
		name string
		text []byte
	}{{entryManifest, text}, {entrySignature, fmt.Appendf(nil, "key=%s\nsignature=%s\n", key, hex.EncodeToString(signed))}} {
		entry, err := w.zip.Create(e.name)
		if err != nil {
			return fmt.Errorf("write %s: %w", e.name, err)
		}
		if _, err := entry.Write(e.text); err != nil {
			return fmt.Errorf("write %s: %w", e.name, err)
		}
	}
	return w.close(key)
}

// close ends the archive with a comment that holds the seal's place, and puts the seal there.
func (w *Writer) close(key string) error {
	if err := w.zip.SetComment(printSeal("", nil)); err != nil {
		return fmt.Errorf("seal the pack: %w", err)
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("end the pack: %w", err)
	}
	signed, err := w.key.Sign(sealText(w.tail.sum.Sum(nil)))
	if err != nil {
		return fmt.Errorf("seal the pack: %w", err)
	}
	if _, err := io.WriteString(w.tail.w, printSeal(key, signed)); err != nil {
		return fmt.Errorf("seal the pack: %w", err)
	}
	return nil
}

// digester counts and digests what is written through it.
type digester struct {
	w    io.Writer
	sum  hash.Hash
	size int64
}

func (d *digester) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.sum.Write(p[:n])
	d.size += int64(n)
	return n, err
}

// tail digests and passes on all that is written through it but the last bytes, which are the seal's place.
type tail struct {
	w    io.Writer
	sum  hash.Hash
	held []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.held = append(t.held, p...)
	ready := len(t.held) - sealLength
	if ready <= 0 {
		return len(p), nil
	}
	t.sum.Write(t.held[:ready])
	if _, err := t.w.Write(t.held[:ready]); err != nil {
		return 0, err
	}
	t.held = append(t.held[:0], t.held[ready:]...)
	return len(p), nil
}
