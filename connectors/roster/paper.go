package roster

import (
	"io"

	"onecard/card"
)

// paper is what the workbooks of a form show to the people who fill them in.
type paper struct {
	*form
	title, english string // of the sheet of notes
	columns        []column
	rules          [][2]string
	reasons        []card.Reason
	lengths        []length
}

// length is how many characters a text of a column has; text warns of others.
type length struct {
	col, from, to int
	text          string
}

const numberLength = "证件号码为 5 至 18 位；居民身份证为 18 位。\n5 to 18 characters; 18 for an identity card."

func peoplePaper() paper {
	return paper{
		form: people, title: "社会保障卡批量申领名册", english: "How to fill in the roster for a batch of social security cards",
		columns: columnTable(), rules: rules[:], reasons: mendable[:], lengths: []length{
			{colSSN, 5, 18, numberLength},
			{colBirth, 8, 8, "请填八位数字，如 19900101。\nEight digits, such as 19900101."},
			{colPostcode, 6, 6, "邮政编码为六位数字。\nSix digits."},
			{colAddress, 1, 100, "地址最多 100 字。\nAt most 100 characters."},
			{colOutlet, 8, 14, "网点编号为 8 至 14 位。\n8 to 14 characters."},
		},
	}
}

// payPaper offers the amount in yuan only: two ways to write it would be one too many on a form.
func payPaper() paper {
	return paper{
		form: payments, title: "补贴发放名册", english: "How to fill in the roster of a subsidy",
		columns: payTable(), rules: payRules[:], reasons: payMendable[:], lengths: []length{{payNumber, 5, 18, numberLength}},
	}
}

func payTable() []column {
	return []column{
		{payHeadings[payDocType], "Document type", 20, needSometimes, "居民身份证可不填；护照、军官证等须选择。",
			"May be blank for identity cards; choose it for passports and officers' cards.", "居民身份证", docTypeList},
		{payHeadings[payNumber], "Document number", 23, needAlways, "与社会保障卡登记的证件完全一致。单元格须为文本格式。",
			"Exactly as registered with the card. The cell must be text.", "440600199001010012", nil},
		{payHeadings[payName], "Name", 18, needAlways, "与社会保障卡登记的姓名一致，不加空格。", "As registered with the card, no spaces.", "冼示例", nil},
		{payHeadings[payYuan], "Amount in yuan", 16, needAlways, "金额以元为单位，最多两位小数，不写货币符号。",
			"In yuan with at most two decimals, without a currency sign.", "150.00", nil},
		{payHeadings[payRemark], "Remark", 30, needNever, "仅供报送单位自用，可不填。", "For the department's own use; may be blank.", "", nil},
	}
}

// payRules are what everybody who fills in a roster of payments should know, in Chinese and English.
var payRules = [...][2]string{
	{"一行一人，从“发放名册”工作表第 2 行起填写，不要留下示例或合计行。", "One person a row, from row 2 of the sheet 发放名册; no example and no row of totals."},
	{"总行数和总金额随名册一并申报，两者与名册不符时整份退回。", "The number of rows and the sum are declared with the roster; when they differ, nothing of it is taken in."},
	{"不要修改标题文字；列的顺序可以调整，可以增加自己的列（不会读取）。", "Keep the headings as they are; columns may be moved, and columns of your own are not read."},
	{"号码列已设为文本格式。粘贴时请选择“只粘贴值”，否则号码会变成 4.41E+17，末三位丢失且无法恢复。",
		"Numbers are typed as text. Paste values only: a number that turns into 4.41E+17 has lost its last digits for good."},
	{"不要合并单元格，不要使用公式，不要设置打开密码；请保存为 .xlsx，或 UTF-8、GB18030 编码的 CSV。",
		"No merged cells, no formulas, no password; save as .xlsx, or as CSV in UTF-8 or GB18030."},
	{"有问题的行会逐行退回并写明原因和改法，其他行不受影响；改好后作为新的名册交回，并按退回的行数和金额申报。",
		"Rows with faults come back one by one with reason and remedy, the others go on; hand the corrected rows in as a roster of their own, with totals of their own."},
	{"文件最大 50 MiB；超过 10 万人请使用 CSV。", "At most 50 MiB; use CSV for more than 100,000 people."},
}

// payMendable are the reasons that a department can do something about.
var payMendable = [...]card.Reason{
	card.ReasonIDMissing, card.ReasonIDLength, card.ReasonIDCharacters, card.ReasonIDCheckDigit, card.ReasonIDBirthDate, card.ReasonIDAreaNotHMT,
	card.ReasonDocTypeUnknown, card.ReasonDocShape, card.ReasonNumberAsFloat, card.ReasonNameMissing, card.ReasonNameTooLong, card.ReasonNameCharacters,
	card.ReasonNameUnencodable, card.ReasonAmountShape, card.ReasonAmountNotFixed, card.ReasonAmountOverLimit, card.ReasonFieldCharacters,
	card.ReasonFormulaInCell, card.ReasonMergedCell, card.ReasonCellTooLong, card.ReasonDuplicateInFile, card.ReasonNoCard, card.ReasonNotRegistered,
	card.ReasonAccountNotPayable, card.ReasonMatchDeceased, card.ReasonAlreadyPaid, card.ReasonConflicting,
}

// WritePayTemplate writes the workbook in which a department hands in whom to pay: the sheet 发放名册 with its headings, its
// cells typed as text, and the sheet 填表说明.
func WritePayTemplate(w io.Writer) error { return writeTemplate(w, payPaper(), TemplateOptions{}) }
