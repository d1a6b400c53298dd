package sim

import (
	"bytes"
	"strconv"

	exchange "onecard/connectors/exchange/sim"
)

// Fields of an account request: ref, card_no, doc_type, number, name, sex, birth, phone, address, outlet.
const (
	openCardNo = iota + 1
	openDoc
	openNumber
	openName
	openSex
	openBirth
	openPhone
	openAddress
	openOutlet
	openFields
)

var openCodes = []string{"E01", "E02", "E03", "E04", "E09"}

// open answers ref, card_no, pan, account, result, reason.
func (b *Bank) open(r exchange.Row, a *exchange.Answer) {
	code := b.examine(r)
	if code == "" {
		code = a.Code()
	}
	e := exchange.Entry{Event: []byte(EventOpened), Number: r[openNumber], CardNo: r[openCardNo]}
	if code != "" {
		e.Event, e.Result = []byte(EventRefused), []byte(code)
		a.Record(e)
		a.Reply(r[openCardNo], nil, nil, []byte(code), b.reasons[code])
		return
	}
	e.PAN, e.Account = b.numbers(b.space[:0], a.Serial())
	e.Result = []byte(resultDone)
	a.Record(e)
	a.Reply(r[openCardNo], e.PAN, e.Account, []byte(resultDone), nil)
}

// examine refuses what a bank could not open an account for.
func (b *Bank) examine(r exchange.Row) string {
	switch {
	case !carries(r[openName]):
		return "E03"
	case !cardNumber(r[openCardNo]), !document(r[openDoc], r[openNumber], r[openBirth]), !sex(r[openSex]), !calendar(r[openBirth]):
		return "E09"
	}
	return ""
}

// carries reports whether a name has arrived whole: a '?' or U+FFFD (84 31 A4 37) stands where a character was lost.
func carries(name []byte) bool {
	return len(bytes.TrimSpace(name)) > 0 && bytes.IndexByte(name, '?') < 0 && !bytes.Contains(name, []byte("\x84\x31\xa4\x37"))
}

// cardNumber checks a social-security-card number: 8 characters and the check character of GB 11714.
func cardNumber(n []byte) bool {
	if len(n) != 9 {
		return false
	}
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		c := n[i]
		switch {
		case c >= '0' && c <= '9':
			sum += weight * int(c-'0')
		case c >= 'A' && c <= 'Z':
			sum += weight * int(c-'A'+10)
		default:
			return false
		}
	}
	return n[8] == "0X987654321"[sum%11]
}

// document checks type and number: those with a GB 11643 check must hold it and agree with the birth date.
func document(kind, number, birth []byte) bool {
	switch string(kind) {
	case "01", "11":
		return identity(number) && bytes.Equal(number[6:14], birth)
	case "02", "03", "04", "05", "06", "07", "08":
		return len(number) > 0 && len(number) <= 18
	default:
		return false
	}
}

// identity checks the last character of an 18-character number (GB 11643).
func identity(n []byte) bool {
	if len(n) != 18 {
		return false
	}
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if n[i] < '0' || n[i] > '9' {
			return false
		}
		sum += weight * int(n[i]-'0')
	}
	return n[17] == "10X98765432"[sum%11]
}

func sex(s []byte) bool { return len(s) == 1 && (s[0] == '1' || s[0] == '2' || s[0] == '9') }

// calendar checks YYYYMMDD roughly: what a bank's form would let through.
func calendar(d []byte) bool {
	if len(d) != 8 {
		return false
	}
	n, err := strconv.Atoi(string(d))
	if err != nil {
		return false
	}
	month, day := n/100%100, n%100
	return n >= 1850_01_01 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}
