package sim

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
)

// block is how many rows a reordered answer turns round at a time.
const block = 512

// output is a data file in the making. Errors of writing stay with the buffer and come out of finish.
type output struct {
	name    FileName
	file    *os.File
	hash    hash.Hash
	buf     *bufio.Writer
	size    int64
	rows    int
	line    []byte
	reorder bool
	waiting [][]byte
	money   int // the field that holds money in fen; negative for none
	fen     int64
	strays  [][][]byte    // fields of the rows that nobody asked about
	later   time.Duration // money that came back: how long after the answer it is told; see PayBack
}

// createOutput begins a data file at path with its first line; answered is the file that it answers, or empty.
func createOutput(path string, name FileName, answered string) (*output, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return nil, err
	}
	o := &output{name: name, file: file, hash: sm3.New()}
	o.buf = bufio.NewWriterSize(o, 256<<10)
	return o, o.record("H", name.Kind, "1", name.String(), name.Date, answered)
}

// Write passes full buffers on to the file and its digest.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	o.size += int64(n)
	_, _ = o.hash.Write(p[:n]) // never fails
	return n, err
}

// record writes the first or the last line.
func (o *output) record(fields ...string) error {
	_, err := o.buf.WriteString(strings.Join(fields, "|") + "\n")
	return err
}

func (o *output) row(ref []byte, fields [][]byte, twice bool) {
	line := append(o.line[:0], 'D', '|')
	line = append(line, ref...)
	for _, f := range fields {
		line = append(line, '|')
		line = append(line, f...)
	}
	o.line = append(line, '\n')
	var fen int64
	if o.money >= 0 {
		fen, _ = Fen(fields[o.money])
	}
	o.put(o.line, fen)
	if twice {
		o.put(o.line, fen)
	}
}

// stray keeps a row for the end.
func (o *output) stray(fields [][]byte) {
	own := make([][]byte, len(fields))
	for i, f := range fields {
		own[i] = bytes.Clone(f)
	}
	o.strays = append(o.strays, own)
}

func (o *output) put(line []byte, fen int64) {
	o.rows++
	o.fen += fen
	if !o.reorder {
		_, _ = o.buf.Write(line)
		return
	}
	o.waiting = append(o.waiting, append([]byte(nil), line...))
	if len(o.waiting) == block {
		o.release()
	}
}

func (o *output) release() {
	for i := len(o.waiting) - 1; i >= 0; i-- {
		_, _ = o.buf.Write(o.waiting[i])
	}
	o.waiting = o.waiting[:0]
}

// finish writes the strays, with refs after the request's last, and the last line, and returns the signed manifest. With a form
// the whole is written anew in that.
func (o *output) finish(key *sm2.PrivateKey, last []byte, own *Form) ([]byte, error) {
	ref, _ := strconv.ParseInt(string(last), 10, 64)
	for i, fields := range o.strays {
		o.row(strconv.AppendInt(nil, ref+int64(i)+1, 10), fields, false)
	}
	o.release()
	if err := errors.Join(o.record("T", strconv.Itoa(o.rows), strconv.FormatInt(o.fen, 10)), o.buf.Flush(), o.file.Close()); err != nil {
		return nil, err
	}
	m := Manifest{Name: o.name, Size: o.size, Rows: o.rows, Total: o.fen, SM3: hex.EncodeToString(o.hash.Sum(nil))}
	if own != nil {
		var err error
		if m, err = own.replace(o.file.Name(), m); err != nil {
			return nil, err
		}
	}
	return m.Sign(key)
}
