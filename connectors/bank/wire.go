package bank

import (
	"time"

	"onecard/card"
	"onecard/connectors/layout"
)

// Columns that several layouts have.
var (
	cardNo  = layout.Column{Name: "card_no", Shape: layout.Code, Min: 9, Max: 9}
	number  = layout.Column{Name: "number", Max: 18, Personal: true}
	pan     = layout.Column{Name: "pan", Shape: layout.Digits, Min: 16, Max: 19, Personal: true}
	noPAN   = layout.Column{Name: "pan", Shape: layout.Digits, Min: 16, Max: 19, Optional: true, Personal: true}
	account = layout.Column{Name: "account", Shape: layout.Code, Max: 32, Optional: true, Personal: true}
	result  = layout.Column{Name: "result", Shape: layout.Code, Min: 2, Max: 3}
	note    = layout.Column{Name: "reason", Max: 200, Optional: true, Personal: true}
)

// The layouts of all banks, own convention.
var (
	accountRequest = &layout.Layout{Kind: card.AcctReq, Version: 1, Columns: []layout.Column{
		cardNo,
		{Name: "doc_type", Shape: layout.Digits, Min: 2, Max: 2},
		number,
		{Name: "name", Max: 50, Personal: true},
		{Name: "sex", Shape: layout.Digits, Min: 1, Max: 1, Personal: true},
		{Name: "birth", Shape: layout.Date, Optional: true, Personal: true},
		{Name: "phone", Max: 24, Optional: true, Personal: true},
		{Name: "address", Max: card.MaxAddress, Optional: true, Personal: true},
		{Name: "outlet", Shape: layout.Code, Max: 14, Optional: true},
	}}
	accountAnswer = &layout.Layout{
		Kind: card.AcctRet, Version: 1, Answers: card.AcctReq,
		Columns: []layout.Column{cardNo, noPAN, account, result, note},
	}
	enquiry       = &layout.Layout{Kind: card.AcctEnq, Version: 1, Columns: []layout.Column{cardNo, number}}
	enquiryAnswer = &layout.Layout{
		Kind: card.AcctEnr, Version: 1, Answers: card.AcctEnq,
		Columns: []layout.Column{cardNo, noPAN, account, result, note},
	}
	activationRequest = &layout.Layout{Kind: card.ActReq, Version: 1, Columns: []layout.Column{cardNo, pan}}
	activationAnswer  = &layout.Layout{
		Kind: card.ActRet, Version: 1, Answers: card.ActReq,
		Columns: []layout.Column{cardNo, result, {Name: "time", Shape: layout.Moment, Optional: true}, note},
	}
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
