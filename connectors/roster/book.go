package roster

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"

	"onecard/connectors/layout/xlsx"
)

// Sheets beside the roster.
const (
	sheetNotes = "填表说明"
	sheetLists = "代码表"
)

// The colours of our workbooks.
const (
	colourInk      = "1F2933"
	colourMain     = "1F4E79" // headings of columns that must be filled in
	colourSoft     = "5B7F9F" // headings of columns that may be needed
	colourFaint    = "8A9BA8" // headings of columns that may stay blank
	colourWarn     = "9C2A10" // headings of reasons
	colourPale     = "EAF1F7"
	colourPaleWarn = "FCEDE8"
	colourLine     = "D0D7DE"
)

const fontName = "微软雅黑"

// numFmtText is the number format "text" of every workbook (ECMA-376 18.8.30): what is typed into such a cell stays as typed.
const (
	numFmtText  = 49
	numFmtCount = 3 // 1,234
)

// book builds a workbook. The first error stays and everything after it is skipped.
type book struct {
	*excelize.File
	err error
}

// newBook makes a workbook whose first sheet has the given name.
func newBook(title, first string) *book {
	b := &book{File: excelize.NewFile()}
	b.try(b.SetSheetName("Sheet1", first))
	b.try(b.SetDocProps(&excelize.DocProperties{
		Title: title, Creator: "Onecard 一卡通", Language: "zh-CN", Category: "社会保障卡",
	}))
	b.try(b.SetDefaultFont(fontName))
	return b
}

func (b *book) try(err error) {
	if b.err == nil && err != nil {
		b.err = fmt.Errorf("build workbook: %w", err)
	}
}

func (b *book) sheet(name string) {
	_, err := b.NewSheet(name)
	b.try(err)
}

func (b *book) style(s excelize.Style) int {
	id, err := b.NewStyle(&s)
	b.try(err)
	return id
}

// set writes a text into a cell given by column (from 0) and row (from 1).
func (b *book) set(sheet string, col, row int, text string, style int) {
	ref := reference(col, row)
	b.try(b.SetCellStr(sheet, ref, text))
	b.try(b.SetCellStyle(sheet, ref, ref, style))
}

func (b *book) width(sheet string, col int, width float64) {
	name := string(xlsx.ColumnName(col))
	b.try(b.SetColWidth(sheet, name, name, width))
}

func (b *book) height(sheet string, row int, points float64) {
	b.try(b.SetRowHeight(sheet, row, points))
}

// freeze keeps the first rows and columns in view.
func (b *book) freeze(sheet string, cols, rows int) {
	pane := "bottomLeft"
	if cols > 0 {
		pane = "bottomRight"
	}
	b.try(b.SetPanes(sheet, &excelize.Panes{
		Freeze: true, XSplit: cols, YSplit: rows, TopLeftCell: reference(cols, rows+1), ActivePane: pane,
		Selection: []excelize.Selection{{SQRef: reference(cols, rows+1), ActiveCell: reference(cols, rows+1), Pane: pane}},
	}))
}

// print sets a sheet up for A4 across, as wide as the page, its headings on every page.
func (b *book) print(sheet string, headingRow int) {
	landscape, paper, width, height, fit := "landscape", 9, 1, 0, true
	side, top, bottom := 0.4, 0.5, 0.6 // inches
	b.try(b.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &bottom}))
	b.try(b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &paper, FitToWidth: &width, FitToHeight: &height}))
	b.try(b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.try(b.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R&P / &N"}))
	if headingRow > 0 {
		b.try(b.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", sheet, headingRow, headingRow), Scope: sheet,
		}))
	}
}

func (b *book) noGrid(sheet string) {
	off := false
	b.try(b.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &off}))
}

// lineHeight is the height of a line of text in a cell, in points.
const lineHeight = 16

// heightOf is how high a row must be for wrapped texts in columns of the given widths.
func heightOf(texts []string, widths []float64) float64 {
	most := 1
	for i, text := range texts {
		most = max(most, linesOf(text, widths[i]))
	}
	return float64(most)*lineHeight + 6
}

// linesOf estimates how many lines a text takes in a column, whose width counts digits: a Chinese character is as wide as
// two, and a margin and words that do not fit take their share.
func linesOf(text string, width float64) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		wide := 0.0
		for _, r := range line {
			if wide++; r >= 0x2E80 {
				wide++
			}
		}
		n += max(1, int(math.Ceil(wide*1.1/(width-2))))
	}
	return n
}

func reference(col, row int) string { return fmt.Sprintf("%s%d", xlsx.ColumnName(col), row) }

func fill(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func lines() []excelize.Border {
	var all []excelize.Border
	for _, side := range [...]string{"left", "right", "top", "bottom"} {
		all = append(all, excelize.Border{Type: side, Color: colourLine, Style: 1})
	}
	return all
}

func font(size float64, bold bool, colour string) *excelize.Font {
	return &excelize.Font{Family: fontName, Size: size, Bold: bold, Color: colour}
}

func (b *book) headingStyle(colour string) int {
	return b.style(excelize.Style{
		Font: font(11, true, "FFFFFF"), Fill: fill(colour), Border: lines(), NumFmt: numFmtText,
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
	})
}

func (b *book) textStyle(wrap bool, background string) int {
	s := excelize.Style{
		Font: font(11, false, colourInk), Border: lines(), NumFmt: numFmtText,
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: wrap, Indent: 1},
	}
	if background != "" {
		s.Fill = fill(background)
	}
	return b.style(s)
}

// choices lets the cells of an area hold one of some words.
func (b *book) choices(sheet, area string, words []string) {
	list := excelize.NewDataValidation(true)
	list.SetSqref(area)
	b.try(list.SetDropList(words))
	b.try(b.AddDataValidation(sheet, list))
}

// eachRow reads a sheet of a workbook of ours row by row, within the limits of rosters.
func eachRow(r io.ReaderAt, size int64, name string, read func(xlsx.Row) error) error {
	limits := DefaultLimits()
	if size > limits.WorkbookBytes {
		return refuseSize(size, limits.WorkbookBytes)
	}
	book, err := xlsx.Open(r, size, name, limits.workbook())
	if err != nil {
		return err
	}
	sheet, err := book.Rows()
	if err != nil {
		return err
	}
	defer sheet.Close() //nolint:errcheck // read only
	for row := (xlsx.Row{}); ; {
		if err := sheet.Next(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := read(row); err != nil {
			return err
		}
	}
}
