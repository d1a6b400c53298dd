package card

// rowTexts: what may be wrong with the rest of a row.
var rowTexts = map[Reason]Text{
	ReasonPhone: {
		"联系电话没有填写或格式不对。",
		"The telephone number is missing or malformed.",
		"请填11位手机号，或带区号的固定电话（如0757-83331234）；境外号码以+和国家或地区号开头。",
		"Please give an 11-digit mobile number, a land line with its area code (0757-83331234), or a number from abroad with + and its country code.",
	},
	ReasonAddressMissing: {
		"没有填写联系地址，银行开户和邮寄都需要它。",
		"The address is missing; the bank needs it for the account, and so does the post.",
		"请补填省、市、区（县）、街道和门牌。",
		"Please fill in province, city, district, street and house number.",
	},
	ReasonAddressTooLong: {
		"联系地址超过100个字。",
		"The address is longer than 100 characters.",
		"请只保留能够投递的地址，删去说明文字。",
		"Please keep what the post needs and leave out explanations.",
	},
	ReasonPostcode: {
		"邮政编码不是6位数字。",
		"The postcode is not six digits.",
		"请更正邮政编码；不清楚的可以留空。",
		"Please correct the postcode, or leave it empty when it is not known.",
	},
	ReasonFieldCharacters: {
		"这一行里有换行、竖线“|”或不可见的控制字符，合作单位的文件无法承载。",
		"The row holds a line break, a bar “|” or an invisible control character, which the partners' files cannot carry.",
		"请删去这些字符，或在单元格里重新手工录入。",
		"Please remove these characters, or type the cell again by hand.",
	},
	ReasonFieldTooLong: {
		"单位编号超过32个字符，或单位名称超过100个字。",
		"The employer's number is longer than 32 characters, or its name longer than 100.",
		"请填写单位的登记编号和登记名称，删去说明文字。",
		"Please give the employer's registered number and name without explanations.",
	},
	ReasonCityUnknown: {
		"发卡地市没有填写，或不是广东省的21个地级市之一。",
		"The city is missing or not one of the 21 prefectures of Guangdong.",
		"请填地级市名称或代码，例如“佛山”或440600，不要填区、县。",
		"Please give the prefecture by name or code, such as 佛山 or 440600, not a district or county.",
	},
	ReasonCityNotInRollout: {
		"这一行的地市不在本次发放范围内。",
		"This rollout does not cover the row's city.",
		"请核对地市；确实属于其他地市的，请交由那里的发放计划办理。",
		"Please check the city; if it is right, the row belongs in that city's own rollout.",
	},
	ReasonBankUnknown: {
		"服务银行没有填写，或不在银行名单里。",
		"The service bank is missing or not on the list of banks.",
		"请从下拉列表中选择银行，例如“工商银行”或102。",
		"Please choose the bank from the list, such as 工商银行 or 102.",
	},
	ReasonBankNotServing: {
		"所选银行目前不服务这个地市。",
		"The chosen bank does not serve this city at present.",
		"请与持卡人另选一家服务该市的银行。",
		"Please agree with the holder on another bank that serves the city.",
	},
	ReasonModeUnknown: {
		"领卡方式没有填写，或不是“网点领取”“单位领取”“邮寄”之一。",
		"The way of distribution is missing, or none of outlet, employer and post.",
		"请从下拉列表中选择领卡方式。",
		"Please choose the way of distribution from the list.",
	},
	ReasonOutletMissing: {
		"选择了网点领取，但没有填写领卡网点。",
		"The card is to be collected at an outlet, but no outlet is given.",
		"请补填网点编号，或改选其他领卡方式。",
		"Please fill in the outlet's code or choose another way of distribution.",
	},
	ReasonOutletShape: {
		"领卡网点编号格式不对，应为8至14位数字或大写字母。",
		"The outlet's code is malformed; it has 8 to 14 digits or capitals.",
		"请按网点名录填写编号，不要填网点名称。",
		"Please copy the code from the directory of outlets; do not give the outlet's name.",
	},
	ReasonEmployerMissing: {
		"选择了单位领取，但单位编号或单位名称没有填写。",
		"The card is to be handed out by the employer, but the employer's number or name is missing.",
		"请补填单位编号和单位名称，或改选其他领卡方式。",
		"Please fill in both, or choose another way of distribution.",
	},
	ReasonDuplicateInFile: {
		"同一个证件号码在名册中出现了不止一次，只受理第一次出现的那一行。",
		"The same document number occurs more than once in the roster; only its first row is taken.",
		"请删去重复的行；若两行本是不同的人，请更正录错的号码。",
		"Please delete the repeated row; if they are two people, correct the number that is wrong.",
	},
	ReasonNumberAsFloat: {
		"号码被表格软件变成了科学计数（如4.2E+17），末几位已经丢失，无法恢复。",
		"The spreadsheet turned the number into scientific notation (such as 4.2E+17); its last digits are lost and cannot be restored.",
		"请先把该列设为“文本”格式，再按证件重新录入号码；最好使用系统下载的模板。",
		"Please format the column as text first and type the number again from the document; the template does this for you.",
	},
	ReasonFormulaInCell: {
		"单元格里是公式，系统只接受填好的内容。",
		"The cell holds a formula; only plain content is taken.",
		"请复制该列，用“选择性粘贴—数值”贴回原处后再提交。",
		"Please copy the column, paste it back as values, and hand the file in again.",
	},
	ReasonMergedCell: {
		"这一行里有合并单元格，无法判断内容属于哪一行。",
		"The row holds a merged cell, so it is unclear which row its content belongs to.",
		"请取消合并，并在每一行分别填写内容。",
		"Please unmerge the cells and fill in every row.",
	},
	ReasonCellTooLong: {
		"单元格内容过长，可能误贴了整段文字。",
		"The cell's content is too long; perhaps a whole passage was pasted into it.",
		"请检查并只保留该栏应填的内容。",
		"Please look at the cell and keep only what the column asks for.",
	},
	ReasonHasCard: {
		"此人已有一张有效的社会保障卡；按一人一卡的规定不再新发。",
		"The person already has a valid social security card; one person has one card.",
		"请告知本人继续使用原卡；卡已遗失或损坏的，请办理补卡或换卡。",
		"Please tell the person to go on using that card; a lost or damaged one is replaced on application.",
	},
	ReasonCardInProgress: {
		"此人的卡正在制作或等待领取，不能重复申领。",
		"A card for this person is being made or waits to be collected, so another cannot be applied for.",
		"请查询制卡进度并等待领卡；需要重做的，请先撤销原申请。",
		"Please look up its progress and wait for it; if it must be made anew, withdraw the first application before.",
	},
}
