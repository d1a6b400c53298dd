package roster

import (
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"onecard/connectors/layout/xlsx"
)

const sheetOverview = "概要 Overview"

// Rows of every sheet of the report: title, what it is about, a gap, headings.
const (
	reportTitle    = 1
	reportAbout    = 2
	reportHeadings = 4
)

// reportBook is the workbook of a report.
type reportBook struct {
	*book
	report             Report
	part, total, facts rowStyles
	alarm, heading     int
}

// rowStyles are the styles of a row: of its first cell, of texts, counts and shares.
type rowStyles struct{ first, text, count, percent int }

func newReportBook(r Report) *reportBook {
	b := &reportBook{book: newBook("社会保障卡批量发放报告 "+r.ID, sheetOverview), report: r}
	text, label := b.textStyle(true, ""), b.textStyle(true, colourPale)
	b.part = rowStyles{text, text, b.figure(numFmtCount, false, ""), b.figure(numFmtPercent, false, "")}
	b.facts = rowStyles{label, text, b.part.count, b.part.percent}
	strong := b.emphasis(colourInk, colourPale)
	b.total = rowStyles{strong, strong, b.figure(numFmtCount, true, colourPale), b.figure(numFmtPercent, true, colourPale)}
	b.alarm = b.emphasis(colourWarn, colourPaleWarn)
	b.heading = b.headingStyle(colourMain)
	b.frame(sheetOverview, "社会保障卡批量发放报告  Report of a card rollout", overviewColumns[:])
	return b
}

// numFmtPercent is 0.00% of every workbook.
const numFmtPercent = 10

func (b *reportBook) figure(format int, bold bool, background string) int {
	s := excelize.Style{
		Font: font(11, bold, colourInk), Border: lines(), NumFmt: format,
		Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center", Indent: 1},
	}
	if background != "" {
		s.Fill = fill(background)
	}
	return b.style(s)
}

func (b *reportBook) emphasis(colour, background string) int {
	return b.style(excelize.Style{
		Font: font(11, true, colour), Fill: fill(background), Border: lines(), NumFmt: numFmtText,
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true, Indent: 1},
	})
}

// prepare makes the sheet of a table, up to its headings.
func (b *reportBook) prepare(s reportSheet) {
	b.sheet(s.name)
	if s.count > 0 {
		last := reference(len(s.columns)-1, reportHeadings+s.count)
		b.try(b.AutoFilter(s.name, reference(0, reportHeadings)+":"+last, nil))
	}
	b.frame(s.name, s.title, s.columns)
}

// frame writes title, headings and widths of a sheet.
func (b *reportBook) frame(sheet, title string, columns []reportColumn) {
	big := b.style(excelize.Style{Font: font(16, true, colourMain), Alignment: &excelize.Alignment{Vertical: "center"}})
	small := b.style(excelize.Style{Font: font(10, false, colourFaint), Alignment: &excelize.Alignment{Vertical: "center"}})
	b.set(sheet, 0, reportTitle, title, big)
	b.set(sheet, 0, reportAbout, b.about(), small)
	b.height(sheet, reportTitle, 30)
	b.height(sheet, reportHeadings, 34)
	for col, c := range columns {
		b.width(sheet, col, c.width)
		b.set(sheet, col, reportHeadings, headingOf(c), b.heading)
	}
	b.noGrid(sheet)
	b.freeze(sheet, 0, reportHeadings)
	b.print(sheet, reportHeadings)
}

func (b *reportBook) about() string {
	return fmt.Sprintf("%s  ·  %s  ·  截至 as of %s", b.report.ID, b.report.Name, b.report.AsOf)
}

func headingOf(c reportColumn) string {
	if c.zh == "" {
		return c.en
	}
	return c.zh + "\n" + c.en
}

// rows writes the rows of a table and its total.
func (b *reportBook) rows(out *xlsx.RowWriter, s reportSheet) error {
	out.Skip(reportHeadings)
	for row, err := range s.rows {
		if err != nil {
			return err
		}
		if err := b.row(out, row, s.columns, b.part); err != nil {
			return err
		}
	}
	if s.total == nil {
		return nil
	}
	return b.row(out, s.total, s.columns, b.total)
}

// row writes one row, as high as its texts need.
func (b *reportBook) row(out *xlsx.RowWriter, values []any, columns []reportColumn, styles rowStyles) error {
	height := lineHeight + 6.0
	for col, v := range values {
		if text, ok := v.(string); ok {
			height = max(height, heightOf([]string{text}, []float64{columns[col].width}))
		}
	}
	out.Begin(min(height, highestRow))
	text := styles.first
	for col := range columns {
		var v any
		if col < len(values) {
			v = values[col]
		}
		b.value(out, v, text, styles)
		text = styles.text
	}
	return out.End()
}

func (b *reportBook) value(out *xlsx.RowWriter, v any, text int, styles rowStyles) {
	switch v := v.(type) {
	case int64:
		out.Number(styles.count, v)
	case share:
		out.Bare(styles.percent, strconv.FormatFloat(float64(v), 'f', 6, 64))
	case breach:
		out.Text(b.alarm, string(v))
	case string:
		out.Text(text, v)
	default:
		out.Text(text, "")
	}
}

var overviewColumns = [...]reportColumn{{"项目", "Item", 40}, {"数值", "Figure", 30}, {"占名册", "Share of the roster", 22}, {"说明", "Note", 60}}

// overview writes the figures of the whole and whether everything adds up.
func (b *reportBook) overview(out *xlsx.RowWriter) error {
	r := b.report
	out.Skip(reportHeadings)
	rows := [][]any{{"批量编号 Rollout", r.ID}, {"名称 Name", r.Name}, {"类别 Kind", r.Kind}, {"状态 Status", r.Status}, {"截至 As of", r.AsOf}}
	for i, n := range r.Counts.list() {
		row := []any{countNames[i][0] + " " + countNames[i][1], n, "—"}
		if r.Counts.Rows > 0 {
			row[2] = share(float64(n) / float64(r.Counts.Rows))
		}
		rows = append(rows, row)
	}
	rows = append(rows, b.agreement("城市合计 Cities", r.Cities), b.agreement("银行合计 Banks", r.Banks), b.agreement("网点合计 Outlets", r.Outlets), b.invariants())
	for _, row := range rows {
		if err := b.row(out, row, overviewColumns[:], b.facts); err != nil {
			return err
		}
	}
	return nil
}

// agreement tells whether a division adds up to the ledger.
func (b *reportBook) agreement(name string, groups []Group) []any {
	if totalOf(groups) == b.report.Counts {
		return []any{name, "与总账一致 agrees", nil, "各行之和等于总账 the parts add up to the ledger"}
	}
	return []any{name, breach("与总账不符 DIFFERS"), nil, "各行之和不等于总账，请联系运维人员 the parts do not add up to the ledger; tell the operators"}
}

func (b *reportBook) invariants() []any {
	broken := 0
	for _, i := range b.report.Invariants {
		if !i.Holds {
			broken++
		}
	}
	if broken == 0 {
		return []any{"账务核对 Invariants", "全部成立 all hold", nil, fmt.Sprintf("%d 项 checks", len(b.report.Invariants))}
	}
	return []any{"账务核对 Invariants", breach("不成立 BREACH"), nil, fmt.Sprintf("%d 项不成立 of %d checks fail", broken, len(b.report.Invariants))}
}
