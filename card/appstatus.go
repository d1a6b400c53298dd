package card

import (
	"errors"
	"fmt"
)

// AppStatus is the status of the card's social application (AAZ502). Its value is the national digit, which profile A
// shares; other partners give 0, 3 and 4 other meanings, so their codes are translated at the edge and never pass.
type AppStatus uint8

// The statuses of the social application.
const (
	Sealed       AppStatus = 0 // not yet activated
	Normal       AppStatus = 1
	FormallyLost AppStatus = 2
	Locked       AppStatus = 3
	TempLost     AppStatus = 4
	Cancelled    AppStatus = 9 // terminal
)

// AppCommand is what may be asked of the social application.
type AppCommand uint8

// The commands. Replace and Renew start the making of another card; this one is cancelled when that one lives.
const (
	Activate AppCommand = iota + 1
	ReportTempLoss
	ReportFormalLoss
	LiftLoss
	Cancel
	Unlock
	Replace
	Renew
)

var appCommandNames = [...]string{"", "Activate", "ReportTempLoss", "ReportFormalLoss", "LiftLoss", "Cancel", "Unlock", "Replace", "Renew"}

// String returns the English name of the command.
func (c AppCommand) String() string {
	if c > 0 && int(c) < len(appCommandNames) {
		return appCommandNames[c]
	}
	return fmt.Sprintf("AppCommand(%d)", uint8(c))
}

var appStatusNames = map[AppStatus]Name{
	Sealed:       {"0", "封存", "Sealed"},
	Normal:       {"1", "正常", "Normal"},
	FormallyLost: {"2", "正式挂失", "FormallyLost"},
	Locked:       {"3", "应用锁定", "Locked"},
	TempLost:     {"4", "临时挂失", "TempLost"},
	Cancelled:    {"9", "注销", "Cancelled"},
}

// Name returns the national code and the names of s; its texts are empty when s is unknown.
func (s AppStatus) Name() Name { return appStatusNames[s] }

// String returns the English name, such as TempLost.
func (s AppStatus) String() string {
	if n, ok := appStatusNames[s]; ok {
		return n.EN
	}
	return fmt.Sprintf("AppStatus(%d)", uint8(s))
}

// Code returns the national code, one digit; it is empty when s is unknown.
func (s AppStatus) Code() string { return appStatusNames[s].Code }

// Terminal says whether no command changes s any more.
func (s AppStatus) Terminal() bool { return s == Cancelled }

// outcome is the answer to a command: the status after it, and whether the card was so already (answer 01).
type outcome struct {
	to    AppStatus
	again bool
}

// appTable holds every command that is not an error. Renewing or replacing leaves the status as it is until the new card
// lives; a temporary loss never weakens a formal one.
var appTable = map[AppStatus]map[AppCommand]outcome{
	Sealed: {
		Activate: {to: Normal}, ReportTempLoss: {to: TempLost}, ReportFormalLoss: {to: FormallyLost}, Cancel: {to: Cancelled},
	},
	Normal: {
		Activate: {Normal, true}, LiftLoss: {Normal, true}, Unlock: {Normal, true}, Renew: {to: Normal},
		ReportTempLoss: {to: TempLost}, ReportFormalLoss: {to: FormallyLost}, Cancel: {to: Cancelled},
	},
	TempLost: {
		ReportTempLoss: {TempLost, true}, ReportFormalLoss: {to: FormallyLost}, LiftLoss: {to: Normal}, Cancel: {to: Cancelled},
	},
	FormallyLost: {
		ReportTempLoss: {FormallyLost, true}, ReportFormalLoss: {FormallyLost, true}, LiftLoss: {to: Normal},
		Cancel: {to: Cancelled}, Replace: {to: FormallyLost},
	},
	Locked: {
		Unlock: {to: Normal}, ReportTempLoss: {to: TempLost}, ReportFormalLoss: {to: FormallyLost}, Cancel: {to: Cancelled},
		Renew: {to: Locked},
	},
	Cancelled: {Cancel: {Cancelled, true}},
}

var errCommand = errors.New("the card's status does not allow it")

// Apply returns the status after cmd. again means that the card was in that state already, which partners answer with 01
// and which is a success. A command that the status does not allow is a Conflict with WRONG_STATE and leaves s as it is.
// What the table cannot see is the caller's to check: the own city, and that loss is lifted only until a replacement is in
// production.
func (s AppStatus) Apply(cmd AppCommand) (next AppStatus, again bool, err error) {
	o, ok := appTable[s][cmd]
	if !ok {
		return s, false, E(Conflict, fmt.Sprintf("%s a card that is %s", cmd, s), ReasonWrongState, errCommand)
	}
	return o.to, o.again, nil
}

// ECardStatus is the status of the electronic card, which mirrors the physical one.
type ECardStatus uint8

// The statuses of the electronic card.
const (
	ECardNone ECardStatus = iota
	ECardSigned
	ECardSuspended
	ECardRevoked
)

var eCardNames = [...]string{"None", "Signed", "Suspended", "Revoked"}

// String returns the English name, such as Signed.
func (s ECardStatus) String() string {
	if int(s) < len(eCardNames) {
		return eCardNames[s]
	}
	return fmt.Sprintf("ECardStatus(%d)", uint8(s))
}

var eCards = map[AppStatus]ECardStatus{
	Sealed: ECardNone, Normal: ECardSigned, FormallyLost: ECardSuspended, Locked: ECardSuspended, TempLost: ECardSuspended,
	Cancelled: ECardRevoked,
}

// ECard returns the status that the electronic card of a card in status s has.
func (s AppStatus) ECard() ECardStatus { return eCards[s] }
