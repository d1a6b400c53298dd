package card

import "fmt"

// PayEvent is what happens to a payee's card or account while a payment to it waits or is out.
type PayEvent uint8

// The events that concern a payment.
const (
	PayTempLoss      PayEvent = iota + 1 // the card is reported lost for some days
	PayFormalLoss                        // the card is reported lost for good
	PayReplaced                          // a new card on the same account
	PayMovedCity                         // the card relation goes to another city; the account stays
	PaySwitchStarted                     // the holder changes the bank; the old account is payable until the cut-over
	PaySwitchDone                        // the account at the new bank is active
	PayAccountClosed
	PayCancelled // the card is cancelled, for any reason but death
	PayDied      // the card is cancelled because its holder has died

	// What the population match finds out about a payee, and what a person then decides.
	PayDeathReported // civil affairs says that the payee has died
	PayRenamed       // civil affairs knows the payee by another name
	PayUnregistered  // civil affairs knows nobody of the payee's number
	PayCleared       // a review has found that the payee may be paid
	PayBarred        // a review has found that the payee may not be paid
	PayNameCorrected // a review has given the payee another name, which the bank may not know yet
)

var payEventNames = map[PayEvent]Name{
	PayTempLoss:      {"1", "临时挂失", "temporary loss"},
	PayFormalLoss:    {"2", "正式挂失", "formal loss"},
	PayReplaced:      {"3", "补换卡（账户不变）", "replacement on the same account"},
	PayMovedCity:     {"4", "跨市转移", "move to another city"},
	PaySwitchStarted: {"5", "换银行办理中", "bank switch started"},
	PaySwitchDone:    {"6", "换银行完成", "bank switch done"},
	PayAccountClosed: {"7", "账户注销", "account closed"},
	PayCancelled:     {"8", "卡注销", "card cancelled"},
	PayDied:          {"9", "死亡注销", "cancelled because of death"},
	PayDeathReported: {"10", "民政比对：已死亡", "reported dead by civil affairs"},
	PayRenamed:       {"11", "民政比对：姓名不符", "known to civil affairs by another name"},
	PayUnregistered:  {"12", "民政比对：查无此人", "not known to civil affairs"},
	PayCleared:       {"13", "复核通过", "cleared by a review"},
	PayBarred:        {"14", "复核停发", "stopped by a review"},
	PayNameCorrected: {"15", "复核更正姓名", "name corrected by a review"},
}

// PayEvents returns every event of a card or an account.
func PayEvents() []PayEvent {
	return []PayEvent{
		PayTempLoss, PayFormalLoss, PayReplaced, PayMovedCity, PaySwitchStarted, PaySwitchDone, PayAccountClosed, PayCancelled, PayDied,
	}
}

// Name returns the code and the names of e, for traces on rows; its texts are empty when e is unknown.
func (e PayEvent) Name() Name { return payEventNames[e] }

// String returns the English name, such as "formal loss".
func (e PayEvent) String() string {
	if n, ok := payEventNames[e]; ok {
		return n.EN
	}
	return fmt.Sprintf("PayEvent(%d)", uint8(e))
}

// PayAction is what becomes of a payment because of a PayEvent.
type PayAction string

// The actions. Send, Hold, Reroute, Stop, Lift and Recheck are for rows that have not been sent, the others for those that have.
const (
	PaySend         PayAction = "send"          // as it is: the credit is safe
	PayHold         PayAction = "hold"          // until a person, or a later event, lets it go
	PayReroute      PayAction = "reroute"       // send it, to the account that the card has now
	PayStop         PayAction = "stop"          // never send it
	PayLeave        PayAction = "leave"         // its answer counts as any other
	PayFollow       PayAction = "follow"        // as leave; if it comes back, pay it to the new account
	PayExpectReturn PayAction = "expect_return" // as leave, and nobody is surprised when it comes back
	PayRecover      PayAction = "recover"       // if it was paid, have it recovered through the bank
	PayLift         PayAction = "lift"          // let go what the review has held
	PayAwait        PayAction = "await"         // as leave, until the review has decided
	PayRecheck      PayAction = "recheck"       // send it once the bank knows the name, and hold it until then
)

var payActionNames = map[PayAction]Name{
	PaySend:         {"send", "照常发放", "send"},
	PayHold:         {"hold", "暂缓发放", "hold"},
	PayReroute:      {"reroute", "改发新账户", "send to the new account"},
	PayStop:         {"stop", "停止发放", "stop"},
	PayLeave:        {"leave", "不作处理", "leave"},
	PayFollow:       {"follow", "跟踪结果", "follow the outcome"},
	PayExpectReturn: {"expect_return", "等待退票", "expect a return"},
	PayRecover:      {"recover", "追回", "recover"},
	PayLift:         {"lift", "解除暂缓", "let go"},
	PayAwait:        {"await", "等待复核", "await the review"},
	PayRecheck:      {"recheck", "待银行核对姓名", "have the bank check the name"},
}

// Name returns the code and the names of a; its texts are empty when a is unknown.
func (a PayAction) Name() Name { return payActionNames[a] }

// payRule is what becomes of a row that waits, and of one that is out.
type payRule struct{ waiting, out PayAction }

// payRules is the table of the domain page, 7.5, with the cases that it leaves out: a move between cities does not touch the
// account; after a bank switch the row follows the card; a cancelled card's account is about to be closed. What civil affairs finds
// holds a payment until a person has looked: files can be wrong.
var payRules = map[PayEvent]payRule{
	PayTempLoss:      {PaySend, PayLeave},
	PayFormalLoss:    {PaySend, PayLeave},
	PayReplaced:      {PaySend, PayLeave},
	PayMovedCity:     {PaySend, PayLeave},
	PaySwitchStarted: {PayHold, PayFollow},
	PaySwitchDone:    {PayReroute, PayFollow},
	PayAccountClosed: {PayHold, PayExpectReturn},
	PayCancelled:     {PayHold, PayExpectReturn},
	PayDied:          {PayStop, PayRecover},
	PayDeathReported: {PayHold, PayAwait},
	PayRenamed:       {PayHold, PayAwait},
	PayUnregistered:  {PayHold, PayAwait},
	PayCleared:       {PayLift, PayLeave},
	PayBarred:        {PayStop, PayRecover},
	PayNameCorrected: {PayRecheck, PayLeave},
}

// HoldReason returns why a payment is held because of e.
func (e PayEvent) HoldReason() Reason {
	for _, c := range ReviewCauses() {
		if c.Event() == e {
			return c.HoldReason()
		}
	}
	if e == PayNameCorrected {
		return ReasonNameCorrected
	}
	return ReasonCardEvent
}

// StopReason returns why a payment is stopped because of e.
func (e PayEvent) StopReason() Reason {
	if e == PayBarred {
		return ReasonBarred
	}
	return ReasonPayeeDied
}

// RuleFor returns what becomes of a payment because of event: sent says whether its instruction stands in a file that has left
// the hub. An event that is none holds what waits and leaves what is out.
func RuleFor(event PayEvent, sent bool) PayAction {
	rule, ok := payRules[event]
	switch {
	case !ok && sent:
		return PayLeave
	case !ok:
		return PayHold
	case sent:
		return rule.out
	}
	return rule.waiting
}
