package outlet

import (
	"time"

	"onecard/card"
	"onecard/connectors/layout"
)

// DISPATCH and REPORT, own convention.
var (
	dispatch = &layout.Layout{Kind: card.Dispatch, Version: 1, Columns: []layout.Column{
		{Name: "card_no", Shape: layout.Code, Min: 9, Max: 9},
		{Name: "mode", Shape: layout.Code, Min: 1, Max: 1},
		{Name: "outlet", Shape: layout.Code, Max: 14, Optional: true},
		{Name: "employer_no", Max: 32, Optional: true},
		{Name: "employer_name", Max: card.MaxEmployer, Optional: true},
		{Name: "tracking", Shape: layout.Code, Max: 32, Optional: true},
		{Name: "name", Max: 50, Personal: true},
		{Name: "phone", Max: 24, Optional: true, Personal: true},
		{Name: "address", Max: card.MaxAddress, Optional: true, Personal: true},
	}}
	report = &layout.Layout{Kind: card.Report, Version: 1, Columns: []layout.Column{
		{Name: "card_no", Shape: layout.Code, Min: 9, Max: 9},
		{Name: "event", Shape: layout.Code, Min: 1, Max: 1},
		{Name: "time", Shape: layout.Moment},
		{Name: "proof", Shape: layout.Digits, Min: 2, Max: 2, Optional: true},
		{Name: "clerk", Shape: layout.Code, Max: 32, Optional: true},
		{Name: "dispatch", Shape: layout.Code, Max: 64},
	}}
)

// Columns of a report.
const (
	colCardNo = iota
	colEvent
	colTime
	colProof
	colClerk
	colDispatch
)

// china is the zone of all times in files. It has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// dispatchFields tells phone and address to the post only.
func dispatchFields(d card.DispatchRow, fields []string) (int, []string, error) {
	if d.Mode != card.Post {
		d.Phone, d.Address = "", ""
	}
	return d.Ref, append(fields, string(d.Number), string(d.Mode), d.Outlet, d.EmployerNo, d.EmployerName, d.Tracking,
		d.Name, d.Phone, d.Address), nil
}

func parseReport(r *layout.Row) (card.ReportRow, error) {
	number := card.Number(r.Fields[colCardNo])
	if !number.Valid() {
		return card.ReportRow{}, r.Fault(colCardNo, "a card number with the right check character")
	}
	event, proof := card.ReportEvent(r.Fields[colEvent]), card.HandoverProof(r.Fields[colProof])
	if err := checkEvent(r, event, proof); err != nil {
		return card.ReportRow{}, err
	}
	at, err := time.ParseInLocation("20060102150405", r.Fields[colTime], china)
	if err != nil {
		return card.ReportRow{}, r.Fault(colTime, "a time YYYYMMDDHHMMSS")
	}
	announced, err := card.ParseFileName(r.Fields[colDispatch])
	if err != nil || announced.Kind != card.Dispatch {
		return card.ReportRow{}, r.Fault(colDispatch, "the name of a DISPATCH file")
	}
	return card.ReportRow{
		Ref: r.Ref, Number: number, Event: event, At: at.UTC(), Proof: proof, Clerk: r.Fields[colClerk], Dispatch: announced,
	}, nil
}

// checkEvent checks that a hand-over, and nothing else, comes with a proof.
func checkEvent(r *layout.Row, event card.ReportEvent, proof card.HandoverProof) error {
	switch event {
	case card.ReportHanded:
		if proof != card.ProofIDCard && proof != card.ProofProxy {
			return r.Fault(colProof, "01 or 02, for the event is H")
		}
	case card.ReportArrived, card.ReportReturned:
		if proof != "" {
			return r.Fault(colProof, "nothing, for the event is not H")
		}
	default:
		return r.Fault(colEvent, "A, H or R")
	}
	return nil
}
