package sim

import (
	"bytes"
	"slices"
	"strconv"

	exchange "onecard/connectors/exchange/sim"
)

// Fields of a payment: ref, instruction, card_no, pan, name, amount, purpose.
const (
	payInstruction = iota + 1
	payCardNo
	payPAN
	payName
	payFen
	payPurpose
	payFields
)

// Fields of an enquiry about a payment.
const (
	askInstruction = iota + 1
	askCardNo
	askFen
	askFields
)

// answerFen is the field of the amount in all that a bank tells of payments.
const answerFen = 4

// resultTimeout says that the bank does not know yet; the row is paid all the same.
const resultTimeout = "BANK_TIMEOUT"

// payResults are all that can be true of an instruction; credit.result counts in it.
var payResults = []string{
	resultDone, "NAME_MISMATCH", "ID_EXPIRED", "ACCT_NOT_FOUND", "ACCT_CLOSED", "ACCT_FROZEN", "ACCT_DORMANT", "TYPE_LIMIT",
	"NOT_ACTIVATED", "DUPLICATE", "AMOUNT_ERR", resultUnknown,
}

// neverCame is the index of an instruction that the bank has said it never received. It is not paid any more.
var neverCame = resultIndex(resultUnknown)

// payCodes are what a rule may refuse a payment with.
var payCodes = append(slices.Clone(payResults[1:neverCame]), resultTimeout)

func resultIndex(code string) uint8 {
	return uint8(max(0, slices.Index(payResults, code))) //nolint:gosec // there are twelve
}

// payDesks are the desks for payments and for enquiries about them.
func (b *Bank) payDesks() []exchange.Desk {
	return []exchange.Desk{
		{
			Kind: "PAYREQ", Fields: payFields, Person: payInstruction, Answer: "PAYRET", Aside: "PAYBACK", Codes: payCodes,
			Fen: payFen, AnswerFen: answerFen, Begin: b.till.begin, Row: b.pay,
		},
		{
			Kind: "PAYENQ", Fields: askFields, Person: askInstruction, Answer: "PAYENR", Codes: []string{resultTimeout},
			Fen: askFen, AnswerFen: answerFen, Begin: b.till.begin, Row: b.enquirePayment,
		},
	}
}

// payment is one row on its way through the bank.
type payment struct {
	row     exchange.Row
	rollout []byte
	key     uint64
	credit  credit
	block   string
}

// pay: ref, instruction, card_no, pan, name, amount, purpose → instruction, card_no, pan, amount, result, time, reason. An
// instruction that was dealt with before, in whatever file, gets what became of it, and no money.
func (b *Bank) pay(r exchange.Row, a *exchange.Answer) {
	p := payment{row: r}
	var ok bool
	if p.rollout, p.key, ok = b.till.instruction(r[payInstruction]); !ok {
		b.refusePayment(&p, a, "AMOUNT_ERR") // nothing is blocked for it
		return
	}
	before, seen := b.till.credit(p.key)
	if seen && before.result != neverCame {
		b.repeatPayment(r, a, before)
		return
	}
	p.credit = credit{pan: digits(r[payPAN]), at: b.till.second(a.Time())}
	p.credit.fen, _ = exchange.Fen(r[payFen])
	code := b.objection(&p, a.Code())
	if seen {
		code = "DUPLICATE" // the hub was told that it would not be paid, and may have paid by another instruction
	}
	if code == "" {
		b.credit(&p, a)
		return
	}
	p.credit.result = resultIndex(code)
	b.till.draft.credits[p.key] = p.credit
	b.refusePayment(&p, a, code)
}

// objection is why a row is not paid, or empty; ruled is what the rules want.
func (b *Bank) objection(p *payment, ruled string) string {
	var covered bool
	p.block, covered = b.till.cover(p.rollout, p.credit.fen)
	switch {
	case p.credit.fen == 0:
		return "AMOUNT_ERR"
	case p.credit.pan == 0:
		return "ACCT_NOT_FOUND"
	case !carries(p.row[payName]):
		return "NAME_MISMATCH"
	case ruled != resultTimeout && slices.Contains(payCodes, ruled):
		return ruled
	case !covered:
		return "AMOUNT_ERR"
	}
	return ""
}

// credit pays, and lets come back what the rules want back.
func (b *Bank) credit(p *payment, a *exchange.Answer) {
	r := p.row
	b.till.draw(&b.till.draft, p.block, p.credit.fen)
	b.record(a, EventPaid, p, resultDone)
	for file, code := range a.ComesBack() {
		if p.credit.result == 0 {
			p.credit.result = resultIndex(code)
			b.till.draw(&b.till.draft, p.block, -p.credit.fen)
			b.record(a, EventReturned, p, code)
		}
		code = payResults[p.credit.result]
		a.Tell(file, r[payInstruction], r[payCardNo], r[payPAN], r[payFen], []byte(code), a.Stamp(), b.reasons[code])
	}
	b.till.draft.credits[p.key] = p.credit
	if a.Code() == resultTimeout {
		b.tellPayment(a, r, resultTimeout, nil)
		return
	}
	b.tellPayment(a, r, resultDone, a.Stamp())
}

func (b *Bank) refusePayment(p *payment, a *exchange.Answer, code string) {
	p.block = ""
	b.record(a, EventPayRefused, p, code)
	b.tellPayment(a, p.row, code, a.Stamp())
}

// tellPayment answers a row of PAYREQ, and puts a stray beside it where the rules want one.
func (b *Bank) tellPayment(a *exchange.Answer, r exchange.Row, code string, at []byte) {
	a.Reply(r[payInstruction], r[payCardNo], r[payPAN], r[payFen], []byte(code), at, b.reasons[code])
	if a.Strays() {
		rollout, _, _ := bytes.Cut(r[payInstruction], []byte("."))
		number := append(append(bytes.Clone(rollout), ".9"...), appendPadded(nil, int64(digest(r[payInstruction])%1_000_000), 6)...)
		a.Stray(append(number, ".9"...), r[payCardNo], r[payPAN], r[payFen], []byte(resultDone), a.Stamp(), nil)
	}
}

// repeatPayment answers an instruction that has come again with what is true of it, in the bank's own words.
func (b *Bank) repeatPayment(r exchange.Row, a *exchange.Answer, before credit) {
	code := payResults[before.result]
	a.Record(exchange.Entry{
		Event: []byte(EventPayRepeated), Number: r[payInstruction], CardNo: r[payCardNo], PAN: r[payPAN], Result: []byte(code),
		Detail: appendFen(nil, before.fen),
	})
	pan := r[payPAN]
	if before.pan != 0 {
		pan = strconv.AppendUint(nil, before.pan, 10)
	}
	a.Reply(r[payInstruction], r[payCardNo], pan, strconv.AppendInt(nil, before.fen, 10), []byte(code), moment(before.at), b.reasons[code])
}

// enquirePayment: ref, instruction, card_no, amount → as an answer to the payment, with 90 for one that never came.
func (b *Bank) enquirePayment(r exchange.Row, a *exchange.Answer) {
	code, pan, fen, at := resultUnknown, []byte(nil), r[askFen], []byte(nil)
	_, key, ok := b.till.instruction(r[askInstruction])
	if c, seen := b.till.credit(key); ok && seen && c.result != neverCame {
		code, at = payResults[c.result], moment(c.at)
		fen = strconv.AppendInt(nil, c.fen, 10)
		if c.pan != 0 {
			pan = strconv.AppendUint(nil, c.pan, 10)
		}
		if a.Code() == resultTimeout {
			code, at = resultTimeout, nil
		}
	}
	a.Record(exchange.Entry{
		Event: []byte(EventPayEnquired), Number: r[askInstruction], CardNo: r[askCardNo], PAN: pan, Result: []byte(code),
	})
	a.Reply(r[askInstruction], r[askCardNo], pan, fen, []byte(code), at, b.reasons[code])
}

// record writes a payment's line: the instruction as number, the block that it was drawn from as account.
func (b *Bank) record(a *exchange.Answer, event string, p *payment, code string) {
	b.line = appendFen(b.line[:0], p.credit.fen)
	a.Record(exchange.Entry{
		Event: []byte(event), Number: p.row[payInstruction], CardNo: p.row[payCardNo], PAN: p.row[payPAN],
		Account: []byte(p.block), Result: []byte(code), Detail: b.line,
	})
}

const fenKey = "fen="

func appendFen(p []byte, fen int64) []byte { return strconv.AppendInt(append(p, fenKey...), fen, 10) }

// fenIn reads what appendFen has written at the beginning of a detail.
func fenIn(detail []byte) int64 {
	text, _, _ := bytes.Cut(bytes.TrimPrefix(detail, []byte(fenKey)), []byte(" "))
	fen, _ := strconv.ParseInt(string(text), 10, 64)
	return fen
}

// digits reads a PAN that a bank could have: 62…, 16 to 19 digits, Luhn; 0 for another.
func digits(pan []byte) uint64 {
	if len(pan) < 16 || len(pan) > 19 || !bytes.HasPrefix(pan, []byte("62")) {
		return 0
	}
	n, err := strconv.ParseUint(string(pan), 10, 64)
	if err != nil || luhn(pan[:len(pan)-1]) != pan[len(pan)-1] {
		return 0
	}
	return n
}

// replayPayment keeps what a line of the ledger says of an instruction.
func (b *Bank) replayPayment(e *exchange.Entry) {
	_, key, ok := b.till.instruction(e.Number)
	if !ok || string(e.Event) == EventPayEnquired && string(e.Result) != resultUnknown {
		return
	}
	fen := fenIn(e.Detail)
	c := credit{pan: digits(e.PAN), fen: fen, at: b.till.second(e.Time), result: resultIndex(string(e.Result))}
	switch string(e.Event) {
	case EventPaid:
		b.till.draw(&b.till.kept, string(e.Account), fen)
	case EventReturned:
		b.till.draw(&b.till.kept, string(e.Account), -fen)
	}
	b.till.kept.credits[key] = c
}
