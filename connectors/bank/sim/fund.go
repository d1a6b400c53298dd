package sim

import (
	"slices"
	"strconv"
	"strings"

	exchange "onecard/connectors/exchange/sim"
)

// Fields of an order on a payer's account: ref, order, action, account, amount, block.
const (
	fundOrder = iota + 1
	fundAction
	fundAccount
	fundFen
	fundBlock
	fundFields
)

// Results of an order on a payer's account.
const (
	notEnough      = "F01"
	unknownAccount = "F02"
	unknownBlock   = "F03"
	fundOther      = "F09"
)

var fundCodes = []string{notEnough, unknownAccount, unknownBlock, fundOther}

// fundDesk blocks, releases and tells payers' money.
func (b *Bank) fundDesk() exchange.Desk {
	return exchange.Desk{
		Kind: "FUNDREQ", Fields: fundFields, Person: fundOrder, Answer: "FUNDRET", Codes: fundCodes, Fen: fundFen,
		Begin: b.beginFunds, Row: b.fund,
	}
}

// beginFunds begins a request about payers' money, with what they have paid in by now.
func (b *Bank) beginFunds() {
	b.till.begin()
	b.till.takeDeposits()
}

// fund: ref, order, action, account, amount, block → order, result, balance, blocked, time, note. An order that was dealt
// with before gets the result that it got, and moves no money.
func (b *Bank) fund(r exchange.Row, a *exchange.Answer) {
	order, account, name := string(r[fundOrder]), string(r[fundAccount]), string(r[fundBlock])
	fen, _ := exchange.Fen(r[fundFen])
	if before, seen := b.till.order(order); seen {
		b.tellFund(a, r, before.result, account, before.block)
		return
	}
	code := b.fault(string(r[fundAction]), account, name, fen)
	if slices.Contains(fundCodes, a.Code()) && code == "" {
		code = a.Code()
	}
	switch {
	case code != "":
		b.till.draft.orders[order] = fund{code, name}
		recordFund(a, r, EventFundRefused, code, 0, name)
		b.tellFund(a, r, code, account, name)
		return
	case string(r[fundAction]) == "B":
		b.till.set(&b.till.draft, order, account, fen)
		name = order
		recordFund(a, r, EventBlocked, resultDone, fen, name)
	case string(r[fundAction]) == "R":
		recordFund(a, r, EventReleased, resultDone, b.till.release(&b.till.draft, order, name), name)
	default:
		recordFund(a, r, EventFundQueried, resultDone, 0, name)
	}
	b.tellFund(a, r, resultDone, account, name)
}

// fault is why an order cannot be carried out, or empty.
func (b *Bank) fault(action, account, name string, fen int64) string {
	balance, known := b.till.balance(account)
	held, blocked := b.till.block(name)
	switch {
	case !known:
		return unknownAccount
	case action == "B" && (fen == 0 || name != ""), action != "B" && fen != 0, action != "B" && action != "R" && action != "Q":
		return fundOther
	case action == "B" && fen > balance:
		return notEnough
	case action == "B", action == "Q" && name == "":
		return ""
	case !blocked || held.account != account:
		return unknownBlock
	}
	return ""
}

// tellFund answers an order with what is in the account and in its block now.
func (b *Bank) tellFund(a *exchange.Answer, r exchange.Row, code, account, name string) {
	balance, _ := b.till.balance(account)
	held, _ := b.till.block(name)
	a.Reply(r[fundOrder], []byte(code), strconv.AppendInt(nil, balance, 10), strconv.AppendInt(nil, held.left, 10), a.Stamp(), b.reasons[code])
}

// recordFund writes an order's line: the order as number, the block beside the amount.
func recordFund(a *exchange.Answer, r exchange.Row, event, code string, fen int64, name string) {
	a.Record(exchange.Entry{
		Event: []byte(event), Number: r[fundOrder], Account: r[fundAccount], Result: []byte(code),
		Detail: append(append(appendFen(nil, fen), blockKey...), name...),
	})
}

const blockKey = " block="

// replayFund keeps what a line of the ledger says of an order.
func (b *Bank) replayFund(e *exchange.Entry) {
	order, account := string(e.Number), string(e.Account)
	_, name, _ := strings.Cut(string(e.Detail), blockKey)
	switch string(e.Event) {
	case EventBlocked:
		b.till.set(&b.till.kept, order, account, fenIn(e.Detail))
		rollout, _, _ := strings.Cut(order, ".")
		b.till.drawn[rollout] = append(b.till.drawn[rollout], order)
	case EventReleased:
		b.till.release(&b.till.kept, order, name)
	case EventFundRefused:
		b.till.kept.orders[order] = fund{string(e.Result), name}
	}
}
