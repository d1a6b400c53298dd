package card

import (
	"errors"
	"fmt"
)

// Number is a card number: eight digits or capitals and a check character computed as in GB 11714, such as D00000128.
// Numbers of some other provinces fail the check; only what the own province issues is held to it.
type Number string

var (
	errNumberBody = errors.New("the body of a card number is eight digits or capitals")
	bodyWeights   = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
)

// NumberCheck returns the check character of an eight-character body, or 0 when body is not eight digits or capitals.
func NumberCheck(body string) byte {
	if !only(body, 8, 8, isUpperOrDigit) {
		return 0
	}
	sum := 0
	for i, weight := range bodyWeights {
		sum += weight * alphanumeric(body[i])
	}
	return "0X987654321"[sum%11]
}

// MakeNumber appends the check character to an eight-character body.
func MakeNumber(body string) (Number, error) {
	c := NumberCheck(body)
	if c == 0 {
		return "", E(Invalid, "make card number", "", errNumberBody)
	}
	return Number(body + string(rune(c))), nil
}

// Valid says whether n has nine characters and the right check character.
func (n Number) Valid() bool {
	return len(n) == 9 && n[8] == NumberCheck(string(n[:8]))
}

// alphanumeric returns the value of a digit or capital in GB 11714: 0–9, A = 10 … Z = 35.
func alphanumeric(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c-'A') + 10
}

// IdentCode is a card identification code: 16 bytes as 32 upper-case hex characters. Area (6 digits), RID D156000005,
// serial (4 bytes), check value (4 bytes, computed with the issuer's key and opaque to the hub).
type IdentCode string

const issuerRID = "D156000005"

// MakeIdentCode joins a six-digit area, a serial and a check value.
func MakeIdentCode(area string, serial, check uint32) IdentCode {
	return IdentCode(fmt.Sprintf("%s%s%08X%08X", area, issuerRID, serial, check))
}

// Valid says whether c has the length, the characters, a numeric area and the RID. The check value is not looked at.
func (c IdentCode) Valid() bool {
	s := string(c)
	return only(s, 32, 32, isUpperHex) && only(s[:6], 6, 6, isDigit) && s[6:16] == issuerRID
}

// Area returns the six digits of the issuing area of a valid code.
func (c IdentCode) Area() string {
	if len(c) < 6 {
		return ""
	}
	return string(c[:6])
}

// AtrHistory is the 13 historical bytes of a chip's ATR as 26 upper-case hex characters, and nothing else of the ATR.
type AtrHistory string

// Valid says whether h is 26 upper-case hex characters.
func (h AtrHistory) Valid() bool { return only(string(h), 26, 26, isUpperHex) }
