package card

import (
	"errors"
	"strings"
)

// Person is the holder of a card as the programme knows him or her. Every text is normalised UTF-8 (NormalizeName,
// NormalizeSSN) without control characters.
type Person struct {
	DocType  DocType
	SSN      string // number of the identity document, which is the social security number
	Name     string
	Sex      Sex
	Ethnic   string // GB/T 3304 code, two digits; empty for people from outside the mainland
	Birth    string // YYYYMMDD
	Phone    string
	Address  string
	Postcode string // six digits or empty
}

// Application is one row of a roster: a person who is to get a card, where, from which bank, and how it reaches him or her.
type Application struct {
	Row          int // row number in the roster, from 1
	Person       Person
	City         string // GB/T 2260 code
	Bank         string // CNAPS prefix, such as 102
	Outlet       string // code of the issuing point; needed for Outlet
	Mode         DistributionMode
	EmployerNo   string // needed, with the name, for Employer
	EmployerName string
}

// The first byte of a packed text tells what it holds and how, so that a later layout can stand beside this one.
const (
	packedPerson      = 0x01
	packedApplication = 0x02
	unitSeparator     = 0x1F
)

var errPacked = errors.New("text is not what this version packs")

// Pack returns p as one short text: a version byte, then the fields joined by the unit separator 0x1F. A field that itself
// holds 0x1F (CheckApplication refuses it) makes a text that UnpackPerson refuses.
func (p Person) Pack() []byte {
	f := p.fields()
	return pack(packedPerson, f[:])
}

// UnpackPerson reads what Person.Pack wrote. Anything else is a Breach, for sealed texts do not change by themselves.
func UnpackPerson(b []byte) (Person, error) {
	var f [9]string
	if !unpack(packedPerson, b, f[:]) {
		return Person{}, E(Breach, "unpack person", ReasonInvariantBreach, errPacked)
	}
	return personOf(f), nil
}

// Pack returns what is personal in a: person and employer together, as one text in the manner of Person.Pack. Row, city,
// bank, outlet and mode are not in it; they are columns of the ledger.
func (a Application) Pack() []byte {
	var f [11]string
	person := a.Person.fields()
	copy(f[:], person[:])
	f[9], f[10] = a.EmployerNo, a.EmployerName
	return pack(packedApplication, f[:])
}

// UnpackApplication reads what Application.Pack wrote: Person, EmployerNo and EmployerName are set, the rest is zero.
// Anything else is a Breach.
func UnpackApplication(b []byte) (Application, error) {
	var f [11]string
	if !unpack(packedApplication, b, f[:]) {
		return Application{}, E(Breach, "unpack application", ReasonInvariantBreach, errPacked)
	}
	return Application{Person: personOf([9]string(f[:9])), EmployerNo: f[9], EmployerName: f[10]}, nil
}

func (p Person) fields() [9]string {
	return [9]string{string(p.DocType), p.SSN, p.Name, string(p.Sex), p.Ethnic, p.Birth, p.Phone, p.Address, p.Postcode}
}

func personOf(f [9]string) Person {
	return Person{
		DocType: DocType(f[0]), SSN: f[1], Name: f[2], Sex: Sex(f[3]), Ethnic: f[4],
		Birth: f[5], Phone: f[6], Address: f[7], Postcode: f[8],
	}
}

func pack(version byte, fields []string) []byte {
	size := len(fields)
	for _, f := range fields {
		size += len(f)
	}
	b := append(make([]byte, 0, size), version)
	for i, f := range fields {
		if i > 0 {
			b = append(b, unitSeparator)
		}
		b = append(b, f...)
	}
	return b
}

// unpack fills fields from b; they share one string, so that a row costs one allocation.
func unpack(version byte, b []byte, fields []string) bool {
	if len(b) == 0 || b[0] != version {
		return false
	}
	rest := string(b[1:])
	for i := range len(fields) - 1 {
		field, after, found := strings.Cut(rest, "\x1f")
		if !found {
			return false
		}
		fields[i], rest = field, after
	}
	fields[len(fields)-1] = rest
	return !strings.Contains(rest, "\x1f")
}
