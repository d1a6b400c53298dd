package roster

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"onecard/card"
)

// application reads a row's texts. What is in none of the code tables stays as it was written, so that the check names it.
func application(number int, c *[columns]string) card.Application {
	return card.Application{
		Row: number,
		Person: card.Person{
			DocType:  docType(trim(c[colDocType])),
			SSN:      card.NormalizeSSN(trim(c[colSSN])),
			Name:     card.NormalizeName(trim(c[colName])),
			Sex:      sex(trim(c[colSex])),
			Ethnic:   ethnic(trim(c[colEthnic])),
			Birth:    date(trim(c[colBirth])),
			Phone:    phone(trim(c[colPhone])),
			Address:  trim(c[colAddress]),
			Postcode: code(trim(c[colPostcode])),
		},
		City:         city(trim(c[colCity])),
		Bank:         bank(trim(c[colBank])),
		Outlet:       code(trim(c[colOutlet])),
		Mode:         mode(trim(c[colMode])),
		EmployerNo:   code(trim(c[colEmployerNo])),
		EmployerName: trim(c[colEmployerName]),
	}
}

// trim takes off blanks of every kind, characters without width, and the apostrophe that marks a cell as text.
func trim(s string) string {
	if s == "" || ink(s[0]) && ink(s[len(s)-1]) {
		return s
	}
	s = strings.TrimFunc(s, blank)
	if rest, marked := strings.CutPrefix(s, "'"); marked {
		s = strings.TrimFunc(rest, blank)
	}
	return s
}

// ink tells of a byte that it is neither blank nor the mark of a text cell nor part of a character beyond ASCII.
func ink(b byte) bool { return b > ' ' && b < 0x7F && b != '\'' }

func blank(r rune) bool {
	if r > 0x3000 {
		return r == 0xFEFF
	}
	return r == ' ' || unicode.IsSpace(r) || r >= 0x200B && r <= 0x200F || r == 0x2060
}

func docType(s string) card.DocType {
	if t, ok := card.FindDocType(s); ok {
		return t
	}
	return card.DocType(s)
}

func sex(s string) card.Sex {
	if x, ok := card.FindSex(s); ok {
		return x
	}
	return card.Sex(s)
}

func ethnic(s string) string {
	if e, ok := card.FindEthnic(padded(s)); ok {
		return e.Code
	}
	return s
}

// padded gives a code back the zero in front that a cell typed as a number has lost.
func padded(s string) string {
	if len(s) == 1 && s[0] >= '0' && s[0] <= '9' {
		return "0" + s
	}
	return s
}

func city(s string) string {
	if c, ok := card.FindCity(strings.TrimPrefix(s, "广东省")); ok {
		return c.Code
	}
	return s
}

func bank(s string) string {
	if b, ok := card.FindBank(strings.TrimSuffix(s, "股份有限公司")); ok {
		return b.Prefix
	}
	return s
}

func mode(s string) card.DistributionMode {
	if m, ok := card.FindMode(s); ok {
		return m
	}
	return card.DistributionMode(s)
}

// code writes full-width characters as plain ones and letters as capitals, and drops blanks.
func code(s string) string {
	for i := range len(s) {
		if b := s[i]; b == ' ' || b >= 0x7F || b >= 'a' && b <= 'z' {
			return card.NormalizeSSN(s)
		}
	}
	return s
}

// phone drops what people put between the digits, and the country code in front of a mainland mobile number.
func phone(s string) string {
	if len(s) == 11 && s[0] == '1' {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r == '(' || r == ')' || r == '.' {
			return -1
		}
		return r
	}, card.NormalizeSSN(s))
	for _, country := range [...]string{"+86", "0086", "86-", "86"} {
		rest := strings.ReplaceAll(strings.TrimPrefix(s, country), "-", "")
		if strings.HasPrefix(s, country) && len(rest) == 11 && rest[0] == '1' {
			return rest
		}
	}
	if strings.HasPrefix(s, "1") {
		return strings.ReplaceAll(s, "-", "")
	}
	return s
}

// date writes a date as YYYYMMDD. What is no date stays as it is.
func date(s string) string {
	if len(s) == 8 && digits(s) {
		return s
	}
	s, _, _ = strings.Cut(card.NormalizeSSN(strings.Replace(s, " ", "T", 1)), "T")
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/.年月日", r) })
	if len(parts) != 3 || len(parts[0]) != 4 {
		return s
	}
	day := parts[0] + padded(parts[1]) + padded(parts[2])
	if len(day) != 8 || !digits(day) {
		return s
	}
	return day
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// serialLimit is 31 December 9999 as a serial number, and less than any date written YYYYMMDD.
const serialLimit = 2958465

// serialDate reads a date that a workbook keeps as the number of days since its epoch.
func serialDate(s string, from1904 bool) string {
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 1 || n > serialLimit {
		return s
	}
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60: // the calendar of 1900 has a 29 February, which the year had not
		zero = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return zero.AddDate(0, 0, n).Format("20060102")
}
