package layout

import "onecard/card"

// Finding returns the fault as the ledger keeps it and receipts tell it.
func (f *Fault) Finding() card.Finding {
	return card.Finding{Ref: f.Ref, Line: f.Line, Column: f.Column, Name: f.Name, Found: f.Found, Expected: f.Expected}
}
