package card

// reviewTexts: what the population match found, and what people decide about it.
var reviewTexts = map[Reason]Text{
	ReasonDeathReported: {
		"民政部门登记此人已死亡，本行暂缓发放，等待人工复核。",
		"Civil affairs has this person down as deceased; the row is held until a person has reviewed the case.",
		"请市级卡管机构核实后用onecard review decide处理。",
		"The city office checks the case and decides it with onecard review decide.",
	},
	ReasonRenamed: {
		"民政部门登记的姓名与社保卡不一致，本行暂缓发放，等待人工复核。",
		"Civil affairs knows this person by another name; the row is held until a person has reviewed the case.",
		"请市级卡管机构对照证件核实：姓名确已改变的，用onecard review decide --rename更正；民政登记有误的，用--keep。",
		"The city office checks it against the document: a name that has changed is corrected with onecard review decide --rename; if civil affairs is wrong, decide --keep.",
	},
	ReasonUnregistered: {
		"民政部门查无此人，而此人有补贴发放，本行暂缓发放，等待人工复核。",
		"Civil affairs does not know this person, who is paid subsidies; the row is held until a person has reviewed the case.",
		"请市级卡管机构核实后用onecard review decide处理。",
		"The city office checks the case and decides it with onecard review decide.",
	},
	ReasonBarred: {
		"经人工复核，停止向此人发放。",
		"A review has decided that this person is not paid.",
		"请市级卡管机构核实；有误的更正后再报。",
		"Please have the city office check it; if it is wrong, correct it and hand the row in again.",
	},
	ReasonNameCorrected: {
		"收款人姓名已更正，本行暂缓发放：尚未核实银行账户的户名也是新姓名。",
		"The payee's name was corrected; the row is held until the bank's account is known to bear the new name.",
		"请持卡人到银行更正户名；银行确认后用onecard rollout lift解除暂缓。批次结束前未解除的，可以再报，再报时会向银行核对。",
		"The holder has the name mended at the bank; when the bank confirms it, let the row go with onecard rollout lift. What is not let go by the end of its batch can be handed in again: the bank is then asked.",
	},
	ReasonNamesDiffer: {
		"两人给出的新姓名不一致，姓名没有更正。",
		"The two people gave different names; nothing was changed.",
		"请对照证件核对；第一人写错的，由第一人再执行一次，以新的为准。",
		"Check it against the document; if the first one was mistaken, that person runs the command again, and the newer name counts.",
	},
	ReasonNameUnchanged: {
		"新姓名与社保卡登记的姓名相同。",
		"The new name is the one that is registered.",
		"民政登记有误的，用--keep继续发放；姓名确有不同的，请核对字形。",
		"If civil affairs is mistaken, decide --keep; if the names do differ, look at each character.",
	},
	ReasonOutcomeOther: {
		"这项复核不能作出这个结论：只有姓名不符的复核可以更正姓名。",
		"This review cannot be decided so: a name is corrected in a review of another name only.",
		"请用onecard review show查看事由，选择其他结论。",
		"See the cause with onecard review show, and decide otherwise.",
	},
	ReasonReviewChanged: {
		"这项复核在清单导出之后有了变化，本行没有处理。",
		"This review has changed since the list was written; the row was not carried out.",
		"请用onecard review show查看变化，重新导出清单后再作决定。",
		"See with onecard review show what has changed, write the list anew and decide again.",
	},
	ReasonReviewRow: {
		"本行填写不完整或互相矛盾：须有复核号和核对码、表中所列的决定、理由；只有更正姓名须填新姓名；同一复核只能有一行。",
		"The row is incomplete or contradicts itself: it takes the review's number and check code, a decision of the list, and a reason; a new name when, and only when, the name is corrected; and one row a review.",
		"请改正本行，用退回的工作簿再执行一次；复核号和核对码不要改动。",
		"Correct the row and carry the workbook out once more that came back; leave number and check code as they are.",
	},
	ReasonReviewList: {
		"这个工作簿不是复核清单，或标题行有改动。",
		"This workbook is no list of reviews, or its headings were changed.",
		"请用onecard review list -o重新导出清单，在其中填写。",
		"Write the list anew with onecard review list -o, and fill that in.",
	},
	ReasonReviewsLeft: {
		"清单中有的行没有处理，其余各行已经处理。",
		"Some rows of the list were not carried out; the others were.",
		"请按各行的原因改正；用-o取得这些行的工作簿。再执行同一份清单不会重复处理。",
		"Correct them by the reason of each; -o writes them to a workbook. To carry the same list out again does nothing twice.",
	},
	ReasonNamePaying: {
		"此人有款项正在送往银行，姓名暂时不能更正。",
		"A payment to this person is on its way to the bank; the name cannot be corrected at this moment.",
		"请几分钟后再试；仍不行的，用onecard rollout show查看发放文件为何没有送出。",
		"Try again in a few minutes; if it stays so, see with onecard rollout show why the bank's file has not left.",
	},
	ReasonUnderReview: {
		"此人正在人工复核，复核结束前不能解除暂缓。",
		"This person is under review; the row cannot be let go before that is decided.",
		"请先用onecard review list查到该复核，再用onecard review decide处理。",
		"Find the review with onecard review list and decide it with onecard review decide.",
	},
	ReasonNoSuchReview: {
		"没有这个编号的复核。",
		"There is no review of this number.",
		"请用onecard review list查看复核。",
		"See the reviews with onecard review list.",
	},
	ReasonReviewClosed: {
		"这项复核已经办结，结论不同。",
		"This review is closed with another outcome.",
		"请用onecard review show查看结论；情况有变的，等待下一次比对。",
		"See the outcome with onecard review show; what has changed since comes up in the next match.",
	},
	ReasonNoSuchMatch: {
		"这个月没有人口比对。",
		"There is no population match of this month.",
		"请用onecard match list查看已有的比对，或用onecard match run开始。",
		"See the matches with onecard match list, or start one with onecard match run.",
	},
	ReasonMonthShape: {
		"月份应写成2026-11，且不能晚于本月。",
		"A month is written as 2026-11 and does not lie in the future.",
		"请更正月份。",
		"Please correct the month.",
	},
}
