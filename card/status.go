package card

import (
	"fmt"
	"slices"
)

// ItemStatus is where one card stands on its way from application to activation. Its value is the number of the hub's own
// code, so that Batched is 10 and I10.
type ItemStatus uint8

// The statuses of an item, in the order in which a card meets them.
const (
	Applied          ItemStatus = 0  // application accepted
	Matched          ItemStatus = 5  // civil affairs knows the person, and he or she has no other card
	Batched          ItemStatus = 10 // in a batch, card number reserved
	AccountRequested ItemStatus = 20 // account file confirmed at the bank
	AccountOpened    ItemStatus = 21 // the return row has PAN and account
	AccountFailed    ItemStatus = 29 // the bank refused; the number stays reserved
	SentToVendor     ItemStatus = 30 // production file confirmed at the bureau
	Made             ItemStatus = 31 // the return row has identification code and ATR
	MakeFailed       ItemStatus = 39 // the bureau failed; goes to a remake batch
	InStock          ItemStatus = 55 // received, counted and checked
	Dispatched       ItemStatus = 57 // on its way to outlet, employer or holder
	AtOutlet         ItemStatus = 60 // outlet confirmed receipt
	HandedOver       ItemStatus = 70 // holder identified, proof stored
	Activated        ItemStatus = 80 // social function active
	Withdrawn        ItemStatus = 90 // application withdrawn or rollout cancelled
	Spoiled          ItemStatus = 91 // card destroyed
	Refused          ItemStatus = 92 // row refused, with its reasons
)

type itemRow struct {
	status ItemStatus
	name   string
	zh     string
	to     []ItemStatus
}

// itemTable says where an item may go. One that the partner's file cannot carry fails without being sent. A failed item returns
// to the step before; so does one whose request the partner never received. Until a card exists its application can be
// withdrawn; from then on it can only be spoiled.
var itemTable = []itemRow{
	{Applied, "Applied", "已受理", []ItemStatus{Matched, Withdrawn, Refused}},
	{Matched, "Matched", "比对通过", []ItemStatus{Batched, Withdrawn, Refused}},
	{Batched, "Batched", "已分配卡号", []ItemStatus{AccountRequested, AccountFailed, Withdrawn, Refused}},
	{AccountRequested, "AccountRequested", "已报银行开户", []ItemStatus{Batched, AccountOpened, AccountFailed, Withdrawn}},
	{AccountOpened, "AccountOpened", "开户成功", []ItemStatus{SentToVendor, MakeFailed, Withdrawn}},
	{AccountFailed, "AccountFailed", "开户失败", []ItemStatus{Batched, Withdrawn}},
	{SentToVendor, "SentToVendor", "制卡中", []ItemStatus{AccountOpened, Made, MakeFailed, Withdrawn}},
	{Made, "Made", "制卡成功", []ItemStatus{InStock, Spoiled}},
	{MakeFailed, "MakeFailed", "制卡失败", []ItemStatus{AccountOpened, Withdrawn, Spoiled}},
	{InStock, "InStock", "已入库", []ItemStatus{Dispatched, Spoiled}},
	{Dispatched, "Dispatched", "已分拨", []ItemStatus{InStock, AtOutlet, HandedOver, Spoiled}},
	{AtOutlet, "AtOutlet", "已到网点", []ItemStatus{InStock, HandedOver, Spoiled}},
	{HandedOver, "HandedOver", "已领卡", []ItemStatus{Activated, Spoiled}},
	{Activated, "Activated", "已启用", nil},
	{Withdrawn, "Withdrawn", "已撤销", nil},
	{Spoiled, "Spoiled", "已作废", nil},
	{Refused, "Refused", "已拒绝", nil},
}

// ItemStatuses returns every status in the order in which a card meets them.
func ItemStatuses() []ItemStatus {
	all := make([]ItemStatus, len(itemTable))
	for i, row := range itemTable {
		all[i] = row.status
	}
	return all
}

func (s ItemStatus) row() (itemRow, bool) {
	i, ok := slices.BinarySearchFunc(itemTable, s, func(r itemRow, s ItemStatus) int { return int(r.status) - int(s) })
	if !ok {
		return itemRow{}, false
	}
	return itemTable[i], true
}

// String returns the English name, such as AccountOpened.
func (s ItemStatus) String() string {
	if row, ok := s.row(); ok {
		return row.name
	}
	return fmt.Sprintf("ItemStatus(%d)", uint8(s))
}

// ZH returns the Chinese name for screens, or the code when the status is unknown.
func (s ItemStatus) ZH() string {
	if row, ok := s.row(); ok {
		return row.zh
	}
	return s.Code()
}

// Code returns the hub's code, I and two digits.
func (s ItemStatus) Code() string { return fmt.Sprintf("I%02d", uint8(s)) }

// ParseItemStatus reads a code such as I21.
func ParseItemStatus(code string) (ItemStatus, error) {
	for _, row := range itemTable {
		if row.status.Code() == code {
			return row.status, nil
		}
	}
	return 0, E(Invalid, "parse item status", "", fmt.Errorf("no status has the code %q", code))
}

// To returns the statuses that may follow s; none follow a terminal one.
func (s ItemStatus) To() []ItemStatus {
	row, _ := s.row()
	return slices.Clone(row.to)
}

// May says whether next may follow s.
func (s ItemStatus) May(next ItemStatus) bool {
	row, _ := s.row()
	return slices.Contains(row.to, next)
}

// Terminal says whether the item's way ends here.
func (s ItemStatus) Terminal() bool {
	row, ok := s.row()
	return ok && len(row.to) == 0
}
