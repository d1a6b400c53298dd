package roster

import (
	"io"
	"iter"
	"os"
	"path/filepath"

	"onecard/card"
	"onecard/connectors/layout"
)

// The fields of the message PAYLIST, by their place.
const (
	listDocType = iota
	listNumber
	listName
	listAmount
	listNote
)

// LayoutPayments hands out the rows of a roster of payments that a department wrote in its own layout of the message PAYLIST.
// A file that is not as the layout says is refused whole, with line and column; where the layout has bad rows refused alone,
// such a row comes with its reason and without texts. o's limit of rows holds. It can be ranged over more than once.
func LayoutPayments(path string, l *layout.Layout, o Options) (iter.Seq2[Payment, error], error) {
	if l.Message.Kind != card.PayList {
		return nil, card.E(card.Invalid, "read a roster in layout "+l.Format, card.ReasonFileLayout, card.Misplaced(card.Finding{
			Found: "a layout of " + string(l.Message.Kind), Expected: "one of " + string(card.PayList)}))
	}
	if _, err := os.Stat(path); err != nil {
		return nil, openError(err)
	}
	o = o.filled()
	file, err := card.ParseFileName(filepath.Base(path))
	if err != nil { // a department need not name its files as partners do
		file = card.File{Kind: card.PayList}
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) } //nolint:gosec // which file to read is the caller's to say
	want := layout.Expected{File: file, MaxRows: o.Limits.Rows}
	return func(yield func(Payment, error) bool) {
		rows := layout.Read(open, l, want, func(row *layout.Row) (Payment, error) { return listed(row, o) })
		for p, err := range rows {
			if card.IsRefusedRow(err) {
				p, err = Payment{Number: card.FindingOf(err).Line, Cells: make([]string, payColumns-1), Reasons: []card.Reason{card.ReasonOf(err)}}, nil
			}
			if !yield(p, err) {
				return
			}
		}
	}, nil
}

// listed checks a row that is as its layout says.
func listed(row *layout.Row, o Options) (Payment, error) {
	f := row.Fields
	p := Payment{Number: row.Line, SSN: card.NormalizeSSN(trim(f[listNumber])), Name: card.NormalizeName(trim(f[listName]))}
	p.Reasons = card.CheckPayee(card.DocType(f[listDocType]), p.SSN, p.Name)
	var err error
	if p.Fen, err = parseFen(f[listAmount]); err != nil || p.Fen == 0 {
		p.Reasons = append(p.Reasons, card.ReasonAmountShape)
	}
	if p.Name != "" && !o.Encodable(p.Name) {
		p.Reasons = append(p.Reasons, card.ReasonNameUnencodable)
	}
	kind := card.DocType(f[listDocType]).Name().ZH
	p.Cells = []string{kind, f[listNumber], f[listName], card.FormatYuan(p.Fen), f[listNote]}
	return p, nil
}
