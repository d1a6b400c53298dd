package bank

import (
	"time"

	"onecard/card"
)

// accountResults are the banks' codes for account requests and what they mean to the hub.
var accountResults = map[string]card.Reason{
	card.ResultDone: "",
	"E01":           card.ReasonAccountRefusedE01,
	"E02":           card.ReasonAccountRefusedE02,
	"E03":           card.ReasonAccountRefusedE03,
	"E04":           card.ReasonAccountRefusedE04,
	"E09":           card.ReasonAccountRefusedE09,
}

// activationResults are the banks' codes for activations.
var activationResults = map[string]card.Reason{
	card.ResultDone: "",
	"A01":           card.ReasonActivateA01,
	"A09":           card.ReasonActivateA09,
}

// china is the zone of all times in files. It has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

func accountFields(o card.AccountOrder, fields []string) (int, []string, error) {
	p := &o.Person
	sex := p.Sex
	if sex == card.SexUnknown {
		sex = card.NotStated // banks know 1, 2 and 9 only
	}
	return o.Ref, append(fields, string(o.Number), string(p.DocType), p.SSN, p.Name, string(sex), p.Birth, p.Phone,
		p.Address, o.Outlet), nil
}

func enquiryFields(e card.AccountEnquiry, fields []string) (int, []string, error) {
	return e.Ref, append(fields, string(e.Number), e.SSN), nil
}

func activationFields(o card.ActivationOrder, fields []string) (int, []string, error) {
	return o.Ref, append(fields, string(o.Number), o.PAN), nil
}
