package card

// partnerTexts: what civil affairs, banks, bureaus and outlets answer about a row.
var partnerTexts = map[Reason]Text{
	ReasonMatchUnknown: {
		"民政比对：查无此人。",
		"Civil affairs does not know a person with this number.",
		"请对照证件核对号码；号码无误的，请本人到民政或公安部门核实登记。",
		"Please check the number against the document; if it is right, the person has the registration looked into by civil affairs or the police.",
	},
	ReasonMatchNameDiffers: {
		"民政比对：号码存在，但姓名不一致。",
		"Civil affairs knows the number under another name.",
		"请按证件更正姓名（注意生僻字和同音字）；近期改过名的，请先更新民政登记。",
		"Please correct the name as the document has it, minding rare and like-sounding characters; after a change of name, have the register updated first.",
	},
	ReasonMatchDeceased: {
		"民政比对：登记为已故人员，不再发卡。",
		"Civil affairs has the person as deceased; no card is made.",
		"请从名册中删去；登记有误的，请家属或本人到民政部门更正后再申领。",
		"Please take the row out of the roster; if the register is wrong, have civil affairs correct it before applying again.",
	},
	ReasonAccountRefusedE01: {
		"银行未能开户：身份证件已过有效期。",
		"The bank did not open the account: the identity document has expired.",
		"请持卡人换领新证件，更新资料后重新申领。",
		"Please ask the holder to renew the document and apply again with the new one.",
	},
	ReasonAccountRefusedE02: {
		"银行未能开户：未通过银行的风险审核。",
		"The bank did not open the account: its risk control declined.",
		"请持卡人带证件到该银行网点了解情况，也可以改选另一家银行。",
		"Please ask the holder to see the bank with the document, or to choose another bank.",
	},
	ReasonAccountRefusedE03: {
		"银行未能开户：银行系统无法录入姓名中的字。",
		"The bank did not open the account: its system cannot carry the name.",
		"请与银行商定生僻字的处理办法，或改选能够录入该字的银行；不要擅自用别的字代替。",
		"Please agree with the bank on the rare character, or choose a bank that can carry it; do not put another character in its place.",
	},
	ReasonAccountRefusedE04: {
		"银行未能开户：此人在该银行的账户数已达上限。",
		"The bank did not open the account: the person already has as many accounts there as are allowed.",
		"请持卡人到银行销去不用的账户后重新申领，或改选另一家银行。",
		"Please ask the holder to close an unused account there and apply again, or to choose another bank.",
	},
	ReasonAccountRefusedE09: {
		"银行未能开户，原因见银行回盘中的说明。",
		"The bank did not open the account; its return file says why.",
		"请查看银行的说明并与该银行联系人核实，处理后可以重新申领。",
		"Please read the bank's words, settle the matter with the bank's contact, and apply again.",
	},
	ReasonMakeFailedM01: {
		"制卡失败：芯片故障。",
		"The card was not made: the chip failed.",
		"系统会把它放入补制批次；您无需操作。",
		"The hub puts it into a remake batch; there is nothing for you to do.",
	},
	ReasonMakeFailedM02: {
		"制卡失败：卡面印刷不合格。",
		"The card was not made: the print failed.",
		"系统会把它放入补制批次；您无需操作。",
		"The hub puts it into a remake batch; there is nothing for you to do.",
	},
	ReasonMakeFailedM03: {
		"制卡失败：卡商退回了制卡数据。",
		"The card was not made: the bureau refused its data.",
		"请检查该行的姓名、号码和芯片数据，更正后再补制。",
		"Please check the row's name, numbers and chip data, and have it remade once they are corrected.",
	},
	ReasonMakeFailedM09: {
		"制卡失败，原因见卡商回盘中的说明。",
		"The card was not made; the bureau's return file says why.",
		"请查看卡商的说明并与其联系人核实，再决定是否补制。",
		"Please read the bureau's words and settle the matter with its contact before a remake.",
	},
	ReasonActivateA01: {
		"金融账户未激活：持卡人还没有在银行签字确认。",
		"The account is not active: the holder has not signed at the bank yet.",
		"请提醒持卡人带身份证和社保卡到该银行网点办理激活；社保功能不受影响。",
		"Please remind the holder to take identity card and social security card to the bank; the social function works already.",
	},
	ReasonActivateA09: {
		"金融账户未激活，原因见银行回盘中的说明。",
		"The account is not active; the bank's return file says why.",
		"请查看银行的说明并与该银行联系人核实；社保功能不受影响。",
		"Please read the bank's words and settle the matter with the bank's contact; the social function works already.",
	},
	ReasonReturned: {
		"卡片无法投递，已退回库存。",
		"The card could not be delivered and is back in stock.",
		"请与持卡人核对地址和电话，更正后重新寄送，或改为网点领取。",
		"Please check address and telephone with the holder, then send it again or have it collected at an outlet.",
	},
	ReasonNeverReceived: {
		"银行回复从未收到这一行请求。",
		"The bank says that it never received this row.",
		"没有开户，也没有付款，请把这一行重新申报。",
		"No account was opened and nothing was paid; please hand the row in again.",
	},
	ReasonNoAnswer: {
		"合作单位的回盘里没有这一行，结果尚不清楚。",
		"The partner's return file does not hold this row, so its outcome is not known.",
		"系统会向合作单位查询，查清之前不会重发；请勿另行申领。",
		"The hub asks the partner and sends nothing again before it knows; please do not apply a second time.",
	},
	ReasonAnswerRefused: {
		"合作单位对这一行的答复写错了，未予采用，结果尚不清楚。",
		"The partner's answer to this row is wrong and was not applied, so its outcome is not known.",
		"回执已告知对方错在哪一行哪一栏；系统会向银行查询，其他单位请人工核实，查清之前不会重发。",
		"The receipt has told the partner line and column; the hub asks banks again, other partners are asked by people, and nothing is sent again before it is known.",
	},
	ReasonCancelled: {
		"本次发放已取消，这一行没有办完。",
		"The rollout was cancelled before this row was finished.",
		"仍需发卡的，请放入新的发放名册；已开的账户见报告中的待销户清单。",
		"If a card is still wanted, put the row into a new roster; accounts already opened are on the report's list for closing.",
	},
}
