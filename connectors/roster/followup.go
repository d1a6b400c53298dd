package roster

import (
	"io"
	"iter"
	"strconv"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// OwnerRows are the payments that one owner can set right, for the sheet of that owner.
type OwnerRows struct {
	Owner card.Owner
	Rows  iter.Seq2[FollowUpRow, error]
}

// FollowUpRow is a payment that was not made, as it is told to who can set it right.
type FollowUpRow struct {
	Number     int
	City, Bank string // in words
	State      string // in words
	Fen        int64
	Person     card.Person
	Reasons    []card.Reason
	Note       string // such as the rollout that has paid again since
}

// WriteFollowUp writes the workbook of payments that were not made. Its first sheet is a roster of those that may be handed in again:
// OpenPayments takes the workbook as it stands, once the rows are corrected. After it comes a sheet for each owner with what to do.
// Each of the sequences is taken one by one; an error among them ends the writing and is returned.
func WriteFollowUp(w io.Writer, again iter.Seq2[RefusedRow, error], owners []OwnerRows) error {
	b := newRosterBook(payPaper(), len(ours), TemplateOptions{})
	styles := b.errorColumns()
	sheets := map[string]filler{b.sheetName: b.refusedRows(again, styles)}
	for _, o := range owners {
		name := o.Owner.Name()
		sheet := name.ZH + " " + name.EN
		b.followUpSheet(sheet)
		sheets[sheet] = followUpRows(o.Rows, styles)
	}
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, sheets)
}

// refusedRows fills a roster with rows that go back.
func (b *rosterBook) refusedRows(rows iter.Seq2[RefusedRow, error], styles errorStyles) filler {
	return func(out *xlsx.RowWriter) error {
		for row, err := range rows {
			if err != nil {
				return err
			}
			if err := writeRefused(out, &row, len(b.columns), styles); err != nil {
				return err
			}
		}
		return nil
	}
}

var followUpColumns = []struct {
	heading string
	width   float64
}{
	{"名册行号\nRow", 10}, {"原因\nReason", 52}, {"怎么办\nWhat to do", 52}, {"状态\nState", 22}, {"地市\nCity", 18}, {"银行\nBank", 24},
	{"金额(元)\nYuan", 14}, {"姓名\nName", 16}, {"证件号码\nDocument number", 24}, {"电话\nPhone", 16}, {"说明\nNote", 30},
}

func (b *rosterBook) followUpSheet(name string) {
	b.sheet(name)
	style := b.headingStyle(colourMain)
	for col, c := range followUpColumns {
		b.width(name, col, c.width)
		b.set(name, col, 1, c.heading, style)
	}
	b.freeze(name, 1, 1)
	b.print(name, 1)
}

func followUpRows(rows iter.Seq2[FollowUpRow, error], styles errorStyles) filler {
	return func(out *xlsx.RowWriter) error {
		for r, err := range rows {
			if err != nil {
				return err
			}
			texts := []string{strconv.Itoa(r.Number), explain(r.Reasons), remedy(r.Reasons)}
			out.Begin(min(heightOf(texts, ourWidths[:]), highestRow))
			out.Text(styles.number, texts[0])
			out.Text(styles.reason, texts[1])
			out.Text(styles.reason, texts[2])
			for _, text := range []string{r.State, r.City, r.Bank, card.FormatYuan(r.Fen), r.Person.Name, r.Person.SSN, r.Person.Phone, r.Note} {
				out.Text(styles.body, text)
			}
			if err := out.End(); err != nil {
				return err
			}
		}
		return nil
	}
}
