package xlsx

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"onecard/card"
)

// mergeLimit is more merged ranges than anybody makes by hand, mergesOfRow more than touch a row: ranges do not overlap.
const (
	mergeLimit  = 100_000
	mergesOfRow = 256
)

// tailOf returns what stands behind the last row of a sheet. It unzips the whole sheet, so that a bomb or a damaged sheet
// shows before the first row is handed out.
func tailOf(r io.Reader) (io.Reader, error) {
	const end = "sheetData>"
	buf := make([]byte, 0, scanWindow)
	for {
		seen := max(0, len(buf)-len(end))
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if i := closing(buf, seen, end); i >= 0 {
			return io.MultiReader(bytes.NewReader(bytes.Clone(buf[i:])), r), nil
		}
		if errors.Is(err, io.EOF) {
			return bytes.NewReader(nil), nil
		}
		if err != nil {
			return nil, err
		}
		if keep := min(len(buf), 64); cap(buf)-len(buf) < 4096 {
			buf = append(buf[:0], buf[len(buf)-keep:]...)
		}
	}
}

// closing finds, from an offset on, the end of a closing tag whose name ends with name.
func closing(b []byte, from int, name string) int {
	for {
		i := bytes.Index(b[from:], []byte(name))
		if i < 0 {
			return -1
		}
		from += i + len(name)
		before := b[max(0, from-len(name)-40) : from-len(name)]
		if slash := bytes.LastIndexByte(before, '<'); slash >= 0 && slash+1 < len(before) && before[slash+1] == '/' {
			return from
		}
	}
}

// readMerges reads the merged ranges of a sheet, by their first row.
func readMerges(r io.Reader) ([]Range, error) {
	tail, err := tailOf(r)
	if err != nil {
		return nil, err
	}
	var merges []Range
	s := newScanner(tail)
	for {
		kind, err := s.next()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(merges, func(a, b Range) int { return a.Top - b.Top })
			return merges, nil
		}
		if err != nil {
			return nil, err
		}
		if kind != markupStart || string(s.name) != "mergeCell" {
			continue
		}
		m, ok := parseRange(attr(s.attrs, "ref"))
		if !ok || len(merges) == mergeLimit {
			return nil, refuse(card.ReasonFileMerged, "合并单元格过多或无法识别 / too many merged cells, or ones that cannot be read")
		}
		merges = append(merges, m)
	}
}

// parseRange reads a reference such as B2:C7.
func parseRange(ref []byte) (Range, bool) {
	first, last, found := bytes.Cut(ref, []byte{':'})
	if !found {
		last = first
	}
	left, top, ok1 := parseRef(first)
	right, bottom, ok2 := parseRef(last)
	return Range{top, left, bottom, right}, ok1 && ok2 && top <= bottom && left <= right
}

// Bounds of a sheet (ECMA-376 leaves them open; every program has these).
const (
	MaxRows      = 1 << 20
	sheetColumns = 1 << 14
)

// parseRef reads a cell reference such as AB12: column from 0, row from 1.
func parseRef(ref []byte) (col, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && col <= sheetColumns; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	row, ok = parseCount(ref[i:], MaxRows)
	return col - 1, row, ok && col > 0 && col <= sheetColumns && row > 0
}

// parseCount reads decimal digits up to limit.
func parseCount(digits []byte, limit int) (int, bool) {
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' || n > limit {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(digits) > 0 && n <= limit
}

// mergeCursor walks along the merged ranges as the rows go by.
type mergeCursor struct {
	merges []Range // by first row
	open   []Range // those that reach the present row
}

// at returns the ranges that touch row, which never goes backwards.
func (c *mergeCursor) at(row int) []Range {
	if len(c.merges) == 0 && len(c.open) == 0 {
		return nil
	}
	c.open = slices.DeleteFunc(c.open, func(m Range) bool { return m.Bottom < row })
	for len(c.merges) > 0 && c.merges[0].Top <= row {
		if c.merges[0].Bottom >= row && len(c.open) < mergesOfRow {
			c.open = append(c.open, c.merges[0])
		}
		c.merges = c.merges[1:]
	}
	return c.open
}
