package card

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ResidentID is what a number of GB 11643 says about its bearer. Area is the district of first registration, which may have
// been dissolved long ago; Birth is YYYYMMDD.
type ResidentID struct {
	Area  string
	Birth string
	Sex   Sex
}

// maxDocLength is how many bytes the chip holds for the number of a document, tag 08.
const maxDocLength = 18

var (
	idWeights   = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	errResident = errors.New("not a number of GB 11643")
	areasHMT    = [...]string{"810000", "820000", "830000"}
)

// CheckDigit returns the check character of the first seventeen digits of a resident identity number (GB 11643, ISO 7064
// MOD 11-2), or 0 when body is not seventeen digits.
func CheckDigit(body string) byte {
	if !only(body, 17, 17, isDigit) {
		return 0
	}
	sum := 0
	for i, weight := range idWeights {
		sum += weight * int(body[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// CheckResidentID returns everything that is wrong with a normalised number of GB 11643, or nil. It never looks the area
// code up, for people keep the code of a district that no longer exists; residence permits of Hong Kong, Macao and Taiwan
// residents pass as well.
func CheckResidentID(s string) []Reason {
	var found findings
	found.residentID(s)
	return found
}

// ParseResidentID reads a normalised number of GB 11643. A wrong one is an Invalid Error with the first of its reasons; the
// error does not repeat the number.
func ParseResidentID(s string) (ResidentID, error) {
	if wrong := CheckResidentID(s); len(wrong) > 0 {
		return ResidentID{}, E(Invalid, "parse identity number", wrong[0], errResident)
	}
	return ResidentID{Area: s[:6], Birth: s[6:14], Sex: sexOf(s)}, nil
}

// SynthesizeSSN returns an invented number of GB 11643: area of six digits, birth date YYYYMMDD, seq from 0 to 999 (odd is
// male), check character. Malformed parts give an empty text. Invented numbers use the prefecture code of a city that has
// counties, such as 440100, which real ones practically never carry.
func SynthesizeSSN(area6, birth8 string, seq int) string {
	if !only(area6, 6, 6, isDigit) || !validDate(birth8) || seq < 0 || seq > 999 {
		return ""
	}
	const digits = "0123456789"
	b := make([]byte, 0, 18)
	b = append(append(b, area6...), birth8...)
	b = append(b, digits[seq/100], digits[seq/10%10], digits[seq%10])
	return string(append(b, CheckDigit(string(b))))
}

// sexOf reads the seventeenth digit of a number that has been checked: odd is male.
func sexOf(s string) Sex {
	if (s[16]-'0')%2 == 1 {
		return Male
	}
	return Female
}

func hmtArea(s string) bool {
	for _, area := range areasHMT {
		if strings.HasPrefix(s, area) {
			return true
		}
	}
	return false
}

// residentID adds what is wrong with a number of GB 11643 and says whether birth date and sex can be read from it.
func (f *findings) residentID(s string) bool {
	switch {
	case s == "":
		f.add(ReasonIDMissing)
	case utf8.RuneCountInString(s) != 18:
		f.add(ReasonIDLength)
	case !only(s[:17], 17, 17, isDigit) || !isDigit(s[17]) && s[17] != 'X':
		f.add(ReasonIDCharacters)
	case CheckDigit(s[:17]) != s[17]:
		f.add(ReasonIDCheckDigit)
		if !validDate(s[6:14]) {
			f.add(ReasonIDBirthDate)
		}
	case !validDate(s[6:14]):
		f.add(ReasonIDBirthDate)
	default:
		return true
	}
	return false
}

// document adds what is wrong with the number of p's document.
func (f *findings) document(p *Person) {
	switch p.DocType {
	case DocResidentID:
		f.when(f.resident(p) && hmtArea(p.SSN), ReasonDocShape)
	case DocHMTResidence:
		f.when(f.resident(p) && !hmtArea(p.SSN), ReasonIDAreaNotHMT)
	case DocHKPermit, DocMacaoPermit, DocTaiwanPermit, DocForeignPR, DocPassport, DocMilitaryOfficer, DocArmedPolice:
		f.otherDocument(p.DocType, p.SSN)
	default:
		f.add(ReasonDocTypeUnknown)
	}
}

// resident checks a number of GB 11643 and compares it with the sex and birth date beside it. Sex "not stated" contradicts
// no number. It says whether the number itself is right.
func (f *findings) resident(p *Person) bool {
	if !f.residentID(p.SSN) {
		return false
	}
	if (p.Sex == Male || p.Sex == Female) && p.Sex != sexOf(p.SSN) {
		f.add(ReasonIDSexDiffers)
	}
	if validDate(p.Birth) && p.Birth != p.SSN[6:14] {
		f.add(ReasonIDBirthDiffers)
	}
	return true
}

func (f *findings) otherDocument(t DocType, number string) {
	switch {
	case number == "":
		f.add(ReasonIDMissing)
	case !documentShapes[t](number):
		f.add(ReasonDocShape)
	}
}

// documentShapes knows the documents that carry no check that may refuse a row, only a shape.
var documentShapes = map[DocType]func(string) bool{
	DocMilitaryOfficer: officerShape,
	DocArmedPolice:     officerShape,
	DocHKPermit:        func(s string) bool { return permitShape(s, 'H') },
	DocMacaoPermit:     func(s string) bool { return permitShape(s, 'M') },
	DocTaiwanPermit:    func(s string) bool { return only(s, 8, 8, isDigit) },
	DocForeignPR:       foreignPRShape,
	DocPassport:        func(s string) bool { return only(s, 5, maxDocLength, isUpperOrDigit) },
}

// officerShape: free text as far as the chip holds it.
func officerShape(s string) bool { return minimumBytes(s) <= maxDocLength }

// permitShape: a letter and eight digits, ten on old cards.
func permitShape(s string, letter byte) bool {
	return (len(s) == 9 || len(s) == 11) && s[0] == letter && only(s[1:], 8, 10, isDigit)
}

// foreignPRShape: three letters and twelve digits (2017 edition), or eighteen characters that start with 9 (2023 edition).
func foreignPRShape(s string) bool {
	if len(s) == 15 {
		return only(s[:3], 3, 3, isUpper) && only(s[3:], 12, 12, isDigit)
	}
	return len(s) == 18 && s[0] == '9' && only(s[:17], 17, 17, isDigit) && isUpperOrDigit(s[17])
}
