package roster

import (
	"io"
	"iter"
	"strconv"
	"strings"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// RefusedRow is a row that goes back to be corrected.
type RefusedRow struct {
	// Number is the row's number in the roster that was handed in.
	Number int
	// Cells are its texts in the order of Headings, as Row.Cells or Cells has them.
	Cells []string
	// Reasons are why it was refused, at least one.
	Reasons []card.Reason
}

// WriteErrors writes the workbook of refused rows: the template with its lists and notes, before the 15 columns the row's
// number, the reasons in Chinese and English with their codes, and how to mend them. Corrected, it can be handed in as it
// stands: Open takes it. All cells are typed as text and none starts a formula. rows are taken one by one; an error among
// them ends the writing and is returned. A sheet holds 1,048,575 rows; further ones are an error.
func WriteErrors(w io.Writer, rows iter.Seq2[RefusedRow, error]) error {
	return writeErrors(w, peoplePaper(), rows)
}

// WritePayErrors writes the refused rows of a roster of payments as WriteErrors does; OpenPayments takes the workbook.
func WritePayErrors(w io.Writer, rows iter.Seq2[RefusedRow, error]) error {
	return writeErrors(w, payPaper(), rows)
}

func writeErrors(w io.Writer, p paper, rows iter.Seq2[RefusedRow, error]) error {
	b := newRosterBook(p, len(ours), TemplateOptions{})
	styles := b.errorColumns()
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, map[string]filler{b.sheetName: b.refusedRows(rows, styles)})
}

// errorStyles are the styles of the cells before the roster's own and of those.
type errorStyles struct{ number, reason, body int }

// ourWidths are the widths of the columns before the roster's own.
var ourWidths = [...]float64{9, 52, 52}

// errorColumns sets up the columns before the roster's own.
func (b *rosterBook) errorColumns() errorStyles {
	style := b.headingStyle(colourWarn)
	for col, width := range ourWidths {
		b.width(b.sheetName, col, width)
		b.set(b.sheetName, col, 1, ours[col]+"\n"+[...]string{"Row", "Reason", "How to mend"}[col], style)
	}
	b.comment(b.sheetName, "A1", "退回的行  Refused rows",
		"请按“如何修改”改正右侧各列，然后把本工作簿直接交回；这三列不会被读取，不必删除。",
		"Correct the columns to the right and hand this workbook in as it stands; these three columns are not read.")
	b.freeze(b.sheetName, 1, 1)
	return errorStyles{
		number: b.textStyle(false, colourPaleWarn), reason: b.textStyle(true, colourPaleWarn), body: b.textStyle(true, ""),
	}
}

// highestRow is as high as a row may be, in points.
const highestRow = 409

func writeRefused(out *xlsx.RowWriter, row *RefusedRow, columns int, styles errorStyles) error {
	texts := []string{strconv.Itoa(row.Number), explain(row.Reasons), remedy(row.Reasons)}
	out.Begin(min(heightOf(texts, ourWidths[:]), highestRow))
	out.Text(styles.number, texts[0])
	out.Text(styles.reason, texts[1])
	out.Text(styles.reason, texts[2])
	for col := range columns {
		text := ""
		if col < len(row.Cells) {
			text = row.Cells[col]
		}
		out.Text(styles.body, text)
	}
	return out.End()
}

// explain says why a row was refused, one reason a pair of lines.
func explain(reasons []card.Reason) string {
	var b strings.Builder
	for i, r := range reasons {
		if i > 0 {
			b.WriteByte('\n')
		}
		t := r.Text()
		b.WriteString(t.ZH + " [" + string(r) + "]\n" + t.EN)
	}
	return b.String()
}

// remedy says how to mend a row.
func remedy(reasons []card.Reason) string {
	var b strings.Builder
	for i, r := range reasons {
		if i > 0 {
			b.WriteByte('\n')
		}
		t := r.Text()
		b.WriteString(t.MendZH + "\n" + t.MendEN)
	}
	return b.String()
}
