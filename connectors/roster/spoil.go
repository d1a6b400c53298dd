package roster

import (
	"strings"

	"onecard/card"
)

// spoiler makes a good row fail one check. good is the good row before it.
type spoiler struct {
	reason   card.Reason
	workbook bool // only a workbook can be wrong in this way
	spoil    func(p, good *person)
}

// SampleReasons returns the reasons for which the bad rows of a sample fail, in the order in which they come round. The
// reader finds all of them but DUPLICATE_IN_FILE, which is the ledger's to find.
func SampleReasons(format string) []card.Reason {
	var all []card.Reason
	for _, s := range spoilers(format) {
		all = append(all, s.reason)
	}
	return all
}

func spoilers(format string) []spoiler {
	var all []spoiler
	for _, s := range allSpoilers() {
		if !s.workbook || format == FormatXLSX {
			all = append(all, s)
		}
	}
	return all
}

// put makes a spoiler that writes a text into a column.
func put(reason card.Reason, col int, text string) spoiler {
	return spoiler{reason: reason, spoil: func(p, _ *person) { p.cells[col] = text }}
}

func allSpoilers() []spoiler {
	return append(numberSpoilers(), []spoiler{
		put(card.ReasonDocTypeUnknown, colDocType, "学生证"),
		put(card.ReasonDocShape, colDocType, card.DocTaiwanPermit.Name().ZH),
		put(card.ReasonNameMissing, colName, ""),
		put(card.ReasonNameTooLong, colName, strings.Repeat("阿依古丽", 4)+"·"+strings.Repeat("买买提", 4)),
		put(card.ReasonNameCharacters, colName, "陈?明"),
		put(card.ReasonSexUnknown, colSex, "未知"),
		put(card.ReasonEthnicUnknown, colEthnic, "岭南"),
		put(card.ReasonBirthDate, colBirth, "19901332"),
		put(card.ReasonPhone, colPhone, "12345"),
		put(card.ReasonAddressMissing, colAddress, ""),
		put(card.ReasonAddressTooLong, colAddress, "广东省"+strings.Repeat("示例路口", 25)),
		put(card.ReasonPostcode, colPostcode, "5280"),
		put(card.ReasonFieldCharacters, colAddress, "广东省示例市|示例路1号"),
		put(card.ReasonCityUnknown, colCity, "岭南"),
		put(card.ReasonBankUnknown, colBank, "示例银行"),
		put(card.ReasonModeUnknown, colMode, "飞鸽传书"),
		put(card.ReasonOutletShape, colOutlet, "12"),
		{card.ReasonOutletMissing, false, func(p, _ *person) { p.cells[colMode], p.cells[colOutlet] = "网点领取", "" }},
		{card.ReasonEmployerMissing, false, func(p, _ *person) { p.cells[colMode], p.cells[colEmployerName] = "单位领取", "" }},
		put(card.ReasonFieldTooLong, colEmployerNo, strings.Repeat("9", 33)),
		put(card.ReasonCellTooLong, colEmployerName, strings.Repeat("示例", 251)),
		{card.ReasonFormulaInCell, false, func(p, _ *person) { p.cells[colAddress], p.wrong = "=A1", wrongFormula }},
		{card.ReasonMergedCell, true, func(p, _ *person) { p.wrong = wrongMerge }},
		{card.ReasonDuplicateInFile, false, repeat},
	}...)
}

func numberSpoilers() []spoiler {
	return []spoiler{
		put(card.ReasonIDMissing, colSSN, ""),
		{card.ReasonIDLength, false, func(p, _ *person) { p.cells[colSSN] = p.cells[colSSN][:17] }},
		{card.ReasonIDCharacters, false, func(p, _ *person) { p.cells[colSSN] = "44O" + p.cells[colSSN][3:] }},
		{card.ReasonIDCheckDigit, false, func(p, _ *person) { p.cells[colSSN] = otherCheck(p.cells[colSSN]) }},
		{card.ReasonIDBirthDate, false, noSuchDay},
		{card.ReasonIDBirthDiffers, false, func(p, _ *person) { p.cells[colBirth] = otherDay(p.cells[colBirth]) }},
		{card.ReasonIDSexDiffers, false, func(p, _ *person) { p.cells[colSex] = map[string]string{"男": "女", "女": "男"}[p.cells[colSex]] }},
		put(card.ReasonIDAreaNotHMT, colDocType, card.DocHMTResidence.Name().ZH),
		{card.ReasonNumberAsFloat, false, func(p, _ *person) {
			n := p.cells[colSSN]
			p.cells[colSSN], p.wrong = n[:1]+"."+n[1:15]+"E+17", wrongNumber
		}},
	}
}

// repeat writes the good row before once more; before the first good one it repeats nothing but its own number's absence.
func repeat(p, good *person) {
	if good.cells[colSSN] == "" {
		p.cells[colSSN] = ""
		return
	}
	*p = *good
}

func otherCheck(number string) string {
	other := "0"
	if strings.HasSuffix(number, "0") {
		other = "1"
	}
	return number[:17] + other
}

func otherDay(day string) string {
	if strings.HasSuffix(day, "01") {
		return day[:6] + "02"
	}
	return day[:6] + "01"
}

// noSuchDay writes 30 February into the number, with a check character that holds.
func noSuchDay(p, _ *person) {
	body := p.cells[colSSN][:10] + "0230" + p.cells[colSSN][14:17]
	p.cells[colSSN] = body + string(rune(card.CheckDigit(body)))
}
