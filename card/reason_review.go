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
		"请市级卡管机构核实并更正姓名后，用onecard review decide处理。",
		"The city office has the name mended and then decides the case with onecard review decide.",
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
