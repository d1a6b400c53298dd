package outlet

import (
	"time"

	"onecard/card"
	"onecard/connectors/layout"
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
		Ref: r.Ref, Counted: r.Counted(), Number: number, Event: event, At: at.UTC(), Proof: proof, Clerk: r.Fields[colClerk], Dispatch: announced,
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
