package card

import "time"

// The rows of the files that the hub exchanges with its partners. Ref is the row number of the roster, from 1 and
// ascending in a file; an answer repeats it. Rows hold personal data: they are streamed between ledger and file, and never
// logged or passed to a workflow. Result is the partner's own code as it came; Reason is the hub's reading of it, empty
// when the row succeeded. Note is the partner's free text, for people at the hub only.

// ResultDone is the result code of a row that a partner has carried out.
const ResultDone = "00"

// ResultNeverReceived is a bank's answer to an enquiry about a row that it does not have, which may be sent again: a payment
// under a new instruction number, for the bank will not carry out this one any more.
const ResultNeverReceived = "90"

// MatchRow asks civil affairs about one person. Birth is YYYYMMDD, or empty when the document states none.
type MatchRow struct {
	Ref     int
	DocType DocType
	SSN     string
	Name    string
	Birth   string
}

// MatchAnswer is what civil affairs knows of one person. Died is YYYYMMDD, or empty for the living and when nobody knows.
type MatchAnswer struct {
	Ref    int
	SSN    string
	Result string
	Reason Reason
	Died   string
}

// AccountOrder asks a bank to open an account in advance for the card Number. Outlet is the issuing point, or empty.
type AccountOrder struct {
	Ref    int
	Number Number
	Person Person
	Outlet string
}

// AccountAnswer tells what became of an AccountOrder. PAN and Account are set exactly when Result is ResultDone. Result is
// ResultNeverReceived only in the answer to an enquiry; Reason is then empty, for the bank refused nothing.
type AccountAnswer struct {
	Ref     int
	Number  Number
	PAN     string
	Account string
	Result  string
	Reason  Reason
	Note    string
}

// AccountEnquiry asks a bank what became of an AccountOrder.
type AccountEnquiry struct {
	Ref    int
	Number Number
	SSN    string
}

// Order asks a bureau to make one card. City is the GB/T 2260 code of the issuing prefecture. Face is the approved
// version of the card face, such as F3-2026.1. Issued and ValidUntil are the chip's dates, YYYYMMDD.
type Order struct {
	Ref        int
	Number     Number
	Person     Person
	PAN        string
	City       string
	Outlet     string
	Face       string
	Issued     string
	ValidUntil string
}

// OrderAnswer tells what became of a Order. Ident, ATR and Position (Bin-Box-Slot, such as 03-0017-042) are set exactly
// when Result is ResultDone.
type OrderAnswer struct {
	Ref      int
	Number   Number
	Ident    IdentCode
	ATR      AtrHistory
	Position string
	Result   string
	Reason   Reason
	Note     string
}

// DispatchRow announces one card to the outlets. Outlet is set for mode Outlet, the employer for mode Employer, tracking
// number and address for mode Post. Phone and Address go to the file for mode Post only.
type DispatchRow struct {
	Ref          int
	Number       Number
	Mode         DistributionMode
	Outlet       string
	EmployerNo   string
	EmployerName string
	Tracking     string
	Name         string
	Phone        string
	Address      string
}

// ReportEvent is what an outlet saw happen to a card.
type ReportEvent string

// The events that outlets report.
const (
	ReportArrived  ReportEvent = "A" // the card is at the outlet
	ReportHanded   ReportEvent = "H" // the holder, or a proxy, has it
	ReportReturned ReportEvent = "R" // it could not be delivered; the reason is RETURNED_UNDELIVERABLE
)

// HandoverProof is what was seen at the hand-over; it is empty for the other events.
type HandoverProof string

// The proofs of a hand-over.
const (
	ProofIDCard HandoverProof = "01" // the holder's identity document
	ProofProxy  HandoverProof = "02" // a proxy's document, with the holder's letter
)

// ReportRow is one event at an outlet. At is in UTC. Dispatch is the file that announced the card.
type ReportRow struct {
	Ref      int  // of the card in Dispatch
	Counted  bool // Ref is only the number of the row in the file: the card number tells which card is meant
	Number   Number
	Event    ReportEvent
	At       time.Time
	Proof    HandoverProof
	Clerk    string
	Dispatch File
}

// ActivationOrder asks a bank to activate the account behind a card that has been handed over.
type ActivationOrder struct {
	Ref    int
	Number Number
	PAN    string
}

// ActivationAnswer tells what became of an ActivationOrder. At, in UTC, is the time of the activation; it is zero when
// there was none.
type ActivationAnswer struct {
	Ref    int
	Number Number
	Result string
	Reason Reason
	At     time.Time
	Note   string
}
