package bank

import (
	"strconv"
	"strings"
	"time"

	"onecard/card"
	"onecard/connectors/layout"
)

// Columns of what banks tell about payments.
const (
	colPayInstruction = iota
	colPayCardNo
	colPayPAN
	colPayFen
	colPayResult
	colPayTime
	colPayNote
)

// Columns of the answer to an order on a payer's account.
const (
	colFundOrder = iota
	colFundResult
	colFundBalance
	colFundBlocked
	colFundTime
	colFundNote
)

// Columns of an account's state.
const (
	colStateResult = iota + 1
	colStateStatus
	colStateNote
)

// payReturns are the banks' codes for payments that come back: those of the domain themselves.
var payReturns = func() map[string]card.Reason {
	table := map[string]card.Reason{}
	for _, r := range card.ReturnReasons() {
		table[string(r)] = r
	}
	return table
}()

// returnWords names the codes in errors.
var returnWords = func() string {
	words := make([]string, 0, len(card.ReturnReasons()))
	for _, r := range card.ReturnReasons() {
		words = append(words, string(r))
	}
	return strings.Join(words, ", ")
}()

// fundResults are the banks' codes for orders on payers' accounts.
var fundResults = map[string]card.Reason{
	card.ResultDone: "",
	"F01":           card.ReasonFundsF01,
	"F02":           card.ReasonFundsF02,
	"F03":           card.ReasonFundsF03,
	"F09":           card.ReasonFundsF09,
}

// stateResults are the banks' codes for queries about accounts.
var stateResults = map[string]card.Reason{
	card.ResultDone: "",
	"Q01":           card.ReasonStateQ01,
	"Q02":           card.ReasonStateQ02,
	"Q09":           card.ReasonStateQ09,
}

var accountStatuses = map[string]card.AccountStatus{
	"0": card.NotActivated, "1": card.Active, "2": card.Lost, "3": card.Frozen, "9": card.Closed,
}

func parsePayment(r *layout.Row) (card.PayAnswer, error) {
	if _, known := payReturns[r.Fields[colPayResult]]; !known && r.Fields[colPayResult] != card.ResultDone {
		return card.PayAnswer{}, r.Fault(colPayResult, "a result: 00, "+returnWords)
	}
	return paymentOf(r)
}

func parsePayEnquiry(r *layout.Row) (card.PayAnswer, error) {
	result := r.Fields[colPayResult]
	if _, known := payReturns[result]; !known && result != card.ResultDone && result != card.ResultNeverReceived {
		return card.PayAnswer{}, r.Fault(colPayResult, "a result: 00, 90, "+returnWords)
	}
	return paymentOf(r)
}

func parsePayback(r *layout.Row) (card.PayAnswer, error) {
	reason, known := payReturns[r.Fields[colPayResult]]
	if !known || reason.OutcomeOpen() {
		return card.PayAnswer{}, r.Fault(colPayResult, "why it came back: one of "+returnWords+" but for BANK_TIMEOUT")
	}
	return paymentOf(r)
}

// paymentOf reads a row whose result is known: money that was credited has a time and an account.
func paymentOf(r *layout.Row) (card.PayAnswer, error) {
	result, pan := r.Fields[colPayResult], r.Fields[colPayPAN]
	number, fault := numberIn(r, colPayCardNo)
	if fault != nil {
		return card.PayAnswer{}, fault
	}
	fen := fenOf(r, colPayFen)
	switch {
	case !card.ValidPAN(pan) && (pan != "" || result != card.ResultNeverReceived):
		return card.PayAnswer{}, r.Fault(colPayPAN, "16 to 19 digits that begin with 62 and end with the right check digit")
	case fen == 0:
		return card.PayAnswer{}, r.Fault(colPayFen, "an amount above 0")
	case r.Fields[colPayTime] == "" && result == card.ResultDone:
		return card.PayAnswer{}, r.Fault(colPayTime, "a time YYYYMMDDHHMMSS, for the result is 00")
	}
	return card.PayAnswer{
		Ref: r.Ref, Instruction: r.Fields[colPayInstruction], Number: number, PAN: pan, Fen: fen, Result: result,
		Reason: payReturns[result], At: momentOf(r, colPayTime), Note: r.Fields[colPayNote],
	}, nil
}

func parseFund(r *layout.Row) (card.FundAnswer, error) {
	reason, known := fundResults[r.Fields[colFundResult]]
	if !known {
		return card.FundAnswer{}, r.Fault(colFundResult, "a result: 00, F01, F02, F03 or F09")
	}
	return card.FundAnswer{
		Ref: r.Ref, Order: r.Fields[colFundOrder], Result: r.Fields[colFundResult], Reason: reason,
		Balance: fenOf(r, colFundBalance), Blocked: fenOf(r, colFundBlocked),
		At: momentOf(r, colFundTime), Note: r.Fields[colFundNote],
	}, nil
}

func parseState(r *layout.Row) (card.AccountState, error) {
	number, err := numberIn(r, colCardNo)
	if err != nil {
		return card.AccountState{}, err
	}
	result, code := r.Fields[colStateResult], r.Fields[colStateStatus]
	reason, known := stateResults[result]
	status, told := accountStatuses[code]
	switch {
	case !known:
		err = r.Fault(colStateResult, "a result: 00, Q01, Q02 or Q09")
	case code != "" && !told:
		err = r.Fault(colStateStatus, "a status: 0, 1, 2, 3 or 9")
	case !told && result == card.ResultDone:
		err = r.Fault(colStateStatus, "a status, for the result is 00")
	case told && reason == card.ReasonStateQ02:
		err = r.Fault(colStateStatus, "nothing, for the result is Q02")
	}
	if err != nil {
		return card.AccountState{}, err
	}
	return card.AccountState{
		Ref: r.Ref, Number: number, Result: result, Reason: reason, Status: status, Known: told, Note: r.Fields[colStateNote],
	}, nil
}

// fenOf reads an amount, which the layout has found to be one.
func fenOf(r *layout.Row, column int) int64 {
	fen, _ := strconv.ParseInt(r.Fields[column], 10, 64)
	return fen
}

// momentOf reads a time, which the layout has found to be one, or zero where there is none.
func momentOf(r *layout.Row, column int) time.Time {
	at, err := time.ParseInLocation("20060102150405", r.Fields[column], china)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
