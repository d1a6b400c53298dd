package sim

import (
	"slices"
	"strings"

	exchange "onecard/connectors/exchange/sim"
)

// Fields of a query for an account's state: ref, card_no, pan, name.
const (
	stateCardNo = iota + 1
	statePAN
	stateName
	stateFields
)

// Results of a query for an account's state.
const (
	otherName = "Q01"
	noAccount = "Q02"
)

// stateCodes are what a rule may refuse a query with, or, as S and the status, what it may have told of an account.
var stateCodes = []string{otherName, noAccount, "Q09", "S0", "S1", "S2", "S3", "S9"}

func (b *Bank) stateDesk() exchange.Desk {
	return exchange.Desk{
		Kind: "ACCTQRY", Fields: stateFields, Person: stateCardNo, Answer: "ACCTSTA", Codes: stateCodes, Row: b.state,
	}
}

// state: ref, card_no, pan, name → card_no, result, status, note. An account that the bank did not open in these files counts
// as an old customer's, and active. A bank whose own layout leaves names out compares none.
func (b *Bank) state(r exchange.Row, a *exchange.Answer) {
	result, status := resultDone, b.statusOf(r[statePAN])
	ruled := a.Code()
	switch {
	case status == "":
		result = noAccount
	case len(r[stateName]) > 0 && !carries(r[stateName]):
		result = otherName
	case strings.HasPrefix(ruled, "S"):
		status = ruled[1:]
	case slices.Contains(stateCodes, ruled):
		result = ruled
	}
	if result != resultDone {
		status = ""
	}
	a.Record(exchange.Entry{
		Event: []byte(EventQueried), CardNo: r[stateCardNo], PAN: r[statePAN], Result: []byte(result), Detail: []byte(status),
	})
	a.Reply(r[stateCardNo], []byte(result), []byte(status), b.reasons[result])
}

// statusOf is an account's status, or empty when there can be no such account.
func (b *Bank) statusOf(pan []byte) string {
	if digits(pan) == 0 {
		return ""
	}
	serial, ok := b.serialOf(pan)
	if ok && serial <= int64(len(b.accounts)) && b.accounts[serial-1].card != 0 && !b.accounts[serial-1].active {
		return "0"
	}
	return "1"
}
