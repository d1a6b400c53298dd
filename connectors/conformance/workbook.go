package conformance

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

const sheet = "测试报告"

// widths are those of the columns, in characters.
var widths = []float64{8, 24, 26, 40, 34, 44, 44}

// Workbook writes the report as a workbook for the partner, in Chinese first.
func (r Report) Workbook(w io.Writer) error {
	book := excelize.NewFile()
	defer book.Close() //nolint:errcheck // in memory
	if err := r.fill(book); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return book.Write(w)
}

func (r Report) fill(book *excelize.File) error {
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	wrap, err := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	red, err := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, Font: &excelize.Font{Color: "C00000", Bold: true}})
	if err != nil {
		return err
	}
	v := r.Verdict()
	lines := [][]string{
		{r.Partner + " 一致性测试报告 / Conformance report"},
		{r.At.In(zone()).Format("2006-01-02 15:04:05") + "（北京时间） · " + r.Request},
		{v.ZH + " " + v.EN}, {},
		{"结果", "代码 Code", "检查 Check", "做法 Done", "应为 Expected", "所见 Found", "请更正 To be mended"},
	}
	styles := make([]int, len(lines))
	for _, g := range groups {
		lines, styles = append(lines, []string{groupNames[g].ZH + " / " + groupNames[g].EN}), append(styles, 0)
		for _, c := range r.of(g) {
			style := wrap
			if c.Outcome == Failed {
				style = red
			}
			lines = append(lines, []string{outcomeNames[c.Outcome].ZH, c.Code, both(c.Name), both(c.Did), both(c.Expected), both(c.Found), both(c.Mend)})
			styles = append(styles, style)
		}
	}
	return write(book, lines, styles)
}

func write(book *excelize.File, lines [][]string, styles []int) error {
	for i, line := range lines {
		for j, text := range line {
			if err := set(book, j+1, i+1, text, styles[i]); err != nil {
				return err
			}
		}
	}
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := book.SetColWidth(sheet, column, column, width); err != nil {
			return err
		}
	}
	return nil
}

// set writes a text; none becomes a formula, whatever the partner's server says.
func set(book *excelize.File, column, row int, text string, style int) error {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	return errors.Join(book.SetCellStr(sheet, name, text), book.SetCellStyle(sheet, name, name, style))
}

func both(w Words) string {
	if w.EN == w.ZH {
		return w.ZH
	}
	return strings.TrimSpace(w.ZH + "\n" + w.EN)
}
