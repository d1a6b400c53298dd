package card

import (
	"time"
	"unicode/utf8"
)

// The longest texts that a row may hold, in characters.
const (
	MaxAddress  = 100
	MaxEmployer = 100
)

// MaxNameBytes is how much of a name the chip holds, in bytes of GB18030.
const MaxNameBytes = 50

// findings collects the reasons of one row, each once; a good row costs no allocation.
type findings []Reason

func (f *findings) add(r Reason) {
	for _, have := range *f {
		if have == r {
			return
		}
	}
	*f = append(*f, r)
}

func (f *findings) when(wrong bool, r Reason) {
	if wrong {
		f.add(r)
	}
}

// CheckApplication returns every reason against a normalised row together, in the order of the form, or nil for a good one.
// today is the business date in the location that it carries. Whether an encoding can carry the texts is the connectors'
// to say, whether the row occurs twice or the rollout covers its city and bank is the intake's.
func CheckApplication(a Application, today time.Time) []Reason {
	var found findings
	found.person(&a.Person, today)
	found.contact(&a.Person)
	found.service(&a)
	return found
}

func (f *findings) person(p *Person, today time.Time) {
	f.document(p)
	f.name(p.Name)
	f.when(p.Sex != Male && p.Sex != Female && p.Sex != NotStated, ReasonSexUnknown)
	f.ethnic(p)
	f.when(!validDate(p.Birth) || later(p.Birth, today), ReasonBirthDate)
	f.when(!plain(p.SSN), ReasonFieldCharacters)
}

func (f *findings) name(name string) {
	switch {
	case name == "":
		f.add(ReasonNameMissing)
	case !nameCharacters(name):
		f.add(ReasonNameCharacters)
	}
	f.when(minimumBytes(name) > MaxNameBytes, ReasonNameTooLong)
}

// ethnic may be empty for people from outside the mainland, whose documents state none.
func (f *findings) ethnic(p *Person) {
	if p.Ethnic == "" && p.DocType != DocResidentID && p.DocType != DocMilitaryOfficer && p.DocType != DocArmedPolice {
		return
	}
	known, ok := FindEthnic(p.Ethnic)
	f.when(!ok || known.Code != p.Ethnic, ReasonEthnicUnknown)
}

func (f *findings) contact(p *Person) {
	f.when(!phoneShape(p.Phone), ReasonPhone)
	f.when(p.Address == "", ReasonAddressMissing)
	f.when(utf8.RuneCountInString(p.Address) > MaxAddress, ReasonAddressTooLong)
	f.when(p.Postcode != "" && !only(p.Postcode, 6, 6, isDigit), ReasonPostcode)
	f.when(!plain(p.Address), ReasonFieldCharacters)
}

func (f *findings) service(a *Application) {
	city, ok := FindCity(a.City)
	f.when(!ok || city.Code != a.City, ReasonCityUnknown)
	bank, ok := FindBank(a.Bank)
	f.when(!ok || bank.Prefix != a.Bank, ReasonBankUnknown)
	f.distribution(a)
	f.when(a.Outlet != "" && !only(a.Outlet, 8, 14, isUpperOrDigit), ReasonOutletShape)
	f.when(!plain(a.EmployerNo) || !plain(a.EmployerName), ReasonFieldCharacters)
	f.when(len(a.EmployerNo) > 32 || utf8.RuneCountInString(a.EmployerName) > MaxEmployer, ReasonFieldTooLong)
}

func (f *findings) distribution(a *Application) {
	switch a.Mode {
	case Outlet:
		f.when(a.Outlet == "", ReasonOutletMissing)
	case Employer:
		f.when(a.EmployerNo == "" || a.EmployerName == "", ReasonEmployerMissing)
	case Post:
	default:
		f.add(ReasonModeUnknown)
	}
}

// later says whether date YYYYMMDD lies after today.
func later(date string, today time.Time) bool {
	year, month, day := today.Date()
	return number(date) > (year*100+int(month))*100+day
}

// phoneShape accepts a mainland mobile number, a land line with its area code (a dash between them is welcome), and an
// international number with + or 00 and the country code.
func phoneShape(s string) bool {
	switch {
	case len(s) < 9:
		return false
	case s[0] == '1':
		return only(s, 11, 11, isDigit) && s[1] >= '3'
	case s[:2] == "00":
		return only(s[2:], 8, 15, isDigit) && s[2] != '0'
	case s[0] == '0':
		return landLine(s)
	case s[0] == '+':
		return only(s[1:], 8, 15, isDigit) && s[1] != '0'
	}
	return false
}

// landLine: area code of three or four digits, then seven or eight digits.
func landLine(s string) bool {
	for _, area := range [2]int{3, 4} {
		line := s[area:]
		if line[0] == '-' {
			line = line[1:]
		}
		if only(s[:area], 3, 4, isDigit) && only(line, 7, 8, isDigit) {
			return true
		}
	}
	return false
}
