package sim

import (
	"bytes"
	"fmt"

	exchange "onecard/connectors/exchange/sim"
)

// Events in a bank's ledger.
const (
	EventOpened    = "opened"
	EventRefused   = "refused"
	EventActivated = "activated"
	EventInactive  = "not_activated"
	EventEnquired  = "enquired"
	EventQueried   = "state_queried"
)

// Events of money in a bank's ledger. The number is the instruction, or the order on the payer's account; the account is the
// block that a payment was drawn from, or the payer's; the detail begins with fen= and the amount.
const (
	EventPaid        = "paid"         // credited
	EventPayRefused  = "pay_refused"  // not credited, with the code
	EventReturned    = "returned"     // credited, and come back since, with the code
	EventPayRepeated = "pay_repeated" // an instruction came again and was answered as before
	EventPayEnquired = "pay_enquired"
	EventBlocked     = "blocked"
	EventReleased    = "released" // the amount is what the block still held
	EventFundQueried = "fund_queried"
	EventFundRefused = "fund_refused"
)

// Bank is the business of one bank.
type Bank struct {
	prefix  string
	reasons map[string][]byte
	// accounts holds the accounts that were opened, by serial number from 1. It is what the ledger says, and small enough for
	// millions of accounts.
	accounts []opened
	till     *till
	line     []byte             // for the detail of one payment
	found    map[string]outcome // what the ledger says about the rows of an enquiry's page
	space    [48]byte           // for the numbers of one account
}

// opened is an account that was opened: a digest of the card number that it was opened for, 0 for a number that was never given
// out, and whether it is active.
type opened struct {
	card   uint32
	active bool
}

// New returns the business of the bank with this identifier (domain page, 2.2), e.g. ICBC. Without payers it has one, with
// DefaultFen in the account PayerAccount.
func New(identifier string, payers ...Payer) (*Bank, error) {
	prefix := prefixes[identifier]
	if prefix == "" {
		return nil, fmt.Errorf("bank %q is unknown", identifier)
	}
	reasons, err := encodedReasons()
	if err != nil {
		return nil, err
	}
	if len(payers) == 0 {
		payers = []Payer{{PayerAccount(identifier), DefaultFen}}
	}
	return &Bank{prefix: prefix, reasons: reasons, till: newTill(payers)}, nil
}

// PayerAccount is the number of the payer's account that a bank has when nobody names another.
func PayerAccount(identifier string) string { return prefixes[identifier] + "880000000000001" }

// Known reports whether a bank has this identifier.
func Known(identifier string) bool { return prefixes[identifier] != "" }

// prefixes of CNAPS numbers, by bank.
var prefixes = map[string]string{
	"ICBC": "102", "ABC": "103", "BOC": "104", "CCB": "105", "BOCOM": "301", "CITIC": "302", "CEB": "303", "HXB": "304",
	"CMBC": "305", "CGB": "306", "PAB": "307", "CMB": "308", "CIB": "309", "SPDB": "310", "CITYBANK": "313",
	"RURALCOMM": "314", "EGB": "315", "CZB": "316", "CBHB": "318", "RCC": "402", "PSBC": "403",
}

// Desks are account opening, activation and enquiry; the state of accounts; payers' money and payments.
func (b *Bank) Desks() []exchange.Desk {
	return append(b.payDesks(), b.fundDesk(), b.stateDesk(),
		exchange.Desk{Kind: "ACCTREQ", Fields: openFields, Person: openNumber, Answer: "ACCTRET", Codes: openCodes, Row: b.open},
		exchange.Desk{Kind: "ACTREQ", Fields: 3, Person: 1, Answer: "ACTRET", Codes: []string{"A01", "A09"}, Row: b.activate},
		exchange.Desk{Kind: "ACCTENQ", Fields: 3, Person: 2, Answer: "ACCTENR", Codes: []string{resultUnknown}, Look: b.look, Row: b.enquire},
	)
}

// Replay remembers the accounts that were opened, and the money.
func (b *Bank) Replay(e *exchange.Entry) {
	switch string(e.Event) {
	case EventOpened:
		b.replayOpened(e)
	case EventActivated:
		if b.opened(e.PAN, e.CardNo) {
			serial, _ := b.serialOf(e.PAN)
			b.accounts[serial-1].active = true
		}
	case EventPaid, EventPayRefused, EventReturned, EventPayEnquired:
		b.till.settle()
		b.replayPayment(e)
	case EventBlocked, EventReleased, EventFundRefused:
		b.till.settle()
		b.replayFund(e)
	}
}

func (b *Bank) replayOpened(e *exchange.Entry) {
	serial, ok := b.serialOf(e.PAN)
	if !ok {
		return
	}
	for int64(len(b.accounts)) < serial {
		b.accounts = append(b.accounts, opened{})
	}
	b.accounts[serial-1].card = digest(e.CardNo)
}

// digest is a 32-bit FNV-1a hash, never 0.
func digest(cardNo []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range cardNo {
		h = (h ^ uint32(c)) * 16777619
	}
	return max(h, 1)
}

// opened reports whether the bank opened the account behind this PAN for this card.
func (b *Bank) opened(pan, cardNo []byte) bool {
	serial, ok := b.serialOf(pan)
	return ok && serial <= int64(len(b.accounts)) && b.accounts[serial-1].card == digest(cardNo)
}

// activate: ref, card_no, pan → ref, card_no, result, time, reason. An account that is active stays so.
func (b *Bank) activate(r exchange.Row, a *exchange.Answer) {
	cardNo, pan := r[1], r[2]
	code := a.Code()
	if !b.opened(pan, cardNo) {
		code = "A09"
	}
	if code != "" {
		a.Record(exchange.Entry{Event: []byte(EventInactive), CardNo: cardNo, PAN: pan, Result: []byte(code)})
		a.Reply(cardNo, []byte(code), nil, b.reasons[code])
		return
	}
	a.Record(exchange.Entry{Event: []byte(EventActivated), CardNo: cardNo, PAN: pan, Result: []byte(resultDone)})
	a.Reply(cardNo, []byte(resultDone), a.Stamp(), nil)
}

// outcome is what became of one account request.
type outcome struct {
	pan, account, result []byte
}

// look finds in the ledger what became of the rows of a page. Of two requests for one card the one that opened an account
// counts, else the last.
func (b *Bank) look(ledger *exchange.Ledger, rows []exchange.Row) error {
	b.found = make(map[string]outcome, len(rows))
	asked := make(map[string]bool, len(rows))
	for _, r := range rows {
		asked[string(r[1])+"|"+string(r[2])] = true
	}
	var key []byte
	return ledger.Scan(func(e *exchange.Entry) error {
		event := string(e.Event)
		if event != EventOpened && event != EventRefused {
			return nil
		}
		key = append(append(append(key[:0], e.CardNo...), '|'), e.Number...)
		if !asked[string(key)] || string(b.found[string(key)].result) == resultDone {
			return nil
		}
		b.found[string(key)] = outcome{bytes.Clone(e.PAN), bytes.Clone(e.Account), bytes.Clone(e.Result)}
		return nil
	})
}

// enquire: ref, card_no, number → as an answer to an account request, with 90 for a row that never arrived.
func (b *Bank) enquire(r exchange.Row, a *exchange.Answer) {
	cardNo, number := r[1], r[2]
	o, ok := b.found[string(cardNo)+"|"+string(number)]
	if !ok || a.Code() != "" {
		o = outcome{result: []byte(resultUnknown)}
	}
	a.Record(exchange.Entry{Event: []byte(EventEnquired), Number: number, CardNo: cardNo, PAN: o.pan, Result: o.result})
	a.Reply(cardNo, o.pan, o.account, o.result, b.reasons[string(o.result)])
}
