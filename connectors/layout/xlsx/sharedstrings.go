package xlsx

import (
	"errors"
	"io"
	"math"
)

// sharedLimit is more shared strings than a roster within the limits can hold.
const sharedLimit = 16_000_000

var errShared = errors.New("the table of shared strings is too long")

// sharedStrings holds a workbook's shared strings one behind the other: twelve million Go strings would weigh more than
// their texts.
type sharedStrings struct {
	text []byte
	ends []uint32
}

// at returns the i-th string as it was written; ok is false outside of the table.
func (t *sharedStrings) at(i int) (text []byte, ok bool) {
	if t == nil || i < 0 || i >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.text[from:t.ends[i]], true
}

// readShared reads the part sharedStrings.xml. A string made of runs is joined; phonetic hints are left out.
func readShared(r io.Reader) (*sharedStrings, error) {
	t := &sharedStrings{}
	s := newScanner(r)
	var in inline
	for {
		kind, err := s.next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if t.text, err = in.take(s, kind, t.text); err != nil {
			return nil, err
		}
		if kind == markupEnd && string(s.name) == "si" {
			if err := t.close(); err != nil {
				return nil, err
			}
		}
	}
}

func (t *sharedStrings) close() error {
	if len(t.ends) >= sharedLimit || len(t.text) > math.MaxUint32 {
		return errShared
	}
	from := uint32(0)
	if n := len(t.ends); n > 0 {
		from = t.ends[n-1]
	}
	t.text = append(t.text[:from], unescapeX(t.text[from:])...)
	t.ends = append(t.ends, uint32(len(t.text))) //nolint:gosec // bounded above
	return nil
}

// inline follows the tags of a string item and collects the texts of its <t>, but not those inside <rPh>.
type inline struct {
	text     bool
	phonetic bool
}

func (in *inline) take(s *scanner, kind markup, dst []byte) ([]byte, error) {
	switch kind {
	case markupText:
		if !in.text || in.phonetic {
			return dst, nil
		}
		if s.literal {
			return append(dst, s.text...), nil
		}
		return appendText(dst, s.text)
	case markupStart, markupEnd:
		switch string(s.name) {
		case "t":
			in.text = kind == markupStart
		case "rPh":
			in.phonetic = kind == markupStart
		}
	}
	return dst, nil
}
