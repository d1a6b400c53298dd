package card

import "time"

// The rows of the files between hub and banks about payments. What rows.go says of rows is true of them too. Money is in
// fen, times are in UTC. Ref is the row number in the rollout's roster; in a FUNDREQ it counts the orders of the file.

// PayOrder asks a bank to credit Fen to the account behind PAN, once for each Instruction (see NewInstruction) whatever is sent again. Purpose
// is what the payee reads, at most 60 characters, and may be empty.
type PayOrder struct {
	Ref         int
	Instruction string
	Number      Number
	PAN         string
	Name        string
	Fen         int64
	Purpose     string
}

// PayAnswer tells what became of a PayOrder: in the answer to it or to an enquiry, or, unsolicited, that it has come back.
// Result is ResultDone when the money was credited, and At then says when. ResultNeverReceived occurs only in the answer to
// an enquiry; Reason is then empty, for the bank returned nothing, and PAN may be. Otherwise Reason is one of
// ReturnReasons, and At is when it came back, or zero where the bank does not say. With BANK_TIMEOUT nobody knows yet
// whether money was credited.
type PayAnswer struct {
	Ref         int
	Instruction string
	Number      Number
	PAN         string
	Fen         int64
	Result      string
	Reason      Reason
	At          time.Time
	Note        string
}

// PayEnquiry asks a bank what became of a PayOrder. It never makes the bank pay.
type PayEnquiry struct {
	Ref         int
	Instruction string
	Number      Number
	Fen         int64
}

// FundAction is what a FundOrder wants of a payer's account.
type FundAction string

// The actions on a payer's account.
const (
	FundBlock   FundAction = "B" // set Fen aside for one rollout
	FundRelease FundAction = "R" // give back what a block still holds
	FundQuery   FundAction = "Q" // tell the balance, and what a block still holds
)

// FundOrder is one order on the payer's Account (at most 32 digits) at a bank. Order is its number (see FundOrderNumber);
// a bank carries out each number once. Fen is what to block and 0 for the other actions. Block is the Order that blocked: of
// a release always, of a query when its rest is asked for.
type FundOrder struct {
	Ref     int
	Order   string
	Action  FundAction
	Account string
	Fen     int64
	Block   string
}

// FundAnswer tells what became of a FundOrder. Balance is what is available in the account after it, Blocked what its block
// still holds, both in fen. At is zero where the bank does not say.
type FundAnswer struct {
	Ref     int
	Order   string
	Result  string
	Reason  Reason
	Balance int64
	Blocked int64
	At      time.Time
	Note    string
}

// AccountQuery asks a bank for the state of the account behind a card, and whether it bears this name.
type AccountQuery struct {
	Ref    int
	Number Number
	PAN    string
	Name   string
}

// AccountState is a bank's answer to an AccountQuery. Status counts only when Known; it always is when Result is
// ResultDone, and may be beside a refusal.
type AccountState struct {
	Ref    int
	Number Number
	Result string
	Reason Reason
	Status AccountStatus
	Known  bool
	Note   string
}
