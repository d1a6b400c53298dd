package sim

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"

	"github.com/emmansun/gmsm/sm3"
)

// Row is a detail line's fields after the D, the ref first. It is valid until the next row is read.
type Row [][]byte

// shape is what a reader must know of a layout.
type shape struct {
	fields int
	// answers, when not empty, is the file that the first line must name.
	answers string
	// strict refuses rows that are repeated word for word.
	strict bool
	// fen is the field that holds money, whose sum the file declares; 0 for none.
	fen int
}

// reader streams one data file and checks every line of it.
type reader struct {
	manifest Manifest
	shape    shape
	in       *bufio.Reader
	hash     hash.Hash
	size     int64
	rows     int
	fen      int64
	last     int64  // ref of the row before
	previous []byte // the line before
	fields   [][]byte
}

// readFile gives each row of in to each, in order, and then tells whether the whole file is what the manifest promises.
// Until it returns nil the rows must not be acted upon.
func readFile(in io.Reader, m Manifest, s shape, each func(Row) error) error {
	r := &reader{manifest: m, shape: s, hash: sm3.New(), fields: make([][]byte, 0, maxFields+1)}
	r.in = bufio.NewReaderSize(io.TeeReader(in, r), 256<<10)
	if err := r.header(); err != nil {
		return err
	}
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		if len(line) > 1 && line[0] == 'T' && line[1] == '|' {
			return r.trailer(line)
		}
		if err := r.row(line, each); err != nil {
			return err
		}
	}
}

// Write counts and hashes the bytes that pass.
func (r *reader) Write(p []byte) (int, error) {
	r.size += int64(len(p))
	return r.hash.Write(p)
}

func (r *reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull), len(line) > maxLine+1:
		return nil, r.refuse("FILE_LINE_LENGTH")
	case errors.Is(err, io.EOF):
		return nil, r.refuse("FILE_SIZE") // the last line, which ends the reading, never came
	case err != nil:
		return nil, err
	}
	return line[:len(line)-1], nil
}

func (r *reader) refuse(code string) error {
	return &Refusal{Code: code, Detail: "line " + strconv.Itoa(r.rows+2)}
}

func (r *reader) split(line []byte) error {
	var err error
	if r.fields, err = split(line, r.fields[:0]); err == nil {
		return nil
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return r.refuse(refusal.Code)
	}
	return err
}

// header checks H|KIND|1|name|date|answered.
func (r *reader) header() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if err := r.split(line); err != nil {
		return err
	}
	name := r.manifest.Name
	want := []string{"H", name.Kind, "1", name.String(), name.Date}
	if len(r.fields) != len(want)+1 {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "first line"}
	}
	for i, w := range want {
		if string(r.fields[i]) != w {
			return &Refusal{Code: "FILE_LAYOUT", Detail: "first line"}
		}
	}
	return r.answered(string(r.fields[len(want)]))
}

func (r *reader) answered(name string) error {
	if r.shape.answers != "" && name != r.shape.answers {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "file answered"}
	}
	if name == "" {
		return nil
	}
	if _, err := ParseFileName(name); err != nil {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "file answered"}
	}
	return nil
}

func (r *reader) row(line []byte, each func(Row) error) error {
	if err := r.split(line); err != nil {
		return err
	}
	if len(r.fields) != r.shape.fields+1 || string(r.fields[0]) != "D" {
		return r.refuse("FILE_LAYOUT")
	}
	ref, ok := rowNumber(r.fields[1])
	if !ok {
		return r.refuse("FILE_LAYOUT")
	}
	if ref <= r.last {
		if r.shape.strict || !bytes.Equal(line, r.previous) {
			return r.refuse("FILE_REPEATED_ROW")
		}
		r.rows++
		return nil // repeated word for word: harmless
	}
	if err := r.count(); err != nil {
		return err
	}
	r.last = ref
	r.previous = append(r.previous[:0], line...)
	return each(Row(r.fields[1:]))
}

// count counts the row and its money.
func (r *reader) count() error {
	r.rows++
	if r.shape.fen == 0 {
		return nil
	}
	fen, ok := Fen(r.fields[1+r.shape.fen])
	if !ok {
		return r.refuse("FILE_LAYOUT")
	}
	r.fen += fen
	return nil
}

// trailer checks T|rows|total, that nothing follows, and the whole against the manifest.
func (r *reader) trailer(line []byte) error {
	if err := r.split(line); err != nil {
		return err
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "more after the last line"}
	}
	m := r.manifest
	switch {
	case len(r.fields) != 3:
		return &Refusal{Code: "FILE_LAYOUT", Detail: "last line"}
	case string(r.fields[1]) != strconv.Itoa(r.rows), r.rows != m.Rows:
		return &Refusal{Code: "FILE_ROWS"}
	case string(r.fields[2]) != strconv.FormatInt(m.Total, 10), r.fen != m.Total:
		return &Refusal{Code: "FILE_TOTAL"}
	case r.size != m.Size:
		return &Refusal{Code: "FILE_SIZE"}
	case hex.EncodeToString(r.hash.Sum(nil)) != m.SM3:
		return &Refusal{Code: "FILE_DIGEST"}
	}
	return nil
}
