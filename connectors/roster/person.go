package roster

import (
	"strconv"
	"strings"

	"onecard/card"
)

// person is a row of a sample.
type person struct {
	cells [columns]string
	wrong wrongness
}

// wrongness is what a workbook can do to a cell and a text cannot.
type wrongness uint8

const (
	wrongNothing wrongness = iota
	wrongNumber
	wrongFormula
	wrongMerge
)

// Shares of people in a thousand.
const (
	shareResidence = 15 // with a residence permit of Hong Kong, Macao or Taiwan residents
	shareForeign   = 5
	shareMinority  = 60
	shareRare      = 10 // with a rare character in the name
)

// person makes the i-th person, of the mainland only when plain.
func (c *crowd) person(i int, plain bool, p *person) {
	c.source.Seed(c.o.Seed, uint64(i))                                   //nolint:gosec // a row index is never negative
	place := (c.start + uint64(i)) % c.numbers() * scatter % c.numbers() //nolint:gosec // as above
	birth, seq := c.days[place/numbersPerDay], int(place%numbersPerDay)
	*p = person{}
	p.cells[colBirth] = birth
	p.cells[colSex] = [2]string{"女", "男"}[seq%2]
	kind := c.IntN(1000)
	switch {
	case plain || kind >= shareResidence+shareForeign:
		c.mainland(p, birth, seq)
	case kind < shareResidence:
		c.residence(p, birth, seq)
	default:
		c.foreigner(p, birth, seq)
	}
	c.contact(p)
	c.service(p)
}

func (c *crowd) mainland(p *person, birth string, seq int) {
	p.cells[colDocType] = card.DocResidentID.Name().ZH
	p.cells[colSSN] = card.SynthesizeSSN(c.area, birth, seq)
	p.cells[colEthnic] = "汉"
	if c.IntN(1000) < shareMinority {
		c.minority(p)
		return
	}
	p.cells[colName] = c.hanName()
}

func (c *crowd) minority(p *person) {
	m := minorities[c.IntN(len(minorities))]
	p.cells[colEthnic] = m.ethnic
	if m.first == nil {
		p.cells[colName] = c.hanName()
		return
	}
	p.cells[colName] = m.first[c.IntN(len(m.first))] + string(card.NameDot) + m.last[c.IntN(len(m.last))]
}

func (c *crowd) hanName() string {
	family := surnames[min(c.IntN(len(surnames)), c.IntN(len(surnames)))]
	given := givenFirst[c.IntN(len(givenFirst))]
	switch n := c.IntN(1000); {
	case n < shareRare:
		return family + given + rare[c.IntN(len(rare))]
	case n < 200:
		return family + given
	}
	return family + given + givenLast[c.IntN(len(givenLast))]
}

func (c *crowd) residence(p *person, birth string, seq int) {
	area := [3]string{"810000", "820000", "830000"}[c.IntN(3)]
	p.cells[colDocType] = card.DocHMTResidence.Name().ZH
	p.cells[colSSN] = card.SynthesizeSSN(area, birth, seq)
	p.cells[colName] = c.hanName()
}

// foreigner has a permanent residence card of 2023 or, one in three, of 2017.
func (c *crowd) foreigner(p *person, birth string, seq int) {
	country := countries[c.IntN(len(countries))]
	p.cells[colDocType] = card.DocForeignPR.Name().ZH
	p.cells[colName] = latinLast[c.IntN(len(latinLast))] + " " + latinFirst[c.IntN(len(latinFirst))]
	number := strconv.Itoa(numbersPerDay + seq)[1:]
	if c.IntN(3) == 0 {
		p.cells[colSSN] = country.letters + c.area[:2] + birth[1:] + number
		return
	}
	body := "9" + c.area[:2] + country.digits + birth + number
	p.cells[colSSN] = body + string(rune(card.CheckDigit(body)))
}

// contact makes a phone number behind 154, which no operator has, and an address in a street that no city has.
func (c *crowd) contact(p *person) {
	p.cells[colPhone] = "154" + strconv.Itoa(100_000_000 + c.IntN(100_000_000))[1:]
	var b strings.Builder
	b.Grow(96)
	b.WriteString("广东省" + c.city.ZH + "市" + districts[c.IntN(len(districts))] + streets[c.IntN(len(streets))])
	b.WriteString(strconv.Itoa(1 + c.IntN(300)))
	b.WriteString("号")
	b.WriteString(strconv.Itoa(1 + c.IntN(40)))
	b.WriteString("栋")
	b.WriteString(strconv.Itoa(100*(1+c.IntN(30)) + 1 + c.IntN(8)))
	b.WriteString("房")
	p.cells[colAddress] = b.String()
	if c.IntN(10) > 0 {
		p.cells[colPostcode] = "5" + strconv.Itoa(100_000 + c.IntN(100_000))[1:]
	}
}

// outletsOfBank is how many outlets a bank has in a city.
const outletsOfBank = 12

func (c *crowd) service(p *person) {
	b := c.banks[min(c.IntN(len(c.banks)), c.IntN(len(c.banks)))]
	p.cells[colCity], p.cells[colBank] = c.city.ZH, b.ZH
	switch n := c.IntN(10); {
	case n < 7:
		p.cells[colMode] = card.Outlet.Name().ZH
		p.cells[colOutlet] = outletCode(c.city.Code, b.Prefix, 1+c.IntN(outletsOfBank))
	case n < 9:
		e := c.employers[c.IntN(len(c.employers))]
		p.cells[colMode], p.cells[colEmployerNo], p.cells[colEmployerName] = card.Employer.Name().ZH, e[0], e[1]
	default:
		p.cells[colMode] = card.Post.Name().ZH
	}
}

// outletCode makes the code of an outlet: city, bank, four digits (own convention).
func outletCode(city, bank string, n int) string {
	return city + bank + strconv.Itoa(10_000 + n)[1:]
}

// employers makes the employers of a city, with credit codes that hold (GB 32100).
func employers(city card.City) [][2]string {
	const count = 200
	all := make([][2]string, count)
	for i := range all {
		inner := "MA" + strconv.Itoa(1_000_000 + i)[1:]
		body := "91" + city.Code + inner + string(rune(card.NumberCheck(inner)))
		all[i][0] = body + string(rune(card.OrgCodeCheck(body)))
		all[i][1] = city.ZH + "示例" + trades[i%len(trades)] + "有限公司第" + strconv.Itoa(i+1) + "厂"
	}
	return all
}
