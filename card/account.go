package card

import (
	"errors"
	"fmt"
)

// AccountStatus is the status of the bank account behind a card, independent of AppStatus. The bank's word is its only
// source.
type AccountStatus uint8

// The statuses of the account.
const (
	NotActivated AccountStatus = 0
	Active       AccountStatus = 1
	Lost         AccountStatus = 2
	Frozen       AccountStatus = 3
	Closed       AccountStatus = 9 // terminal
)

var accountNames = map[AccountStatus]Name{
	NotActivated: {"0", "未激活", "NotActivated"},
	Active:       {"1", "正常", "Active"},
	Lost:         {"2", "挂失", "Lost"},
	Frozen:       {"3", "冻结", "Frozen"},
	Closed:       {"9", "注销", "Closed"},
}

// Name returns the code and the names of s; its texts are empty when s is unknown.
func (s AccountStatus) Name() Name { return accountNames[s] }

// String returns the English name, such as NotActivated.
func (s AccountStatus) String() string {
	if n, ok := accountNames[s]; ok {
		return n.EN
	}
	return fmt.Sprintf("AccountStatus(%d)", uint8(s))
}

// Terminal says whether no event changes s any more.
func (s AccountStatus) Terminal() bool { return s == Closed }

// AccountEvent is what a bank tells about an account.
type AccountEvent uint8

// The events of an account.
const (
	AccountActivated AccountEvent = iota + 1
	AccountLossReported
	AccountLossLifted
	AccountFrozen
	AccountReleased
	AccountClosed
)

var accountEventNames = [...]string{"", "AccountActivated", "AccountLossReported", "AccountLossLifted", "AccountFrozen", "AccountReleased", "AccountClosed"}

// String returns the English name, such as AccountFrozen.
func (e AccountEvent) String() string {
	if e > 0 && int(e) < len(accountEventNames) {
		return accountEventNames[e]
	}
	return fmt.Sprintf("AccountEvent(%d)", uint8(e))
}

// Account is the status of an account together with what lifting a loss and releasing a freeze return to. The zero Account
// is a freshly opened one.
type Account struct {
	Status       AccountStatus
	BeforeLoss   AccountStatus // NotActivated or Active; counts while a loss is reported
	BeforeFreeze AccountStatus // counts while frozen
}

var errAccountEvent = errors.New("the account's status does not allow it")

// Apply returns the account after event. again means that it was so already, which is a success. An event that the status
// does not allow is a Conflict with WRONG_STATE and leaves the account as it is.
func (a Account) Apply(event AccountEvent) (next Account, again bool, err error) {
	s := a.Status
	switch {
	case event == AccountClosed:
		return Account{Status: Closed}, s == Closed, nil
	case event == AccountActivated && (s == NotActivated || s == Active):
		return Account{Status: Active}, s == Active, nil
	case event == AccountLossReported && (s == NotActivated || s == Active):
		return Account{Status: Lost, BeforeLoss: s}, false, nil
	case event == AccountLossLifted && s == Lost:
		return Account{Status: a.BeforeLoss}, false, nil
	case event == AccountFrozen && (s == NotActivated || s == Active || s == Lost):
		return Account{Status: Frozen, BeforeLoss: a.BeforeLoss, BeforeFreeze: s}, false, nil
	case event == AccountReleased && s == Frozen:
		return Account{Status: a.BeforeFreeze, BeforeLoss: a.BeforeLoss}, false, nil
	case event == AccountLossReported && s == Lost, event == AccountFrozen && s == Frozen:
		return a, true, nil
	}
	return a, false, E(Conflict, fmt.Sprintf("%s on an account that is %s", event, s), ReasonWrongState, errAccountEvent)
}
