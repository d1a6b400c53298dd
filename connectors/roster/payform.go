package roster

// PaySheetName is the sheet of a workbook that holds the people who are to be paid.
const PaySheetName = "发放名册"

// The columns of a roster of payments, in the order of the template. An amount stands in yuan or in fen.
const (
	payDocType = iota
	payNumber
	payName
	payYuan
	payFen
	payRemark
	payColumns
)

var payHeadings = [payColumns]string{"证件类型", "证件号码", "姓名", "金额(元)", "金额(分)", "备注"}

// payAliases are other names by which departments call the columns. An amount without its unit is none of them: nobody is paid
// by a guess.
var payAliases = map[string]int{
	"证件种类": payDocType, "身份证号": payNumber, "身份证号码": payNumber, "公民身份号码": payNumber, "证件号": payNumber, "社会保障号码": payNumber,
	"社保号码": payNumber, "受益人姓名": payName, "发放金额(元)": payYuan, "补贴金额(元)": payYuan, "金额/元": payYuan, "发放金额(分)": payFen, "补贴金额(分)": payFen,
	"金额/分": payFen, "说明": payRemark,
}

// payments is the roster of a subsidy.
var payments = newForm(form{
	sheetName: PaySheetName, headings: payHeadings[:], least: 2, needed: [][]int{{payNumber}, {payName}, {payYuan, payFen}}, numbers: []int{payNumber},
}, payAliases)

// PayHeadings returns the headings of a roster of payments as we write it: amounts are in yuan. Payment.Cells has one text for
// each.
func PayHeadings() []string { return writtenHeadings(payHeadings[:]) }

// writtenHeadings leaves out the second way to write an amount.
func writtenHeadings(all []string) []string {
	return append(append(make([]string, 0, len(all)-1), all[:payFen]...), all[payRemark:]...)
}
