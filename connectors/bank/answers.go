package bank

import (
	"time"

	"onecard/card"
	"onecard/connectors/layout"
)

// Columns of the answers to account requests and enquiries.
const (
	colCardNo = iota
	colPAN
	colAccount
	colResult
	colNote
)

// Columns of the answer to an activation.
const (
	colActResult = iota + 1
	colActTime
	colActNote
)

func parseAccount(r *layout.Row) (card.AccountAnswer, error) {
	reason, known := accountResults[r.Fields[colResult]]
	if !known {
		return card.AccountAnswer{}, r.Fault(colResult, "a result: 00, E01, E02, E03, E04 or E09")
	}
	return accountOf(r, reason)
}

func parseEnquiry(r *layout.Row) (card.AccountAnswer, error) {
	reason, known := accountResults[r.Fields[colResult]]
	if !known && r.Fields[colResult] != card.ResultNeverReceived {
		return card.AccountAnswer{}, r.Fault(colResult, "a result: 00, 90, E01, E02, E03, E04 or E09")
	}
	return accountOf(r, reason)
}

// accountOf checks that there is an account exactly when the result says so: an account that comes with a refusal would
// be opened and forgotten.
func accountOf(r *layout.Row, reason card.Reason) (card.AccountAnswer, error) {
	number, err := numberIn(r, colCardNo)
	if err != nil {
		return card.AccountAnswer{}, err
	}
	pan, account, result := r.Fields[colPAN], r.Fields[colAccount], r.Fields[colResult]
	opened := result == card.ResultDone
	switch {
	case opened && !card.ValidPAN(pan):
		err = r.Fault(colPAN, "16 to 19 digits that begin with 62 and end with the right check digit")
	case opened && account == "":
		err = r.Fault(colAccount, "an account, for the result is 00")
	case !opened && pan != "":
		err = r.Fault(colPAN, "nothing, for the result is not 00")
	case !opened && account != "":
		err = r.Fault(colAccount, "nothing, for the result is not 00")
	}
	if err != nil {
		return card.AccountAnswer{}, err
	}
	return card.AccountAnswer{
		Ref: r.Ref, Number: number, PAN: pan, Account: account, Result: result, Reason: reason, Note: r.Fields[colNote],
	}, nil
}

func parseActivation(r *layout.Row) (card.ActivationAnswer, error) {
	number, err := numberIn(r, colCardNo)
	if err != nil {
		return card.ActivationAnswer{}, err
	}
	reason, known := activationResults[r.Fields[colActResult]]
	if !known {
		return card.ActivationAnswer{}, r.Fault(colActResult, "a result: 00, A01 or A09")
	}
	at, err := activationTime(r)
	if err != nil {
		return card.ActivationAnswer{}, err
	}
	return card.ActivationAnswer{
		Ref: r.Ref, Number: number, Result: r.Fields[colActResult], Reason: reason, At: at, Note: r.Fields[colActNote],
	}, nil
}

// activationTime returns when the account became active; a time beside a refusal tells nothing.
func activationTime(r *layout.Row) (time.Time, error) {
	if r.Fields[colActResult] != card.ResultDone {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("20060102150405", r.Fields[colActTime], china)
	if err != nil {
		return time.Time{}, r.Fault(colActTime, "a time YYYYMMDDHHMMSS, for the result is 00")
	}
	return at.UTC(), nil
}

func numberIn(r *layout.Row, column int) (card.Number, error) {
	if n := card.Number(r.Fields[column]); n.Valid() {
		return n, nil
	}
	return "", r.Fault(column, "a card number with the right check character")
}
