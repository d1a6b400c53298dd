package card

// subsidyTexts: why a subsidy is not paid, or not yet.
var subsidyTexts = map[Reason]Text{
	ReasonAmountShape: {
		"金额不是大于零的数，或多于两位小数。",
		"The amount is no number above zero with at most two decimals.",
		"请按元填写金额，例如150.00，不要写货币符号。",
		"Please write the amount in yuan, such as 150.00, without a currency sign.",
	},
	ReasonAmountNotFixed: {
		"金额与补贴项目规定的固定标准不一致。",
		"The amount is not the fixed one of the programme.",
		"请用onecard programme show查看标准，更正后再报。",
		"See the fixed amount with onecard programme show, and correct the row.",
	},
	ReasonAmountOverLimit: {
		"金额超过补贴项目的单人上限。",
		"The amount is more than the programme pays to a person.",
		"请核对金额；确需超过上限的，先由主管部门调整补贴项目。",
		"Please check the amount; if it is right, the department must raise the programme's limit first.",
	},
	ReasonPeriodShape: {
		"发放期的写法与补贴项目的周期不一致。",
		"The period is not written as the programme's rule wants it.",
		"请用onecard programme show查看写法示例。",
		"See an example with onecard programme show.",
	},
	ReasonProgrammeShape: {
		"补贴项目的定义不完整或有误。",
		"The definition of the programme is incomplete or wrong.",
		"请按提示更正后再导入，原有定义没有改动。",
		"Please correct what is named and import it again; the programme in force was not changed.",
	},
	ReasonProgrammeUnknown: {
		"没有这个补贴项目。",
		"There is no such programme.",
		"请用onecard programme list查看已有的补贴项目。",
		"See the programmes with onecard programme list.",
	},
	ReasonTotalsDiffer: {
		"名册的行数或金额与申报的控制总数不一致，整份名册没有接收。",
		"The roster's rows or money differ from the control totals declared with it; nothing of it was taken in.",
		"请与报送单位核对名册是否完整，再按正确的总数重新报送。",
		"Please check with the department whether the roster is whole, and hand it in again with the right totals.",
	},
	ReasonNoCard: {
		"此人没有有效的社会保障卡。",
		"This person has no live card.",
		"请通知本人办卡，领卡启用后再报。",
		"Please have the person apply for a card; hand the row in again once it is active.",
	},
	ReasonNotRegistered: {
		"姓名与社保卡登记的姓名不一致。",
		"The name is not the one registered with the card.",
		"请核对姓名；改过名的，请持卡人先变更社保卡登记信息。",
		"Please check the name; whoever changed it must have the card's registration changed first.",
	},
	ReasonAccountNotPayable: {
		"银行账户未激活、已冻结或已销户，不能入账。",
		"The bank account is not active, frozen or closed and cannot be credited.",
		"请持卡人到发卡银行激活或恢复账户后再报。",
		"Please have the holder activate or restore the account at the bank; then hand the row in again.",
	},
	ReasonAlreadyPaid: {
		"同一补贴项目同一发放期已向此人发放或正在发放。",
		"This person is paid, or about to be, for the same programme and period.",
		"不得重复发放；如需更正，请查询原发放计划。",
		"It is never paid twice; to correct it, look at the rollout that pays it.",
	},
	ReasonConflicting: {
		"此人本期已享受与本项目互斥的补贴。",
		"This person gets a subsidy in this period that excludes this one.",
		"请主管部门核定应享受哪一项。",
		"The department must decide which of the two applies.",
	},
	ReasonObjection: {
		"公示期间有人对本行提出异议。",
		"Somebody objected to this row during public notice.",
		"请核查异议；查实不成立的，用onecard rollout lift解除暂缓。",
		"Please look into it; if it is unfounded, release the row with onecard rollout lift.",
	},
	ReasonNoticeRunning: {
		"公示期还没有结束。",
		"The public notice is not over yet.",
		"请等公示期满后再启动。",
		"Please start it when the days of notice are over.",
	},
	ReasonChecksRunning: {
		"名册还在与民政和银行核对。",
		"The roster is still being checked with civil affairs and the banks.",
		"请用onecard rollout show查看进度，核对完成后再提交。",
		"See with onecard rollout show how far it is, and submit it then.",
	},
	ReasonApprovalForged: {
		"审批没有本人的有效签名。",
		"The approval does not bear the approver's valid signature.",
		"请本人用自己的审批密钥审批；来历不明的审批请报告安全管理人员。",
		"The approver must approve with his or her own key; report an approval that nobody gave.",
	},
	ReasonRoleMissing: {
		"此人没有这个审批角色，或本计划不需要该角色。",
		"This person does not hold the role, or the rollout does not need it.",
		"请用onecard approver list查看审批人和角色。",
		"See the approvers and their roles with onecard approver list.",
	},
	ReasonFundsShort: {
		"付款账户的可用余额不足，资金没有冻结。",
		"The payer's account does not hold enough money; nothing was blocked.",
		"请付款单位补足资金，再用onecard rollout resume继续。",
		"Please have the payer provide the money, then go on with onecard rollout resume.",
	},
	ReasonWrongAmount: {
		"银行回盘的金额与指令不一致。",
		"The bank's answer names another amount than the instruction.",
		"该行列为结果未知，请与银行核对。",
		"The row counts as unknown; please clear it with the bank.",
	},
}
