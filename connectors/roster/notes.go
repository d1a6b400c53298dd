package roster

import (
	"github.com/xuri/excelize/v2"

	"onecard/card"
)

// rules are what everybody who fills in a roster should know, in Chinese and English.
var rules = [...][2]string{
	{"一行一人，从“名册”工作表第 2 行起填写，不要留下示例或合计行。", "One person a row, from row 2 of the sheet 名册; no example and no row of totals."},
	{"不要修改标题文字；列的顺序可以调整，可以增加自己的列（不会读取）。", "Keep the headings as they are; columns may be moved, and columns of your own are not read."},
	{"号码、电话和编号列已设为文本格式。粘贴时请选择“只粘贴值”，否则号码会变成 4.41E+17，末三位丢失且无法恢复。",
		"Numbers, phones and codes are typed as text. Paste values only: a number that turns into 4.41E+17 has lost its last digits for good."},
	{"不要合并单元格，不要使用公式，不要设置打开密码；请保存为 .xlsx，或 UTF-8、GB18030 编码的 CSV。",
		"No merged cells, no formulas, no password; save as .xlsx, or as CSV in UTF-8 or GB18030."},
	{"有问题的行会逐行退回并写明原因和改法，其他行不受影响；改好后把退回的工作簿直接交回即可。",
		"Rows with faults come back one by one with reason and remedy, the others go on; hand the corrected workbook in as it stands."},
	{"文件最大 50 MiB；超过 10 万人请使用 CSV。", "At most 50 MiB; use CSV for more than 100,000 people."},
}

const notesColumns = 5

// notesWidths are the columns of the tables on the sheet of notes.
var notesWidths = [notesColumns]float64{26, 30, 17, 58, 64}

func (b *rosterBook) notes() {
	for col, width := range notesWidths {
		b.width(sheetNotes, col, width)
	}
	b.noGrid(sheetNotes)
	b.print(sheetNotes, 0)
	row := b.heading(1)
	row = b.ruleRows(row)
	row = b.columnRows(row + 1)
	b.reasonRows(row + 1)
}

func (b *rosterBook) across(row int, text string, style int, height float64) {
	b.set(sheetNotes, 0, row, text, style)
	b.try(b.MergeCell(sheetNotes, reference(0, row), reference(notesColumns-1, row)))
	b.height(sheetNotes, row, height)
}

func (b *rosterBook) heading(row int) int {
	title := b.style(excelize.Style{Font: font(18, true, colourMain), Alignment: &excelize.Alignment{Vertical: "center"}})
	under := b.style(excelize.Style{Font: font(11, false, colourFaint), Alignment: &excelize.Alignment{Vertical: "center"}})
	b.across(row, b.title+" 填表说明", title, 36)
	b.across(row+1, b.english, under, 20)
	return row + 2
}

func (b *rosterBook) section(row int, text string) int {
	style := b.style(excelize.Style{
		Font: font(13, true, colourMain), Alignment: &excelize.Alignment{Vertical: "bottom"},
		Border: []excelize.Border{{Type: "bottom", Color: colourMain, Style: 2}},
	})
	b.across(row, text, style, 30)
	b.try(b.SetCellStyle(sheetNotes, reference(0, row), reference(notesColumns-1, row), style))
	return row + 1
}

func (b *rosterBook) ruleRows(row int) int {
	row = b.section(row, "一、填写规则  Rules")
	plain := b.style(excelize.Style{
		Font: font(11, false, colourInk), Alignment: &excelize.Alignment{Vertical: "center", WrapText: true, Indent: 1},
	})
	for i, rule := range b.rules {
		b.across(row+i, string(rune('1'+i))+". "+rule[0]+"\n    "+rule[1], plain, 36)
	}
	return row + len(b.rules)
}

// table writes a row of headings.
func (b *rosterBook) table(row int, names ...string) int {
	style := b.headingStyle(colourMain)
	for col, name := range names {
		b.set(sheetNotes, col, row, name, style)
	}
	b.height(sheetNotes, row, 24)
	return row + 1
}

func (b *rosterBook) columnRows(row int) int {
	row = b.section(row, "二、各列说明与示例  Columns, with an example")
	row = b.table(row, "列 Column", "示例 Example", "必填 Needed", "怎样填写", "What to fill in")
	style := b.textStyle(true, "")
	words := map[need]string{needAlways: "是 yes", needSometimes: "视情况 depends", needNever: "否 no"}
	for _, c := range b.columns {
		b.line(row, style, c.heading+"\n"+c.en, c.example, words[c.need], c.zh, c.meaning)
		row++
	}
	return row
}

// line writes a row of a table, as high as its texts need.
func (b *rosterBook) line(row, style int, texts ...string) {
	for col, text := range texts {
		b.set(sheetNotes, col, row, text, style)
	}
	b.height(sheetNotes, row, heightOf(texts, notesWidths[:]))
}

// reasonRows explains the reasons for which a row is refused when the roster is read.
func (b *rosterBook) reasonRows(row int) {
	row = b.section(row, "三、退回原因与改法  Why rows are refused, and how to mend them")
	row = b.table(row, "原因代码 Code", "原因", "", "Reason", "如何修改 How to mend")
	b.try(b.MergeCell(sheetNotes, reference(1, row-1), reference(2, row-1)))
	style := b.textStyle(true, "")
	widths := notesWidths
	widths[1] += widths[2]
	for _, reason := range b.reasons {
		t := reason.Text()
		texts := []string{string(reason), t.ZH, "", t.EN, t.MendZH + "\n" + t.MendEN}
		b.line(row, style, texts...)
		b.height(sheetNotes, row, heightOf(texts, widths[:]))
		b.try(b.MergeCell(sheetNotes, reference(1, row), reference(2, row)))
		row++
	}
}

// mendable are the reasons that a person who fills in a roster can do something about.
var mendable = [...]card.Reason{
	card.ReasonIDMissing, card.ReasonIDLength, card.ReasonIDCharacters, card.ReasonIDCheckDigit, card.ReasonIDBirthDate,
	card.ReasonIDBirthDiffers, card.ReasonIDSexDiffers, card.ReasonIDAreaNotHMT, card.ReasonDocTypeUnknown, card.ReasonDocShape,
	card.ReasonNumberAsFloat, card.ReasonNameMissing, card.ReasonNameTooLong, card.ReasonNameCharacters,
	card.ReasonNameUnencodable, card.ReasonSexUnknown, card.ReasonEthnicUnknown, card.ReasonBirthDate, card.ReasonPhone,
	card.ReasonAddressMissing, card.ReasonAddressTooLong, card.ReasonPostcode, card.ReasonCityUnknown,
	card.ReasonCityNotInRollout, card.ReasonBankUnknown, card.ReasonBankNotServing, card.ReasonModeUnknown,
	card.ReasonOutletMissing, card.ReasonOutletShape, card.ReasonEmployerMissing, card.ReasonFieldCharacters,
	card.ReasonFormulaInCell, card.ReasonMergedCell, card.ReasonCellTooLong, card.ReasonDuplicateInFile, card.ReasonHasCard,
	card.ReasonCardInProgress,
}
