package roster

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"onecard/connectors/layout/xlsx"
)

// TemplateOptions say how the template is made. The zero value makes the one for all cities and banks.
type TemplateOptions struct {
	// Cities and Banks narrow the lists, by Chinese name; nil offers all.
	Cities, Banks []string
}

// WriteTemplate writes the workbook that a city fills in: the sheet 名册 with the 15 headings, its cells typed as text, lists
// to choose from and a comment on every heading, and the sheet 填表说明, which explains the columns and the reasons for which
// rows are refused.
func WriteTemplate(w io.Writer, o TemplateOptions) error { return writeTemplate(w, peoplePaper(), o) }

func writeTemplate(w io.Writer, p paper, o TemplateOptions) error {
	b := newRosterBook(p, 0, o)
	if b.err != nil {
		return b.err
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	return nil
}

// rosterBook is the template, which samples and refused rows are written into. body is the style of its cells; lead is how
// many columns stand before the first of the roster.
type rosterBook struct {
	*book
	paper
	body int
	lead int
}

func newRosterBook(p paper, lead int, o TemplateOptions) *rosterBook {
	b := &rosterBook{book: newBook(p.title, p.sheetName), paper: p, lead: lead}
	b.body = b.textStyle(false, "")
	b.sheet(sheetNotes)
	b.sheet(sheetLists)
	b.roster(o)
	b.notes()
	b.try(b.SetSheetVisible(sheetLists, false))
	b.SetActiveSheet(0)
	return b
}

func (b *rosterBook) roster(o TemplateOptions) {
	styles := map[need]int{
		needAlways: b.headingStyle(colourMain), needSometimes: b.headingStyle(colourSoft), needNever: b.headingStyle(colourFaint),
	}
	lists := 0
	for i, c := range b.columns {
		col := b.lead + i
		name := string(xlsx.ColumnName(col))
		b.try(b.SetColStyle(b.sheetName, name, b.body))
		b.width(b.sheetName, col, c.width)
		b.set(b.sheetName, col, 1, c.heading, styles[c.need])
		b.comment(b.sheetName, reference(col, 1), c.heading+"  "+c.en, c.zh, c.meaning)
		if offered := choices(c, o); len(offered) > 0 {
			b.choose(col, lists, c.heading, offered)
			lists++
		}
	}
	for _, l := range b.lengths {
		b.length(l)
	}
	b.height(b.sheetName, 1, 32)
	b.freeze(b.sheetName, 0, 1)
	b.print(b.sheetName, 1)
}

func choices(c column, o TemplateOptions) []string {
	switch {
	case c.heading == headings[colCity] && len(o.Cities) > 0:
		return o.Cities
	case c.heading == headings[colBank] && len(o.Banks) > 0:
		return o.Banks
	case c.list != nil:
		return c.list()
	}
	return nil
}

// comment puts a note on a heading.
func (b *book) comment(sheet, ref, title string, texts ...string) {
	b.try(b.AddComment(sheet, excelize.Comment{
		Cell: ref, Author: "Onecard", Width: 320, Height: 130,
		Paragraph: []excelize.RichTextRun{
			{Text: title + "\n", Font: font(10, true, colourMain)},
			{Text: strings.Join(texts, "\n"), Font: font(9, false, colourInk)},
		},
	}))
}

// below is every cell of a column under its heading.
func below(col int) string {
	return fmt.Sprintf("%s2:%s%d", xlsx.ColumnName(col), xlsx.ColumnName(col), xlsx.MaxRows)
}

// choose lets the cells of a column be chosen from a list, which stands on a hidden sheet: in the sheet itself a list ends
// at 255 characters.
func (b *rosterBook) choose(col, list int, heading string, choices []string) {
	name := xlsx.ColumnName(list)
	v := excelize.NewDataValidation(true)
	v.SetSqref(below(col))
	v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", sheetLists, name, name, len(choices)+1))
	v.SetError(excelize.DataValidationErrorStyleStop, heading, "请从下拉列表中选择。\nPlease choose from the list.")
	b.try(b.AddDataValidation(b.sheetName, v))
	style := b.textStyle(false, "")
	b.set(sheetLists, list, 1, heading, b.headingStyle(colourMain))
	b.width(sheetLists, list, 30)
	for i, choice := range choices {
		b.set(sheetLists, list, i+2, choice, style)
	}
}

// length warns of texts in a column that are too short or too long.
func (b *rosterBook) length(l length) {
	v := excelize.NewDataValidation(true)
	v.SetSqref(below(b.lead + l.col))
	b.try(v.SetRange(l.from, l.to, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween))
	v.SetError(excelize.DataValidationErrorStyleWarning, b.columns[l.col].heading, l.text)
	b.try(b.AddDataValidation(b.sheetName, v))
}
