package bureau

import (
	"fmt"

	"onecard/card"
	"onecard/connectors/layout"
)

// What all cards of the third generation have in common.
const (
	category    = "1"    // 卡类别; its meaning is unknown, applications use 1
	specVersion = "3.00" // 规范版本
)

// initOrg returns the number of the organisation that initialises the chip (初始化机构编号), own convention: the registered
// prefix, the areas of province and prefecture, and 00 in place of the check byte, whose rule is not public.
func initOrg(city string) string { return "9156000002" + province + "0000" + city + "00" }

// issuerRecords returns the records 2 to 7 of EF05; record 1, the identification code, is the maker's.
func issuerRecords(o *card.Order) []byte {
	return card.EF05(card.EF05Data{
		Category:    category,
		SpecVersion: specVersion,
		InitOrg:     initOrg(o.City),
		IssueDate:   o.Issued,
		ValidUntil:  o.ValidUntil,
		CardNo:      o.Number,
	})
}

// holderRecords returns the records of EF06. Texts on the chip are GB18030, numbers of officers' cards too.
func holderRecords(o *card.Order) ([]byte, error) {
	p := &o.Person
	name, err := layout.GB18030.Encode(p.Name)
	if err != nil {
		return nil, card.E(card.Invalid, "bureau.encode name", card.ReasonNameUnencodable, err)
	}
	number, err := layout.GB18030.Encode(p.SSN)
	if err != nil {
		return nil, card.E(card.Invalid, "bureau.encode number", card.ReasonDocShape, err)
	}
	records, err := card.EF06(card.EF06Data{
		SSN:        string(number),
		Sex:        p.Sex,
		Ethnic:     p.Ethnic,
		Birthplace: birthplace(p),
		Birth:      p.Birth,
	}, name)
	if err != nil {
		return nil, fmt.Errorf("bureau.holder records: %w", err)
	}
	return records, nil
}

// birthplace is the area of the first registration, which begins a resident's number. The areas of the residence permits
// of Hong Kong, Macao and Taiwan residents are none, and other documents name none.
func birthplace(p *card.Person) string {
	if p.DocType != card.DocResidentID || len(p.SSN) != 18 {
		return ""
	}
	return p.SSN[:6]
}
