package card

import "fmt"

// PayStatus is where one payment of a subsidy rollout stands.
type PayStatus int16

// The statuses of a payment. Money is on its way from Released on, until the bank's word.
const (
	PayPlanned   PayStatus = 0  // it will go out
	PayHeld      PayStatus = 10 // it waits for a person, with its reason
	PayReleased  PayStatus = 20 // in a file that is proved to be at the bank
	PayUnknown   PayStatus = 30 // the bank left it out of its answer: it is asked about, never sent again
	PayPaid      PayStatus = 40 // credited, by the bank's word
	PayReturned  PayStatus = 50 // not credited, or sent back later (退票), with its cause
	PayWithdrawn PayStatus = 90 // ended by a cancel before it was released
	PayRefused   PayStatus = 91 // ended by a check before it was released, with its reason
)

var payNames = map[PayStatus]Name{
	PayPlanned:   {"P00", "待发放", "Planned"},
	PayHeld:      {"P10", "暂缓", "Held"},
	PayReleased:  {"P20", "已送银行", "Released"},
	PayUnknown:   {"P30", "结果未知", "Unknown"},
	PayPaid:      {"P40", "已入账", "Paid"},
	PayReturned:  {"P50", "退票", "Returned"},
	PayWithdrawn: {"P90", "已撤销", "Withdrawn"},
	PayRefused:   {"P91", "已拒绝", "Refused"},
}

// Name returns the code and the names of s; its texts are empty when s is unknown.
func (s PayStatus) Name() Name { return payNames[s] }

// String returns the English name, such as Returned.
func (s PayStatus) String() string {
	if n, ok := payNames[s]; ok {
		return n.EN
	}
	return fmt.Sprintf("PayStatus(%d)", int16(s))
}
