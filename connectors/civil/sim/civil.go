// Package sim is the simulated civil-affairs department: it knows everybody whose number is genuine, by the name that the
// hub asks with, unless its register or a rule says otherwise. It shares no code with the hub's civil-affairs connector.
package sim

import (
	"bytes"
	"time"

	exchange "onecard/connectors/exchange/sim"
)

// EventMatched is the ledger's event of a person who was asked about, whatever the result.
const EventMatched = "matched"

// Results of a match.
const (
	equal         = "00"
	noSuchPerson  = "01"
	nameDiffers   = "02"
	deceased      = "03"
	residentID    = "01"
	hmtResidence  = "11"
	matchNumber   = 2
	matchReqWidth = 5
)

// Civil is the business of the department.
type Civil struct{ register *register }

// New returns the department's business. What it knows of single people stands in the file at path, which is read anew for every
// request (see Entry); an empty path or a file that is not there tells nothing.
func New(path string) *Civil { return &Civil{register: &register{path: path}} }

// Desks is the one desk that compares people.
func (c *Civil) Desks() []exchange.Desk {
	return []exchange.Desk{{
		Kind: "MATCHREQ", Fields: matchReqWidth, Person: matchNumber, Answer: "MATCHRET",
		Codes: []string{noSuchPerson, nameDiffers, deceased}, Begin: c.register.read, Row: c.match,
	}}
}

// Replay has nothing to remember: the department only answers.
func (c *Civil) Replay(*exchange.Entry) {}

// match: ref, doc_type, number, name, birth → ref, number, result, date of death.
func (c *Civil) match(r exchange.Row, a *exchange.Answer) {
	kind, number, name, birth := r[1], r[matchNumber], r[3], r[4]
	result := examine(kind, number, name, birth)
	known, listed := c.register.find(number)
	switch {
	case result != equal:
	case listed:
		result = known.result
	case a.Code() != "":
		result = a.Code()
	}
	died := []byte(known.died)
	if result == deceased && len(died) == 0 {
		died = dayOfDeath(a.File().Date, number, birth)
	}
	a.Record(exchange.Entry{Event: []byte(EventMatched), Number: number, Result: []byte(result)})
	a.Reply(number, []byte(result), died)
}

// examine compares what can be compared without a register.
func examine(kind, number, name, birth []byte) string {
	checked := string(kind) == residentID || string(kind) == hmtResidence
	switch {
	case len(number) == 0, checked && !identity(number):
		return noSuchPerson
	case checked && !bytes.Equal(number[6:14], birth):
		return noSuchPerson
	case len(name) == 0:
		return nameDiffers
	}
	return equal
}

// identity checks the last character of an 18-character number (GB 11643: weights are powers of 2 modulo 11).
func identity(n []byte) bool {
	if len(n) != 18 {
		return false
	}
	sum := 0
	for _, c := range n[:17] {
		if c < '0' || c > '9' {
			return false
		}
		sum = (sum*2 + int(c-'0')) % 11
	}
	return n[17] == "10X98765432"[sum*2%11]
}

// dayOfDeath invents a day in the year before the file, always the same for a person, never before the birth.
func dayOfDeath(fileDate string, number, birth []byte) []byte {
	day, err := time.Parse("20060102", fileDate)
	if err != nil {
		return nil
	}
	back := 1
	for _, c := range number {
		back = (back*31 + int(c)) % 365
	}
	died := day.AddDate(0, 0, -back-1).Format("20060102")
	if len(birth) == 8 && died < string(birth) {
		return birth
	}
	return []byte(died)
}
