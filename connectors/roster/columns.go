package roster

import "onecard/card"

// need tells whether a column must be filled in.
type need uint8

const (
	needAlways need = iota
	needSometimes
	needNever
)

// column is what the template says about a column of the roster.
type column struct {
	heading string
	en      string
	width   float64
	need    need
	zh      string // what to fill in
	meaning string // the same in English
	example string
	list    func() []string // what may be chosen
}

// columnTable describes the columns in the order of headings.
func columnTable() []column {
	table := [columns]column{
		colDocType: {headings[colDocType], "Document type", 20, needAlways, "从下拉列表选择证件类型。", "Choose the type of the document.", "居民身份证", docTypeList},
		colSSN: {headings[colSSN], "Social security number", 23, needAlways, "与证件完全一致；居民身份证和港澳台居民居住证为 18 位。单元格须为文本格式。",
			"Exactly as on the document; 18 characters for identity cards and residence permits. The cell must be text.", "440600199001010012", nil},
		colName: {headings[colName], "Name", 18, needAlways, "与证件一致，不加空格；少数民族姓名中间用“·”。生僻字照证件填写，不用拼音或“?”代替。",
			"As on the document, no spaces; · between the parts of a name; rare characters as they are, never ? or pinyin.", "冼示例", nil},
		colSex: {headings[colSex], "Sex", 8, needAlways, "男、女；证件未说明的选“未说明”。", "Male, female, or not stated.", "男", sexList},
		colEthnic: {headings[colEthnic], "Ethnic group", 12, needSometimes, "从下拉列表选择；港澳台居民和外国人可不填。",
			"Choose from the list; may be blank for people from outside the mainland.", "汉", ethnicList},
		colBirth: {headings[colBirth], "Date of birth", 13, needAlways, "八位数字，如 19900101，须与证件号码一致。",
			"Eight digits such as 19900101, the same as in the number.", "19900101", nil},
		colPhone: {headings[colPhone], "Phone", 16, needAlways, "手机号码 11 位；境外号码以 + 和国家代码开头。",
			"Mobile number of 11 digits; from abroad with + and country code.", "13800000000", nil},
		colAddress: {headings[colAddress], "Address", 42, needAlways, "能收到邮件的通讯地址，最多 100 字。", "An address that post reaches, at most 100 characters.",
			"广东省佛山市示例区示例路1号", nil},
		colPostcode: {headings[colPostcode], "Postcode", 11, needNever, "六位数字，可不填。", "Six digits; may be blank.", "528000", nil},
		colCity:     {headings[colCity], "City", 10, needAlways, "参保城市，从下拉列表选择。", "The city of insurance, from the list.", "佛山", cityList},
		colBank:     {headings[colBank], "Service bank", 16, needAlways, "承办金融账户的银行，从下拉列表选择。", "The bank of the account, from the list.", "工商银行", bankList},
		colMode: {headings[colMode], "Distribution", 12, needAlways, "网点领取、单位领取或邮寄。", "Collected at an outlet, through the employer, or by post.",
			"网点领取", modeList},
		colOutlet: {headings[colOutlet], "Outlet", 18, needSometimes, "领卡网点编号，8 至 14 位；“网点领取”必填。",
			"Code of the outlet, 8 to 14 characters; needed when collected at an outlet.", "4406001020001", nil},
		colEmployerNo: {headings[colEmployerNo], "Employer number", 22, needSometimes, "统一社会信用代码或单位编号；“单位领取”必填。",
			"Credit code or employer number; needed when handed out by the employer.", "", nil},
		colEmployerName: {headings[colEmployerName], "Employer", 30, needSometimes, "单位全称；“单位领取”必填。", "Full name of the employer; needed when handed out by it.", "", nil},
	}
	return table[:]
}

func docTypeList() []string { return chinese(card.DocTypes()) }

// sexList leaves out "unknown", which no row may hold.
func sexList() []string {
	var list []string
	for _, s := range card.Sexes() {
		if s.Code != string(card.SexUnknown) {
			list = append(list, s.ZH)
		}
	}
	return list
}

func modeList() []string { return chinese(card.DistributionModes()) }

func ethnicList() []string {
	var list []string
	for _, e := range card.Ethnics() {
		list = append(list, e.ZH)
	}
	return list
}

func cityList() []string {
	var list []string
	for _, c := range card.Cities() {
		list = append(list, c.ZH)
	}
	return list
}

func bankList() []string {
	var list []string
	for _, b := range card.Banks() {
		list = append(list, b.ZH)
	}
	return list
}

func chinese(names []card.Name) []string {
	var list []string
	for _, n := range names {
		list = append(list, n.ZH)
	}
	return list
}

// Cells writes an application as the texts of a row, in the order of Headings and with the names that the template's lists
// offer. It is how a row that was refused after its intake comes into the workbook of WriteErrors.
func Cells(a card.Application) []string {
	c := make([]string, columns)
	c[colDocType] = or(a.Person.DocType.Name().ZH, string(a.Person.DocType))
	c[colSSN], c[colName], c[colBirth] = a.Person.SSN, a.Person.Name, a.Person.Birth
	c[colSex] = or(a.Person.Sex.Name().ZH, string(a.Person.Sex))
	c[colEthnic], c[colCity], c[colBank] = a.Person.Ethnic, a.City, a.Bank
	if e, ok := card.FindEthnic(a.Person.Ethnic); ok {
		c[colEthnic] = e.ZH
	}
	c[colPhone], c[colAddress], c[colPostcode] = a.Person.Phone, a.Person.Address, a.Person.Postcode
	if found, ok := card.FindCity(a.City); ok {
		c[colCity] = found.ZH
	}
	if found, ok := card.FindBank(a.Bank); ok {
		c[colBank] = found.ZH
	}
	c[colMode] = or(a.Mode.Name().ZH, string(a.Mode))
	c[colOutlet], c[colEmployerNo], c[colEmployerName] = a.Outlet, a.EmployerNo, a.EmployerName
	return c
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
