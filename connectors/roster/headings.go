package roster

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// headingRows is how many rows may stand above the headings: a title, the name of the office, a blank.
const headingRows = 20

// aliases are other names by which forms call the columns.
var aliases = map[string]int{
	"证件种类": colDocType, "身份证号": colSSN, "身份证号码": colSSN, "公民身份号码": colSSN, "证件号码": colSSN, "社保号码": colSSN,
	"出生年月日": colBirth, "手机号": colPhone, "手机": colPhone, "联系电话": colPhone, "地址": colAddress, "邮编": colPostcode,
	"所属城市": colCity, "银行": colBank, "合作银行": colBank, "领取方式": colMode, "网点编号": colOutlet, "领卡网点编号": colOutlet,
	"单位编码": colEmployerNo, "工作单位": colEmployerName,
}

// ours are the columns that WriteErrors adds: a corrected workbook is handed in with them.
var ours = [...]string{"原行号", "退回原因", "如何修改"}

// placing says which column of the roster stands where in the sheet; -1 is none of them.
type placing []int

// at returns the column of the roster that stands in a column of the sheet, or -1.
func (l placing) at(col int) int {
	if col < len(l) {
		return l[col]
	}
	return -1
}

// findHeadings reads up to the row of headings and returns the order of the columns and warnings about further ones.
func (f *form) findHeadings(src source) (placing, []string, error) {
	var rec xlsx.Row
	var found []string
	for range headingRows {
		err := src.Next(&rec)
		if errors.Is(err, io.EOF) && rec.Number == 0 {
			return nil, nil, refuse(card.ReasonFileEmpty, "工作表是空的 / the sheet is empty")
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if f.known(rec.Cells) >= f.least {
			return f.arrange(&rec)
		}
		found = appendHeadings(found, rec.Cells)
	}
	list, expected := or(strings.Join(found, "、"), "—"), f.expected()
	return nil, nil, refuse(card.ReasonFileHeadings, "前 %d 行内找不到标题行；找到：%s；应有：%s / "+
		"no headings in the first %d rows; found: %s; expected: %s", headingRows, list, expected, headingRows, list, expected)
}

// headingWords are what headings end with and names of people do not.
var headingWords = [...]string{
	"号码", "编号", "序号", "证号", "姓名", "名称", "类型", "性别", "民族", "日期", "电话", "手机", "地址", "邮编", "城市", "银行", "方式",
	"网点", "单位", "备注", "班级", "账号", "卡号",
}

// appendHeadings adds the texts of a row that can be told to be headings. Others may be people's data, which no error repeats.
func appendHeadings(found []string, cells []xlsx.Cell) []string {
	for _, c := range cells {
		name := plainHeading(c.Text)
		word := func(w string) bool { return strings.HasSuffix(name, w) }
		if len(found) < columns && utf8.RuneCountInString(name) <= 12 && slices.ContainsFunc(headingWords[:], word) {
			found = append(found, name)
		}
	}
	return found
}

func (f *form) known(cells []xlsx.Cell) int {
	n := 0
	for _, c := range cells {
		if _, ok := f.index[plainHeading(c.Text)]; ok {
			n++
		}
	}
	return n
}

// plainHeading drops spaces, line breaks and the asterisk of required columns; brackets are plain ones.
func plainHeading(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '（' || r == '）' {
			return r - 0xFEE0
		}
		if unicode.IsSpace(r) || r == '*' || r == '＊' || r == 0xFEFF || r == 0x200B {
			return -1
		}
		return r
	}, text)
}

// arrange makes the order of the columns from the row of headings.
func (f *form) arrange(rec *xlsx.Row) (placing, []string, error) {
	var found [columns]bool
	var order placing
	var twice, extra []string
	for _, c := range rec.Cells {
		for len(order) <= c.Col {
			order = append(order, -1)
		}
		name := plainHeading(c.Text)
		col, ok := f.index[name]
		if !ok {
			extra = appendExtra(extra, name)
			continue
		}
		if found[col] {
			twice = append(twice, f.headings[col])
		}
		found[col], order[c.Col] = true, col
	}
	if err := f.refuseHeadings(found, twice, extra); err != nil {
		return nil, nil, err
	}
	for _, m := range rec.Merged {
		if order.touched(m) {
			return nil, nil, refuse(card.ReasonFileMerged, "标题行有合并单元格 / merged cells in the row of headings")
		}
	}
	return order, warnExtra(extra), nil
}

func (f *form) refuseHeadings(found [columns]bool, twice, extra []string) error {
	missing, beside := f.judge(found)
	twice = append(twice, beside...)
	if len(twice) > 0 {
		list := strings.Join(twice, "、")
		return refuse(card.ReasonFileHeadings, "标题重复：%s / headings that stand there twice: %s", list, list)
	}
	if len(missing) == 0 {
		return nil
	}
	list, others := strings.Join(missing, "、"), strings.Join(extra, "、")
	if others == "" {
		return refuse(card.ReasonFileHeadings, "缺少列：%s / missing headings: %s", list, list)
	}
	return refuse(card.ReasonFileHeadings, "缺少列：%s；不认识的列：%s / missing headings: %s; unknown headings: %s",
		list, others, list, others)
}

// appendExtra notes a heading that is not ours. What looks like data and not like a heading is not repeated.
func appendExtra(extra []string, name string) []string {
	for _, o := range ours {
		if strings.HasPrefix(name, o) {
			return extra
		}
	}
	if name == "" {
		return extra
	}
	if utf8.RuneCountInString(name) > 12 || strings.ContainsFunc(name, unicode.IsDigit) {
		name = "…"
	}
	return append(extra, name)
}

func warnExtra(extra []string) []string {
	if len(extra) == 0 {
		return nil
	}
	list := strings.Join(extra, "、")
	return []string{"以下列不会被读取：" + list + " / columns that are not read: " + list}
}

// touched tells whether a merged range covers a column of the roster.
func (l placing) touched(m xlsx.Range) bool {
	for col := m.Left; col <= m.Right && col < len(l); col++ {
		if l[col] >= 0 {
			return true
		}
	}
	return false
}
