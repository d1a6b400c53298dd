package xlsx

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	errRowOrder  = errors.New("the rows of the sheet are not numbered in order")
	errReference = errors.New("a cell of the sheet has no readable place")
)

// Sheet reads the rows of a workbook's sheet.
type Sheet struct {
	xml    *scanner
	part   io.Closer
	book   *Book
	merges mergeCursor
	limit  int // bytes that are kept of a cell

	rows   bool // inside of <sheetData>
	row    int
	texts  []byte // texts of the present row, one behind the other
	cells  []openCell
	inside bool   // in a cell that is kept
	value  bool   // in its <v>
	inline inline // in its <is>
	col    int    // of the cell that was read last
}

// openCell is a cell whose text still stands in texts.
type openCell struct {
	col, from, to int
	kind          cellKind
	marks         Mark
}

// cellKind is the t of a cell: what its value means.
type cellKind uint8

const (
	kindNumber cellKind = iota
	kindShared
	kindText // inline, the result of a formula, or an ISO 8601 date
	kindBool
	kindError
)

func kindOf(t []byte) cellKind {
	switch string(t) {
	case "", "n":
		return kindNumber
	case "s":
		return kindShared
	case "b":
		return kindBool
	case "e":
		return kindError
	}
	return kindText
}

// Rows begins to read the rows of the book's sheet. Its merged ranges, which stand behind the rows, are found first, so that
// a bomb or a damaged sheet shows before any row.
func (b *Book) Rows() (*Sheet, error) {
	r, err := b.archive.open(b.part)
	if err != nil {
		return nil, err
	}
	merges, err := readMerges(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, unreadable(err)
	}
	b.archive.left = b.archive.limit
	if r, err = b.archive.open(b.part); err != nil {
		return nil, err
	}
	return &Sheet{
		xml: newScanner(r), part: r, book: b, merges: mergeCursor{merges: merges}, limit: 4 * (b.cellRunes + 1),
	}, nil
}

// Close ends the reading.
func (s *Sheet) Close() error { return s.part.Close() }

// Next reads the next row that has a cell with something in it; io.EOF after the last.
func (s *Sheet) Next(row *Row) error {
	for {
		kind, err := s.xml.next()
		if errors.Is(err, io.EOF) && !s.rows {
			return io.EOF
		}
		if err == nil {
			err = s.take(kind)
		}
		if err != nil {
			return unreadable(cut(err))
		}
		if kind == markupEnd && string(s.xml.name) == "row" && len(s.cells) > 0 {
			s.hand(row)
			return nil
		}
	}
}

func (s *Sheet) take(kind markup) error {
	switch kind {
	case markupStart:
		return s.start()
	case markupEnd:
		return s.end()
	case markupText:
		if s.inside {
			return s.read()
		}
	}
	return nil
}

func (s *Sheet) start() error {
	switch string(s.xml.name) {
	case "sheetData":
		s.rows = true
	case "row":
		return s.startRow()
	case "c":
		return s.startCell()
	case "v":
		s.value = true
	case "f":
		if s.inside {
			s.last().marks |= Formula
		}
	default:
		return s.tag(markupStart)
	}
	return nil
}

func (s *Sheet) end() error {
	switch string(s.xml.name) {
	case "sheetData":
		s.rows = false
	case "c":
		return s.endCell()
	case "v":
		s.value = false
	default:
		return s.tag(markupEnd)
	}
	return nil
}

// tag follows the tags of an inline string.
func (s *Sheet) tag(kind markup) error {
	_, err := s.inline.take(s.xml, kind, nil)
	return err
}

func (s *Sheet) startRow() error {
	number := s.row + 1
	if r := attr(s.xml.attrs, "r"); r != nil {
		n, ok := parseCount(r, MaxRows)
		if !ok || n < number {
			return errRowOrder
		}
		number = n
	}
	if number > MaxRows {
		return errRowOrder
	}
	s.row, s.col = number, -1
	s.texts, s.cells, s.inside = s.texts[:0], s.cells[:0], false
	return nil
}

func (s *Sheet) startCell() error {
	col := s.col + 1
	if ref := attr(s.xml.attrs, "r"); ref != nil {
		c, row, ok := parseRef(ref)
		if !ok || row != s.row || c < col {
			return errReference
		}
		col = c
	}
	s.col, s.value, s.inline = col, false, inline{}
	if s.inside = col < MaxColumns; s.inside {
		from := len(s.texts)
		s.cells = append(s.cells, openCell{col: col, from: from, to: from, kind: kindOf(attr(s.xml.attrs, "t"))})
	}
	return nil
}

func (s *Sheet) last() *openCell { return &s.cells[len(s.cells)-1] }

// read adds the text that was found to the present cell.
func (s *Sheet) read() error {
	if len(s.texts)-s.last().from > s.limit {
		return nil
	}
	in := s.inline
	in.text = in.text || s.value
	texts, err := in.take(s.xml, markupText, s.texts)
	s.texts = texts
	return err
}

// endCell settles what the cell holds; an empty cell is dropped.
func (s *Sheet) endCell() error {
	if !s.inside {
		return nil
	}
	s.inside = false
	c := s.last()
	text, marks, err := s.settle(c.kind, s.texts[c.from:])
	if err != nil {
		return err
	}
	if len(text) > s.limit {
		text, marks = text[:s.limit], marks|TooLong
	}
	s.texts = append(s.texts[:c.from], text...)
	c.to, c.marks = len(s.texts), c.marks|marks
	if c.to == c.from && c.marks == 0 {
		s.cells = s.cells[:len(s.cells)-1]
	}
	return nil
}

// settle turns the value of a cell into the text that it shows.
func (s *Sheet) settle(kind cellKind, raw []byte) ([]byte, Mark, error) {
	switch kind {
	case kindShared:
		text, err := s.shared(raw)
		return text, 0, err
	case kindNumber:
		text, marks := plainNumber(raw)
		return text, marks, nil
	case kindBool, kindError:
		return raw, Garbled, nil
	case kindText:
	}
	return unescapeX(raw), 0, nil
}

func (s *Sheet) shared(index []byte) ([]byte, error) {
	if len(index) == 0 {
		return nil, nil
	}
	i, ok := parseCount(index, sharedLimit)
	if !ok {
		return nil, errReference
	}
	text, ok := s.book.strings.at(i)
	if !ok {
		return nil, errReference
	}
	return text, nil
}

// hand gives the present row away.
func (s *Sheet) hand(row *Row) {
	all := string(s.texts)
	row.Number, row.Cells, row.Merged = s.row, row.Cells[:0], s.merges.at(s.row)
	garbled := !utf8.ValidString(all)
	for _, c := range s.cells {
		text, marks := all[c.from:c.to], c.marks
		if garbled && !utf8.ValidString(text) {
			text, marks = strings.ToValidUTF8(text, "\uFFFD"), marks|Garbled
		}
		row.Cells = append(row.Cells, Cell{c.col, text, marks})
	}
}

// plainNumber writes a number as people would: without exponent, when its digits are all there.
func plainNumber(raw []byte) ([]byte, Mark) {
	if len(raw) == 0 {
		return raw, 0
	}
	if _, ok := parseCount(raw, maxExact); ok {
		return raw, Number
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return raw, Garbled
	}
	if f >= maxExact || f <= -maxExact {
		return raw, Lost
	}
	return strconv.AppendFloat(nil, f, 'f', -1, 64), Number
}

// maxExact is the first whole number with more digits than a workbook keeps.
const maxExact = 1_000_000_000_000_000
