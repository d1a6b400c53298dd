package layout

import (
	"slices"

	"onecard/card"
)

// Fields that several messages have.
var (
	cardNo   = Field{Name: "card_no", Shape: Code, Min: 9, Max: 9}
	docType  = Field{Name: "doc_type", Shape: Digits, Min: 2, Max: 2, Codes: codesOf(card.DocTypes())}
	number   = Field{Name: "number", Max: 18, Personal: true}
	name     = Field{Name: "name", Max: 50, Personal: true}
	birth    = Field{Name: "birth", Shape: Date, Optional: true, Personal: true}
	phone    = Field{Name: "phone", Max: 24, Optional: true, Personal: true}
	address  = Field{Name: "address", Max: card.MaxAddress, Optional: true, Personal: true}
	outlet   = Field{Name: "outlet", Shape: Code, Max: 14, Optional: true}
	pan      = Field{Name: "pan", Shape: Digits, Min: 16, Max: 19, Personal: true}
	noPAN    = Field{Name: "pan", Shape: Digits, Min: 16, Max: 19, Optional: true, Personal: true}
	account  = Field{Name: "account", Shape: Code, Max: 32, Optional: true, Personal: true}
	note     = Field{Name: "reason", Max: 200, Optional: true, Personal: true}
	remark   = Field{Name: "note", Max: 200, Optional: true, Personal: true}
	when     = Field{Name: "time", Shape: Moment, Optional: true}
	transfer = Field{Name: "instruction", Shape: Code, Max: 32}
	amount   = Field{Name: "amount", Shape: Amount}
	order    = Field{Name: "order", Shape: Code, Max: 40}
)

// result is a field of result codes; shape and length are those of the codes.
func result(shape Shape, codes ...string) Field {
	least, most := len(codes[0]), len(codes[0])
	for _, c := range codes {
		least, most = min(least, len(c)), max(most, len(c))
	}
	return Field{Name: "result", Shape: shape, Min: least, Max: most, Codes: codes}
}

// needed is f where no partner can do without it.
func needed(f Field) Field {
	f.Needed = true
	return f
}

// messages are all files that are exchanged, own convention. Partner connectors fill and read the fields by their place.
var messages = []Message{
	{Kind: card.MatchReq, Fields: []Field{docType, number, name, birth}},
	{Kind: card.MatchRet, Answers: card.MatchReq, Inward: true, Fields: []Field{
		number, result(Digits, card.ResultDone, "01", "02", "03"), {Name: "died", Shape: Date, Optional: true, Personal: true},
	}},
	{Kind: card.AcctReq, Fields: []Field{
		cardNo, docType, number, name,
		{Name: "sex", Shape: Digits, Min: 1, Max: 1, Personal: true, Codes: []string{"1", "2", "9"}},
		birth, phone, address, outlet,
	}},
	{Kind: card.AcctRet, Answers: card.AcctReq, Inward: true, Fields: []Field{
		cardNo, noPAN, account, result(Code, card.ResultDone, "E01", "E02", "E03", "E04", "E09"), note,
	}},
	{Kind: card.AcctEnq, Fields: []Field{cardNo, number}},
	{Kind: card.AcctEnr, Answers: card.AcctEnq, Inward: true, Fields: []Field{
		cardNo, noPAN, account, result(Code, card.ResultDone, card.ResultNeverReceived, "E01", "E02", "E03", "E04", "E09"), note,
	}},
	{Kind: card.CardReq, Fields: []Field{
		cardNo, number, name, pan, {Name: "face", Shape: Code, Max: 16}, outlet,
		{Name: "ef05", Shape: Hex, Max: 512}, {Name: "ef06", Shape: Hex, Max: 512, Personal: true},
	}},
	{Kind: card.CardRet, Answers: card.CardReq, Inward: true, Fields: []Field{
		cardNo,
		{Name: "ident_code", Shape: Hex, Min: 32, Max: 32, Optional: true},
		{Name: "atr_history", Shape: Hex, Min: 26, Max: 26, Optional: true},
		{Name: "position", Shape: Code, Min: 11, Max: 11, Optional: true},
		result(Code, card.ResultDone, "M01", "M02", "M03", "M09"), note,
	}},
	{Kind: card.Dispatch, Fields: []Field{
		cardNo,
		{Name: "mode", Shape: Code, Min: 1, Max: 1, Codes: codesOf(card.DistributionModes())},
		outlet,
		{Name: "employer_no", Max: 32, Optional: true},
		{Name: "employer_name", Max: card.MaxEmployer, Optional: true},
		{Name: "tracking", Shape: Code, Max: 32, Optional: true},
		name, phone, address,
	}},
	{Kind: card.Report, Inward: true, Fields: []Field{
		cardNo,
		{Name: "event", Shape: Code, Min: 1, Max: 1, Codes: []string{
			string(card.ReportArrived), string(card.ReportHanded), string(card.ReportReturned)}},
		{Name: "time", Shape: Moment},
		{Name: "proof", Shape: Digits, Min: 2, Max: 2, Optional: true, Codes: []string{string(card.ProofIDCard), string(card.ProofProxy)}},
		{Name: "clerk", Shape: Code, Max: 32, Optional: true},
		{Name: "dispatch", Shape: Code, Max: 64},
	}},
	{Kind: card.ActReq, Fields: []Field{cardNo, pan}},
	{Kind: card.ActRet, Answers: card.ActReq, Inward: true, Fields: []Field{
		cardNo, result(Code, card.ResultDone, "A01", "A09"), when, note,
	}},
	{Kind: card.PayReq, Fields: []Field{needed(transfer), cardNo, needed(pan), name, needed(amount), {Name: "purpose", Max: 60, Optional: true}}},
	{Kind: card.PayRet, Answers: card.PayReq, Inward: true, Fields: []Field{
		transfer, cardNo, pan, amount, result(Code, returns(card.ResultDone)...), when, note,
	}},
	{Kind: card.PayEnq, Fields: []Field{needed(transfer), cardNo, amount}},
	{Kind: card.PayEnr, Answers: card.PayEnq, Inward: true, Fields: []Field{
		transfer, cardNo, noPAN, amount, result(Code, returns(card.ResultDone, card.ResultNeverReceived)...), when, note,
	}},
	{Kind: card.PayBack, Inward: true, Fields: []Field{
		transfer, cardNo, pan, amount, result(Code, returns()...), {Name: "time", Shape: Moment}, note,
	}},
	{Kind: card.FundReq, Fields: []Field{
		needed(order),
		{Name: "action", Shape: Code, Min: 1, Max: 1, Needed: true, Codes: []string{
			string(card.FundBlock), string(card.FundRelease), string(card.FundQuery)}},
		{Name: "account", Shape: Digits, Max: 32, Needed: true, Personal: true},
		needed(amount), {Name: "block", Shape: Code, Max: 40, Optional: true, Needed: true},
	}},
	{Kind: card.FundRet, Answers: card.FundReq, Inward: true, Fields: []Field{
		order, result(Code, card.ResultDone, "F01", "F02", "F03", "F09"),
		{Name: "balance", Shape: Amount}, {Name: "blocked", Shape: Amount}, when, remark,
	}},
	{Kind: card.AcctQry, Fields: []Field{cardNo, pan, name}},
	{Kind: card.AcctSta, Answers: card.AcctQry, Inward: true, Fields: []Field{
		cardNo, result(Code, card.ResultDone, "Q01", "Q02", "Q09"),
		{Name: "status", Shape: Digits, Min: 1, Max: 1, Optional: true, Codes: []string{"0", "1", "2", "3", "9"}}, remark,
	}},
	// A roster is judged row by row with all reasons together, so that little is asked of its texts here.
	{Kind: card.PayList, Inward: true, Fields: []Field{
		{Name: "doc_type", Shape: Digits, Min: 2, Max: 2, Optional: true, Codes: codesOf(card.DocTypes())},
		{Name: "number", Max: 64, Optional: true, Personal: true}, {Name: "name", Max: 100, Optional: true, Personal: true}, amount, remark,
	}},
	{Kind: card.Receipt, Fields: []Field{
		{Name: "scope", Shape: Code, Min: 1, Max: 1, Codes: []string{"F", "R"}},
		result(Digits, string(card.Accepted), string(card.AcceptedInPart), string(card.RefusedWhole)),
		{Name: "code", Shape: Code, Max: 32, Optional: true},
		{Name: "row", Shape: Digits, Max: 10, Optional: true},
		{Name: "line", Shape: Digits, Max: 10, Optional: true},
		{Name: "column", Shape: Digits, Max: 4, Optional: true},
		{Name: "column_name", Max: 64, Optional: true},
		{Name: "found", Max: 200, Optional: true},
		{Name: "expected", Max: 200, Optional: true},
		{Name: "sm3", Shape: Hex, Min: 64, Max: 64, Optional: true},
		{Name: "zh", Max: 300},
		{Name: "en", Max: 600},
	}},
}

// returns are these results and the causes for which a payment comes back (退票).
func returns(others ...string) []string {
	for _, r := range card.ReturnReasons() {
		others = append(others, string(r))
	}
	return others
}

func codesOf(names []card.Name) []string {
	codes := make([]string, 0, len(names))
	for _, n := range names {
		codes = append(codes, n.Code)
	}
	return slices.Clip(codes)
}
