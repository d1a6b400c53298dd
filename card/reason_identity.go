package card

// identityTexts: what may be wrong with the document and the person of a row.
var identityTexts = map[Reason]Text{
	ReasonIDMissing: {
		"没有填写证件号码。",
		"The document number is missing.",
		"请按证件原件补填号码后重新提交这一行。",
		"Please fill in the number from the document itself and hand the row in again.",
	},
	ReasonIDLength: {
		"证件号码不是18位。",
		"The number does not have 18 characters.",
		"请对照身份证核对是否漏填、多填；15位旧号码请换成18位新号码。",
		"Please compare it with the card for missing or extra digits; replace an old 15-digit number by the 18-digit one.",
	},
	ReasonIDCharacters: {
		"证件号码里有不该出现的字符：前17位应为数字，末位为数字或大写X。",
		"The number holds characters that do not belong there: 17 digits, then a digit or a capital X.",
		"请重新录入号码，注意不要把数字0写成字母O、把1写成字母l。",
		"Please type the number again; watch for the letter O in place of 0 and the letter l in place of 1.",
	},
	ReasonIDBirthDate: {
		"证件号码第7至14位不是真实存在的日期。",
		"Characters 7 to 14 of the number are not a real date.",
		"请对照身份证核对号码中的出生年月日。",
		"Please check the birth date inside the number against the card.",
	},
	ReasonIDCheckDigit: {
		"证件号码的校验位不对，多半是其中一位录错或两位颠倒。",
		"The check character of the number does not fit; most often one digit is mistyped or two are swapped.",
		"请对照身份证逐位核对后更正。",
		"Please compare the number with the card digit by digit and correct it.",
	},
	ReasonIDSexDiffers: {
		"填写的性别与证件号码第17位表示的性别不一致。",
		"The sex given differs from the one that the 17th digit of the number stands for.",
		"请核对性别和号码，改正录错的一项；证件本身有误的，请持证人先到公安机关更正。",
		"Please check both and correct the one mistyped; if the card itself is wrong, the holder has it corrected by the police first.",
	},
	ReasonIDBirthDiffers: {
		"填写的出生日期与证件号码中的日期不一致。",
		"The birth date given differs from the one inside the number.",
		"请以身份证为准核对并改正其中一项。",
		"Please check both against the identity card and correct the one that is wrong.",
	},
	ReasonIDAreaNotHMT: {
		"证件类型是港澳台居民居住证，但号码不是以810000、820000或830000开头。",
		"The document is given as a residence permit for Hong Kong, Macao and Taiwan residents, but the number does not start with 810000, 820000 or 830000.",
		"请核对证件：若是内地居民身份证，请把证件类型改为“居民身份证”；否则请更正号码。",
		"Please look at the document: if it is a resident identity card, change the document type; otherwise correct the number.",
	},
	ReasonDocTypeUnknown: {
		"证件类型没有填写，或不在可选范围内。",
		"The document type is missing or not one of those offered.",
		"请从模板的下拉列表中选择证件类型。",
		"Please choose the document type from the list in the template.",
	},
	ReasonDocShape: {
		"证件号码与所选证件类型不相符。",
		"The number does not look like one of the chosen document type.",
		"请核对证件类型和号码：例如以81、82、83开头的18位号码应选“港澳台居民居住证”，H加8位数字应选香港通行证。",
		"Please check type and number: an 18-character number beginning with 81, 82 or 83 is a residence permit of Hong Kong, Macao and Taiwan residents, for example, and H with 8 digits a Hong Kong travel permit.",
	},
	ReasonNameMissing: {
		"没有填写姓名。",
		"The name is missing.",
		"请按证件补填姓名。",
		"Please fill in the name as the document has it.",
	},
	ReasonNameTooLong: {
		"姓名超过芯片可存的50个字节（约25个汉字）。",
		"The name is longer than the 50 bytes that the chip holds (about 25 Chinese characters).",
		"请先核对是否多填了内容；姓名确实很长的，请到经办窗口按证件缩写规则单独办理。",
		"Please look for extra text first; if the name really is that long, a service desk handles it by the document's rules for abbreviation.",
	},
	ReasonNameCharacters: {
		"姓名里有不该出现的字符，例如数字、括号或多余的符号。",
		"The name holds characters that do not belong in a name, such as digits, brackets or stray marks.",
		"请删去备注、称谓和符号，只留证件上的姓名；少数民族姓名中间的点请用“·”。",
		"Please leave only the name as the document has it, without notes, titles or marks; the dot in a minority name is “·”.",
	},
	ReasonNameUnencodable: {
		"姓名中有生僻字，合作单位文件的编码（如GB18030、GBK）写不出。",
		"The name holds a rare character that the encoding of the partner's file, such as GB18030 or GBK, cannot carry.",
		"请把这个字告诉系统运维人员补入字库，不要用拼音、问号或形近字代替；处理好后重新提交这一行。",
		"Please report the character to the operators and do not replace it by pinyin, a question mark or a look-alike; hand the row in again once it is settled.",
	},
	ReasonSexUnknown: {
		"性别没有填写，或不是“男”“女”“未说明”之一。",
		"The sex is missing, or none of male, female and not stated.",
		"请从下拉列表中选择性别。",
		"Please choose the sex from the list.",
	},
	ReasonEthnicUnknown: {
		"民族没有填写，或不在国家标准的名单里。",
		"The ethnic group is missing or not on the national list.",
		"请从下拉列表中选择民族，例如“汉”“壮”；名单中没有的请选“其他”。",
		"Please choose the ethnic group from the list; choose 其他 (other) when it is not on it.",
	},
	ReasonBirthDate: {
		"出生日期没有填写、不是真实存在的日期，或晚于今天。",
		"The birth date is missing, not a real date, or in the future.",
		"请按8位数字填写，例如1990年1月1日填19900101。",
		"Please write it as eight digits: 1 January 1990 is 19900101.",
	},
}
