package card

import "slices"

// City is a prefecture of Guangdong. Code is GB/T 2260; PBOC is the city's part of a CNAPS number; Letters are the first
// letters of the card numbers that the project gives out for the city (own convention, after the vehicle plates): they make
// numbers, but a city is never derived from a number.
type City struct{ Code, ZH, EN, PBOC, Letters string }

var cities = []City{
	{"440100", "广州", "Guangzhou", "5810", "A"},
	{"440200", "韶关", "Shaoguan", "5820", "F"},
	{"440300", "深圳", "Shenzhen", "5840", "B"},
	{"440400", "珠海", "Zhuhai", "5850", "C"},
	{"440500", "汕头", "Shantou", "5860", "D"},
	{"440600", "佛山", "Foshan", "5880", "EXY"},
	{"440700", "江门", "Jiangmen", "5890", "J"},
	{"440800", "湛江", "Zhanjiang", "5910", "G"},
	{"440900", "茂名", "Maoming", "5920", "K"},
	{"441200", "肇庆", "Zhaoqing", "5930", "H"},
	{"441300", "惠州", "Huizhou", "5950", "L"},
	{"441400", "梅州", "Meizhou", "5960", "M"},
	{"441500", "汕尾", "Shanwei", "5970", "N"},
	{"441600", "河源", "Heyuan", "5980", "P"},
	{"441700", "阳江", "Yangjiang", "5990", "Q"},
	{"441800", "清远", "Qingyuan", "6010", "R"},
	{"441900", "东莞", "Dongguan", "6020", "S"},
	{"442000", "中山", "Zhongshan", "6030", "T"},
	{"445100", "潮州", "Chaozhou", "5869", "U"},
	{"445200", "揭阳", "Jieyang", "5865", "V"},
	{"445300", "云浮", "Yunfu", "5937", "W"},
}

var cityIndex = indexCities()

func indexCities() map[string]City {
	index := make(map[string]City, 3*len(cities))
	for _, c := range cities {
		index[c.Code], index[c.ZH], index[c.ZH+"市"] = c, c, c
	}
	return index
}

// Cities returns the 21 prefectures in the order of their codes.
func Cities() []City { return slices.Clone(cities) }

// FindCity finds a prefecture by code or Chinese name, with or without 市.
func FindCity(s string) (City, bool) {
	c, ok := cityIndex[s]
	return c, ok
}

// Bank is a bank or group of banks. Prefix is the first three digits of its CNAPS numbers, ZH the short and Formal the full
// name, Identifier its name in files, Hotline the number by which profile B calls it (empty when it has none).
type Bank struct{ Prefix, ZH, Formal, Identifier, Hotline string }

var banks = []Bank{
	{"102", "工商银行", "中国工商银行", "ICBC", "95588"},
	{"103", "农业银行", "中国农业银行", "ABC", "95599"},
	{"104", "中国银行", "中国银行", "BOC", "95566"},
	{"105", "建设银行", "中国建设银行", "CCB", "95533"},
	{"301", "交通银行", "交通银行", "BOCOM", ""},
	{"302", "中信银行", "中信银行", "CITIC", ""},
	{"303", "光大银行", "中国光大银行", "CEB", ""},
	{"304", "华夏银行", "华夏银行", "HXB", ""},
	{"305", "民生银行", "中国民生银行", "CMBC", ""},
	{"306", "广发银行", "广发银行", "CGB", ""},
	{"307", "平安银行", "平安银行", "PAB", ""},
	{"308", "招商银行", "招商银行", "CMB", ""},
	{"309", "兴业银行", "兴业银行", "CIB", ""},
	{"310", "浦发银行", "上海浦东发展银行", "SPDB", ""},
	{"313", "城市商业银行", "城市商业银行", "CITYBANK", ""},
	{"314", "农村商业银行", "农村商业银行", "RURALCOMM", "96668"},
	{"315", "恒丰银行", "恒丰银行", "EGB", ""},
	{"316", "浙商银行", "浙商银行", "CZB", ""},
	{"318", "渤海银行", "渤海银行", "CBHB", ""},
	{"402", "农村信用社", "农村信用社", "RCC", ""},
	{"403", "邮储银行", "中国邮政储蓄银行", "PSBC", "95580"},
}

var bankIndex = indexBanks()

func indexBanks() map[string]Bank {
	index := make(map[string]Bank, 5*len(banks))
	for _, b := range banks {
		index[b.Prefix], index[b.ZH], index[b.Formal], index[b.Identifier] = b, b, b, b
		if b.Hotline != "" {
			index[b.Hotline] = b
		}
	}
	return index
}

// Banks returns the banks in the order of their prefixes.
func Banks() []Bank { return slices.Clone(banks) }

// FindBank finds a bank by prefix, Chinese name (short or full), identifier or hotline number.
func FindBank(s string) (Bank, bool) {
	b, ok := bankIndex[s]
	return b, ok
}

// Ethnic is an ethnic group of GB/T 3304: a two-digit code and its Chinese name without 族.
type Ethnic struct{ Code, ZH string }

var ethnics = []Ethnic{
	{"01", "汉"}, {"02", "蒙古"}, {"03", "回"}, {"04", "藏"}, {"05", "维吾尔"}, {"06", "苗"}, {"07", "彝"}, {"08", "壮"},
	{"09", "布依"}, {"10", "朝鲜"}, {"11", "满"}, {"12", "侗"}, {"13", "瑶"}, {"14", "白"}, {"15", "土家"}, {"16", "哈尼"},
	{"17", "哈萨克"}, {"18", "傣"}, {"19", "黎"}, {"20", "傈僳"}, {"21", "佤"}, {"22", "畲"}, {"23", "高山"}, {"24", "拉祜"},
	{"25", "水"}, {"26", "东乡"}, {"27", "纳西"}, {"28", "景颇"}, {"29", "柯尔克孜"}, {"30", "土"}, {"31", "达斡尔"}, {"32", "仫佬"},
	{"33", "羌"}, {"34", "布朗"}, {"35", "撒拉"}, {"36", "毛南"}, {"37", "仡佬"}, {"38", "锡伯"}, {"39", "阿昌"}, {"40", "普米"},
	{"41", "塔吉克"}, {"42", "怒"}, {"43", "乌孜别克"}, {"44", "俄罗斯"}, {"45", "鄂温克"}, {"46", "德昂"}, {"47", "保安"}, {"48", "裕固"},
	{"49", "京"}, {"50", "塔塔尔"}, {"51", "独龙"}, {"52", "鄂伦春"}, {"53", "赫哲"}, {"54", "门巴"}, {"55", "珞巴"}, {"56", "基诺"},
	{"97", "其他"}, {"98", "外国血统中国籍人士"},
}

var ethnicIndex = indexEthnics()

func indexEthnics() map[string]Ethnic {
	index := make(map[string]Ethnic, 3*len(ethnics))
	for _, e := range ethnics {
		index[e.Code], index[e.ZH], index[e.ZH+"族"] = e, e, e
	}
	return index
}

// Ethnics returns the 56 ethnic groups and the two further entries of the national standard, by code.
func Ethnics() []Ethnic { return slices.Clone(ethnics) }

// FindEthnic finds an ethnic group by code or Chinese name, with or without 族.
func FindEthnic(s string) (Ethnic, bool) {
	e, ok := ethnicIndex[s]
	return e, ok
}
