package roster

// The words of which samples are made.

var surnames = [...]string{
	"陈", "李", "黄", "梁", "何", "张", "林", "刘", "吴", "罗", "杨", "周", "谭", "麦", "王", "冯", "邓", "叶", "潘", "卢",
	"霍", "谢", "曾", "蔡", "苏", "曹", "郭", "欧", "区", "冼", "关", "招", "孔", "庞", "岑", "老", "劳", "简", "利", "甘",
	"欧阳", "司徒", "上官", "诸葛",
}

var givenFirst = [...]string{
	"嘉", "志", "伟", "晓", "文", "子", "俊", "家", "丽", "美", "秀", "淑", "国", "建", "海", "明", "永", "锦", "振", "德",
	"思", "雨", "梓", "浩", "宇", "晨", "若", "诗", "佩", "惠", "玉", "燕", "凤", "少", "树", "庆", "耀", "景", "泽", "衍",
}

var givenLast = [...]string{
	"明", "华", "强", "杰", "轩", "豪", "辉", "文", "斌", "峰", "霞", "芳", "娟", "玲", "婷", "怡", "欣", "敏", "琳", "颖",
	"容", "娴", "珊", "莹", "然", "彤", "恒", "成", "添", "棠", "权", "森", "昌", "基", "生", "贤", "仪", "茵", "洁", "铭",
}

// rare are characters of names that trouble systems: most need four bytes in GB18030, many lie beyond the basic plane.
var rare = [...]string{
	"𠮷", "䶮", "㛃", "𬭎", "𬍛", "𫖯", "䴖", "㭎", "𣲘", "𫢸", "䥽", "㙍", "𬀩", "𬬩", "𡐓", "䎃", "㵪", "𫍯", "玥", "堃",
}

type minority struct {
	ethnic      string
	first, last []string
}

// minorities: peoples with names of two parts, and some that bear names like everybody's.
var minorities = [...]minority{
	{"维吾尔", []string{"阿依古丽", "买买提", "古丽娜尔", "艾力", "热依汗", "吐尔逊"}, []string{"阿不都热合曼", "买买提江", "艾山", "卡德尔", "依明"}},
	{"哈萨克", []string{"阿依努尔", "巴合提", "叶尔肯", "古丽扎提"}, []string{"哈布力", "努尔兰", "沙依拉", "别克"}},
	{"塔吉克", []string{"古力加玛", "夏依", "买热木"}, []string{"塔西", "库尔班", "米尔"}},
	{"俄罗斯", []string{"娜塔莎", "伊万", "卡佳"}, []string{"彼得洛娃", "伊万诺夫", "瓦西里"}},
	{"壮", nil, nil}, {"瑶", nil, nil}, {"畲", nil, nil}, {"土家", nil, nil}, {"苗", nil, nil}, {"回", nil, nil}, {"满", nil, nil},
}

var countries = [...]struct{ letters, digits string }{
	{"USA", "840"}, {"FRA", "250"}, {"DEU", "276"}, {"JPN", "392"}, {"KOR", "410"}, {"GBR", "826"}, {"BRA", "076"},
}

var (
	latinFirst = [...]string{"ANNA", "JOHN", "MARIE", "PETER", "HANA", "LUCAS", "EMMA", "PAULO", "YUKI", "MIN-JUN"}
	latinLast  = [...]string{"SMITH", "MULLER", "DUPONT", "TANAKA", "KIM", "SILVA", "BROWN", "O'NEIL", "ROSSI", "VAN DIJK"}
)

var districts = [...]string{"示例区", "样本区", "测试区", "虚构县", "范例镇"}

var streets = [...]string{
	"春风路", "朝阳大道", "示范一路", "示范二路", "样板街", "例证巷", "清泉路", "木棉东街", "凤凰西路", "榕荫里",
}

var trades = [...]string{"陶瓷", "家具", "电器", "纺织", "五金", "食品", "物流", "软件", "包装", "照明"}
