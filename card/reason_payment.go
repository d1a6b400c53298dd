package card

// paymentTexts: why money came back or could not be paid, and what banks say about payers' and payees' accounts.
var paymentTexts = map[Reason]Text{
	ReasonPayNameDiffers: {
		"退票：户名与银行账户不符。",
		"Returned: the name is not that of the account.",
		"请发放部门对照证件核对姓名（注意生僻字和曾用名）；账户户名有误的，请持卡人到银行更正，更正后重新发放。",
		"Please have the department check the name against the document; if the account bears a wrong name, the holder has it corrected at the bank. Then pay again.",
	},
	ReasonPayIDExpired: {
		"退票：收款人的身份证件已过有效期，账户被限制收款。",
		"Returned: the payee's identity document has expired and the account takes nothing in.",
		"请持卡人带新证件到银行更新资料，更新后重新发放。",
		"Please ask the holder to show the new document at the bank, then pay again.",
	},
	ReasonPayNoAccount: {
		"退票：银行查无此账户。",
		"Returned: the bank has no such account.",
		"请银行核对该卡的账号，必要时由持卡人到网点确认；账号更正后重新发放。",
		"Please have the bank check the card's account, with the holder's help where needed; pay again once it is right.",
	},
	ReasonPayClosed: {
		"退票：账户已注销。",
		"Returned: the account is closed.",
		"请持卡人到服务银行重新开立账户或补换卡，新账户生效后重新发放。",
		"Please ask the holder to have an account opened or the card replaced at the bank; pay again to the new account.",
	},
	ReasonPayFrozen: {
		"退票：账户已冻结。",
		"Returned: the account is frozen.",
		"请银行说明冻结原因，持卡人到银行办理解冻后重新发放。",
		"Please have the bank tell why; pay again once the holder has had it released.",
	},
	ReasonPayDormant: {
		"退票：账户为长期不动户。",
		"Returned: the account is dormant.",
		"请持卡人带证件到银行重新启用账户，之后重新发放。",
		"Please ask the holder to have the account woken at the bank, then pay again.",
	},
	ReasonPayTypeLimit: {
		"退票：账户为Ⅱ类或Ⅲ类户，不是结算账户或已达限额。",
		"Returned: the account is of type II or III, no settlement account or at its limit.",
		"请持卡人到银行升级为Ⅰ类户，或提供社保卡的结算账户，之后重新发放。",
		"Please ask the holder to have it made an account of type I, or to give the card's settlement account, then pay again.",
	},
	ReasonPayNotActivated: {
		"退票：社保卡的金融功能尚未激活。",
		"Returned: the financial function of the card is not active yet.",
		"请持卡人带身份证和社保卡到服务银行激活，之后重新发放。",
		"Please ask the holder to take identity card and social security card to the bank for activation, then pay again.",
	},
	ReasonPayDuplicate: {
		"退票：银行判为重复发放。",
		"Returned: the bank holds it for a second payment of the same.",
		"请发放部门核对是否已经付过；确属另一笔的，说明理由后重新发放。",
		"Please have the department check whether it was paid before; if it is another payment, pay again and say why.",
	},
	ReasonPayAmount: {
		"退票：金额有误，或超出已冻结的资金。",
		"Returned: the amount is wrong, or more than the money that is blocked.",
		"请发放部门核对金额和已冻结的资金，更正后重新发放。",
		"Please have the department check the amount and the money blocked, then pay again.",
	},
	ReasonPayTimeout: {
		"银行处理超时，是否入账尚不清楚。",
		"The bank ran out of time; whether the money was credited is not known.",
		"系统会向银行查询，查清之前不会重发；请勿另行发放。",
		"The hub asks the bank and sends nothing again before it knows; please do not pay by other ways.",
	},
	ReasonFundsF01: {
		"付款账户余额不足，资金未能冻结。",
		"The payer's account does not hold enough; no money was blocked.",
		"请财政或付款单位补足资金，之后再次申请冻结。",
		"Please have finance fill the account up, then ask for the block again.",
	},
	ReasonFundsF02: {
		"银行查无此付款账户。",
		"The bank has no such payer's account.",
		"请核对发放项目中登记的付款账号和开户银行。",
		"Please check the payer's account and bank in the programme's data.",
	},
	ReasonFundsF03: {
		"银行查无此资金冻结指令。",
		"The bank does not know the order that is said to have blocked the money.",
		"请核对冻结指令号；确未冻结的，重新申请冻结。",
		"Please check the order's number; if nothing was blocked, ask for the block again.",
	},
	ReasonFundsF09: {
		"资金指令未执行，原因见银行回盘中的说明。",
		"The order on the payer's account was not carried out; the bank's return file says why.",
		"请查看银行的说明并与该银行联系人核实，处理后再次申请。",
		"Please read the bank's words, settle the matter with the bank's contact, and ask again.",
	},
	ReasonStateQ01: {
		"账户查询：户名不一致。",
		"The account is there under another name.",
		"请对照证件核对姓名；账户户名有误的，请持卡人到银行更正，之后再发放。",
		"Please check the name against the document; if the account's is wrong, the holder has it corrected at the bank before anything is paid.",
	},
	ReasonStateQ02: {
		"账户查询：银行查无此账户。",
		"The bank has no such account.",
		"请银行核对该卡的账号，必要时由持卡人到网点确认。",
		"Please have the bank check the card's account, with the holder's help where needed.",
	},
	ReasonStateQ09: {
		"账户查询：银行未能给出状态，原因见回盘中的说明。",
		"The bank does not tell the account's state; its return file says why.",
		"请查看银行的说明并与该银行联系人核实。",
		"Please read the bank's words and settle the matter with the bank's contact.",
	},
}
