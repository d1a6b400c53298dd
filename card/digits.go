package card

import (
	"strconv"
	"strings"
)

// Luhn says whether the last digit of pan is right by ISO/IEC 7812-1. It looks at digits only; see ValidPAN.
func Luhn(pan string) bool {
	last := len(pan) - 1
	return last > 0 && pan[last] == PANCheck(pan[:last])
}

// PANCheck returns the Luhn digit that follows body, or 0 when body is empty or holds anything but digits.
func PANCheck(body string) byte {
	if !only(body, 1, 32, isDigit) {
		return 0
	}
	sum := 0
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			d = d*2 - d/5*9
		}
		sum += d
	}
	return "0987654321"[sum%10]
}

// ValidPAN says whether pan is a card number of a mainland bank: prefix 62, 16 to 19 digits, right Luhn digit.
func ValidPAN(pan string) bool {
	return only(pan, 16, 19, isDigit) && pan[:2] == "62" && Luhn(pan)
}

// SynthesizePAN returns an invented PAN of 19 digits: iin, the serial padded with zeros, and the Luhn digit. A serial too
// long for its place loses its leading digits; an iin that leaves no place for a serial gives an empty text. Invented PANs
// start with 629999, which no bank bears.
func SynthesizePAN(iin string, serial int64) string {
	const length = 18
	if !only(iin, 1, length-1, isDigit) || serial < 0 {
		return ""
	}
	digits := strconv.FormatInt(serial, 10)
	place := length - len(iin)
	if len(digits) > place {
		digits = digits[len(digits)-place:]
	}
	body := iin + strings.Repeat("0", place-len(digits)) + digits
	return body + string(rune(PANCheck(body)))
}

// CNAPSCheck returns the check digit (ISO 7064 MOD 11,10) of the first eleven digits of a CNAPS number, or 0 when body is
// not eleven digits.
func CNAPSCheck(body string) byte {
	if !only(body, 11, 11, isDigit) {
		return 0
	}
	p := 10
	for i := range len(body) {
		s := (p + int(body[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return "0123456789"[(11-p)%10]
}

// ValidCNAPS says whether s is a CNAPS number: twelve digits, 3 bank + 4 city + 4 branch + 1 check.
func ValidCNAPS(s string) bool {
	return len(s) == 12 && s[11] == CNAPSCheck(s[:11])
}

const orgAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var orgWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// OrgCodeCheck returns the check character of the first seventeen characters of a unified social credit code (GB 32100),
// or 0 when body is not seventeen characters of its alphabet.
func OrgCodeCheck(body string) byte {
	if len(body) != 17 {
		return 0
	}
	sum := 0
	for i, weight := range orgWeights {
		value := strings.IndexByte(orgAlphabet, body[i])
		if value < 0 {
			return 0
		}
		sum += weight * value
	}
	return orgAlphabet[(31-sum%31)%31]
}

// ValidOrgCode says whether s is a unified social credit code (GB 32100): 18 characters whose check character is right, as
// is that of the GB 11714 code inside (characters 9 to 17).
func ValidOrgCode(s string) bool {
	return len(s) == 18 && s[17] == OrgCodeCheck(s[:17]) && s[16] == NumberCheck(s[8:16])
}
