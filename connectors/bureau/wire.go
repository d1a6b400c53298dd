package bureau

import (
	"strings"

	"onecard/card"
	"onecard/connectors/layout"
)

// Columns of the answer.
const (
	colCardNo = iota
	colIdent
	colATR
	colPosition
	colResult
	colNote
)

// results are the bureaus' codes and what they mean to the hub.
var results = map[string]card.Reason{
	card.ResultDone: "",
	"M01":           card.ReasonMakeFailedM01,
	"M02":           card.ReasonMakeFailedM02,
	"M03":           card.ReasonMakeFailedM03,
	"M09":           card.ReasonMakeFailedM09,
}

func cardFields(o card.Order, fields []string) (int, []string, error) {
	holder, err := holderRecords(&o)
	if err != nil {
		return o.Ref, nil, err
	}
	return o.Ref, append(fields, string(o.Number), o.Person.SSN, o.Person.Name, o.PAN, o.Face, o.Outlet,
		upperHex(issuerRecords(&o)), upperHex(holder)), nil
}

func upperHex(b []byte) string {
	const digits = "0123456789ABCDEF"
	var s strings.Builder
	s.Grow(2 * len(b))
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func parseCard(r *layout.Row) (card.OrderAnswer, error) {
	a := card.OrderAnswer{
		Ref:      r.Ref,
		Number:   card.Number(r.Fields[colCardNo]),
		Ident:    card.IdentCode(strings.ToUpper(r.Fields[colIdent])),
		ATR:      card.AtrHistory(strings.ToUpper(r.Fields[colATR])),
		Position: r.Fields[colPosition],
		Result:   r.Fields[colResult],
		Note:     r.Fields[colNote],
	}
	reason, known := results[a.Result]
	a.Reason = reason
	made := a.Result == card.ResultDone
	switch {
	case !a.Number.Valid():
		return card.OrderAnswer{}, r.Fault(colCardNo, "a card number with the right check character")
	case !known:
		return card.OrderAnswer{}, r.Fault(colResult, "a result: 00, M01, M02, M03 or M09")
	case (made || a.Ident != "") && !ownIdent(a.Ident):
		return card.OrderAnswer{}, r.Fault(colIdent, "a prefecture of the province, D156000005, serial and check value in hex")
	case (made || a.ATR != "") && !a.ATR.Valid():
		return card.OrderAnswer{}, r.Fault(colATR, "26 hexadecimal digits, for the result is 00")
	case (made || a.Position != "") && !isPosition(a.Position):
		return card.OrderAnswer{}, r.Fault(colPosition, "bin, box and slot as 99-9999-999")
	}
	return a, nil
}

// province begins the area codes of the province.
const province = "44"

// ownIdent reports whether c is well formed and of an area of the province.
func ownIdent(c card.IdentCode) bool { return c.Valid() && strings.HasPrefix(c.Area(), province) }

// isPosition reports whether s is Bin-Box-Slot as 99-9999-999.
func isPosition(s string) bool {
	const form = "99-9999-999"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == '-' && s[i] != '-' || form[i] == '9' && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
