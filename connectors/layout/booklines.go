package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// maxBook is the largest workbook that is read; it is held in memory packed, and unpacked row by row.
const maxBook = 50 << 20

var bookLimits = xlsx.Limits{Unzipped: 256 << 20, Entries: 1000, CellRunes: maxCell}

// bookLines are the rows of a workbook. Blank rows are left out.
type bookLines struct {
	in    io.Reader
	l     *Layout
	sheet *xlsx.Sheet
	row   xlsx.Row
	cell  []string
	line  []byte
}

// open finds the sheet. Whatever is wrong with the workbook as a whole is an Invalid card.Error.
func (b *bookLines) open() error {
	content, err := io.ReadAll(io.LimitReader(b.in, maxBook+1))
	if err != nil {
		return err
	}
	if len(content) > maxBook {
		return card.E(card.Invalid, opRead, card.ReasonFileTooLarge, fmt.Errorf("a workbook of more than %d MiB", maxBook>>20))
	}
	if !bytes.HasPrefix(content, []byte("PK")) {
		return card.E(card.Invalid, opRead, card.ReasonFileNotWorkbook, errNoBook)
	}
	book, err := xlsx.Open(bytes.NewReader(content), int64(len(content)), b.l.sheet, bookLimits)
	if err != nil {
		return err
	}
	b.sheet, err = book.Rows()
	return err
}

var errNoBook = errors.New("found something else, expected a workbook (.xlsx)")

func (b *bookLines) next() (line int, wrong *problem, err error) {
	if b.sheet == nil {
		if err := b.open(); err != nil {
			return 1, nil, err
		}
	}
	if err := b.sheet.Next(&b.row); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.Join(b.sheet.Close(), io.EOF)
		}
		return b.row.Number + 1, nil, err
	}
	b.fill()
	if len(b.row.Merged) > 0 {
		return b.row.Number, wrongly(card.ReasonMergedCell, "merged cells", "none"), nil
	}
	return b.row.Number, nil, nil
}

// fill puts the cells of the row in their places.
func (b *bookLines) fill() {
	b.cell, b.line = b.cell[:0], b.line[:0]
	for _, c := range b.row.Cells {
		for len(b.cell) < c.Col {
			b.cell = append(b.cell, "")
		}
		b.cell = append(b.cell, xlsx.Unguard(c.Text))
	}
	for _, text := range b.cell {
		b.line = append(append(b.line, text...), 0x1F)
	}
}

func (b *bookLines) first(*record) string {
	if len(b.cell) == 0 {
		return ""
	}
	return b.cell[0]
}

func (b *bookLines) cells(rec *record) ([]string, *problem) {
	if len(b.cell) > len(rec.columns) {
		return nil, wrongly(card.ReasonFileLayout, fmt.Sprintf("%d cells", len(b.cell)), fmt.Sprintf("at most %d", len(rec.columns)))
	}
	for _, c := range b.row.Cells {
		if wrong := typed(&rec.columns[c.Col], c); wrong != nil {
			wrong.at = c.Col + 1
			return nil, wrong
		}
	}
	for len(b.cell) < len(rec.columns) {
		b.cell = append(b.cell, "")
	}
	return b.cell, nil
}

// typed checks that a cell is a text. A number may stand for a count or an amount; anywhere else it may have lost its zeros.
func typed(c *column, cell xlsx.Cell) *problem {
	text := "a cell formatted as text (文本), typed anew"
	switch {
	case cell.Marks&xlsx.Formula != 0:
		return wrongly(card.ReasonFormulaInCell, "a formula", text)
	case cell.Marks&xlsx.Lost != 0:
		return wrongly(card.ReasonNumberAsFloat, "a number such as 4.2E+17, whose last digits the workbook has lost", text)
	case cell.Marks&xlsx.Number != 0 && !c.isNumber():
		return wrongly(card.ReasonFileLayout, "a number, whose zeros in front are lost", text)
	case cell.Marks&xlsx.TooLong != 0:
		return wrongly(card.ReasonCellTooLong, "a longer text", fmt.Sprintf("at most %d characters", maxCell))
	case cell.Marks&xlsx.Garbled != 0:
		return wrongly(card.ReasonFieldCharacters, "an error value, a truth value or broken text", text)
	case forbidden(cell.Text) >= 0:
		return wrongly(card.ReasonFileLayout, "a control character", "none")
	}
	return nil
}

func (b *bookLines) raw() []byte { return b.line }
