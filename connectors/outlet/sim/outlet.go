// Package sim is the simulated chain of outlets: everything that is dispatched arrives, and is handed over in two further
// reports, unless a rule says otherwise. It shares no code with the hub's outlet connector.
package sim

import (
	exchange "onecard/connectors/exchange/sim"
)

// Events in the outlets' ledger.
const (
	EventArrived    = "arrived"
	EventHandedOver = "handed_over"
	EventReturned   = "returned"
	// EventComplaint is noted about a row that says too much: an address that nobody needs.
	EventComplaint = "complaint"
)

// Fields of a dispatch: ref, card_no, mode, outlet, employer number, employer name, tracking number, name, phone, address.
const (
	cardNo = iota + 1
	mode
	outlet
	employerNo
	employerName
	tracking
	name
	phone
	address
	dispatchFields
)

// undeliverable is the only refusal there is: the row is reported as returned.
const undeliverable = "R"

// handovers is the number of reports over which the hand-over of one dispatch is spread.
const handovers = 2

// Outlet is the business of all outlets together.
type Outlet struct{}

// New returns the outlets' business.
func New() *Outlet { return &Outlet{} }

// Desks is the one desk that receives cards.
func (o *Outlet) Desks() []exchange.Desk {
	return []exchange.Desk{{
		Kind: "DISPATCH", Fields: dispatchFields, Person: cardNo, Answer: "REPORT", Unsolicited: true,
		Codes: []string{undeliverable}, Row: receive,
	}}
}

// Replay has nothing to remember: the sequence of reports is kept by the exchange.
func (o *Outlet) Replay(*exchange.Entry) {}

// receive reports ref, card_no, event, time, proof, clerk, dispatch: the arrivals in the first report, the hand-overs in
// the later ones.
func receive(r exchange.Row, a *exchange.Answer) {
	dispatch := []byte(a.File().String())
	if string(r[mode]) != "P" && len(r[phone])+len(r[address]) > 0 {
		record(a, r, EventComplaint, "phone and address are for post only")
	}
	if fault := examine(r); fault != "" || a.Code() == undeliverable {
		record(a, r, EventReturned, fault)
		a.Reply(r[cardNo], []byte("R"), a.Stamp(), nil, []byte("K000"), dispatch)
		return
	}
	lot := spread(r[cardNo])
	clerk := []byte{'K', '0', '0', '1' + lot%9}
	record(a, r, EventArrived, "")
	a.Reply(r[cardNo], []byte("A"), a.Stamp(), nil, clerk, dispatch)
	record(a, r, EventHandedOver, "")
	a.ReplyIn(1+int(lot)%handovers, r[cardNo], []byte("H"), a.Stamp(), proof(lot), clerk, dispatch)
}

func record(a *exchange.Answer, r exchange.Row, event, detail string) {
	a.Record(exchange.Entry{Event: []byte(event), CardNo: r[cardNo], Result: r[mode], Detail: []byte(detail)})
}

// examine returns what makes a row undeliverable, or "".
func examine(r exchange.Row) string {
	switch string(r[mode]) {
	case "O":
		if len(r[outlet]) == 0 {
			return "outlet is missing"
		}
	case "E":
		if len(r[employerNo]) == 0 || len(r[employerName]) == 0 {
			return "employer is missing"
		}
	case "P":
		if len(r[tracking]) == 0 || len(r[address]) == 0 || len(r[name]) == 0 {
			return "tracking number, name or address is missing"
		}
	default:
		return "mode is unknown"
	}
	return ""
}

// proof is 02, a proxy with a letter, for one in sixteen, else 01, the identity card.
func proof(lot byte) []byte {
	if lot%16 == 0 {
		return []byte("02")
	}
	return []byte("01")
}

// spread gives each card a number that has nothing to do with its place in the file.
func spread(cardNo []byte) byte {
	h := uint32(2166136261)
	for _, c := range cardNo {
		h = (h ^ uint32(c)) * 16777619
	}
	return byte(h >> 17 & 0xff)
}
