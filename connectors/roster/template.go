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
func WriteTemplate(w io.Writer, o TemplateOptions) error {
	b := newRosterBook(0, o)
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
	body int
	lead int
}

func newRosterBook(lead int, o TemplateOptions) *rosterBook {
	b := &rosterBook{book: newBook("社会保障卡批量申领名册", SheetName), lead: lead}
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
	for i, c := range columnTable() {
		col := b.lead + i
		name := string(xlsx.ColumnName(col))
		b.try(b.SetColStyle(SheetName, name, b.body))
		b.width(SheetName, col, c.width)
		b.set(SheetName, col, 1, headings[i], styles[c.need])
		b.comment(SheetName, reference(col, 1), headings[i]+"  "+c.en, c.zh, c.meaning)
		if offered := choices(i, c, o); len(offered) > 0 {
			b.choose(col, lists, headings[i], offered)
			lists++
		}
	}
	b.shapes()
	b.height(SheetName, 1, 32)
	b.freeze(SheetName, 0, 1)
	b.print(SheetName, 1)
}

func choices(col int, c column, o TemplateOptions) []string {
	switch {
	case col == colCity && len(o.Cities) > 0:
		return o.Cities
	case col == colBank && len(o.Banks) > 0:
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
	b.try(b.AddDataValidation(SheetName, v))
	style := b.textStyle(false, "")
	b.set(sheetLists, list, 1, heading, b.headingStyle(colourMain))
	b.width(sheetLists, list, 30)
	for i, choice := range choices {
		b.set(sheetLists, list, i+2, choice, style)
	}
}

// shapes checks the lengths of numbers as they are typed.
func (b *rosterBook) shapes() {
	b.length(colSSN, 5, 18, "证件号码为 5 至 18 位；居民身份证为 18 位。\n5 to 18 characters; 18 for an identity card.")
	b.length(colBirth, 8, 8, "请填八位数字，如 19900101。\nEight digits, such as 19900101.")
	b.length(colPostcode, 6, 6, "邮政编码为六位数字。\nSix digits.")
	b.length(colAddress, 1, 100, "地址最多 100 字。\nAt most 100 characters.")
	b.length(colOutlet, 8, 14, "网点编号为 8 至 14 位。\n8 to 14 characters.")
}

// length warns of texts that are too short or too long.
func (b *rosterBook) length(col, from, to int, text string) {
	v := excelize.NewDataValidation(true)
	v.SetSqref(below(b.lead + col))
	b.try(v.SetRange(from, to, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween))
	v.SetError(excelize.DataValidationErrorStyleWarning, headings[col], text)
	b.try(b.AddDataValidation(SheetName, v))
}
