package civil

import (
	"onecard/card"
	"onecard/connectors/layout"
)

// Columns of the answer.
const (
	colNumber = iota
	colResult
	colDied
)

const resultDeceased = "03"

// results are the codes of civil affairs and what they mean to the hub.
var results = map[string]card.Reason{
	card.ResultDone: "",
	"01":            card.ReasonMatchUnknown,
	"02":            card.ReasonMatchNameDiffers,
	resultDeceased:  card.ReasonMatchDeceased,
}

func matchFields(m card.MatchRow, fields []string) (int, []string, error) {
	return m.Ref, append(fields, string(m.DocType), m.SSN, m.Name, m.Birth), nil
}

func parseMatch(r *layout.Row) (card.MatchAnswer, error) {
	reason, known := results[r.Fields[colResult]]
	if !known {
		return card.MatchAnswer{}, r.Fault(colResult, "a result: 00, 01, 02 or 03")
	}
	if r.Fields[colDied] != "" && r.Fields[colResult] != resultDeceased {
		return card.MatchAnswer{}, r.Fault(colDied, "a date of death only with result 03")
	}
	return card.MatchAnswer{
		Ref: r.Ref, SSN: r.Fields[colNumber], Result: r.Fields[colResult], Reason: reason, Died: r.Fields[colDied],
	}, nil
}
