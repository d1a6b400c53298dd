package roster

import (
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
// such a row comes with its reasons and its texts, as a row of a workbook does: an amount that cannot be read counts nothing. One that
// has too many or too few columns or bytes comes with its whole text as the note. o's limit of rows holds. It can be ranged over more than once.
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
	want := layout.Expected{File: file, MaxRows: o.Limits.Rows}
	return func(yield func(Payment, error) bool) {
		f, err := os.Open(path) //nolint:gosec // which file to read is the caller's to say
		if err != nil {
			yield(Payment{}, openError(err))
			return
		}
		defer f.Close() //nolint:errcheck // read only
		listAll(layout.NewReader(f, l, want), o)(yield)
	}, nil
}

// listAll hands out the rows of a file, those that are refused alone too.
func listAll(r *layout.Reader, o Options) iter.Seq2[Payment, error] {
	return func(yield func(Payment, error) bool) {
		for row, err := range r.Rows() {
			if row == nil {
				yield(Payment{}, err)
				return
			}
			if !yield(listed(row, err, o), nil) {
				return
			}
		}
	}
}

// listed checks a row; refused is what is wrong with it by its layout.
func listed(row *layout.Row, refused error, o Options) Payment {
	if row.Misshapen {
		return Payment{Number: row.Line, Cells: []string{"", "", "", "", row.Text}, Reasons: []card.Reason{card.ReasonRowShape}}
	}
	f := row.Fields
	p := Payment{Number: row.Line, SSN: card.NormalizeSSN(trim(f[listNumber])), Name: card.NormalizeName(trim(f[listName])), Fen: max(row.Fen, 0)}
	p.Reasons = card.CheckPayee(card.DocType(f[listDocType]), p.SSN, p.Name)
	if p.Fen == 0 {
		p.Reasons = append(p.Reasons, card.ReasonAmountShape)
	}
	if p.Name != "" && !o.Encodable(p.Name) {
		p.Reasons = append(p.Reasons, card.ReasonNameUnencodable)
	}
	if refused != nil && len(p.Reasons) == 0 {
		p.Reasons = append(p.Reasons, card.ReasonOf(refused))
	}
	amount := card.FormatYuan(p.Fen)
	if row.Fen < 0 {
		amount = f[listAmount]
	}
	kind := or(card.DocType(f[listDocType]).Name().ZH, f[listDocType])
	p.Cells = []string{kind, f[listNumber], f[listName], amount, f[listNote]}
	return p
}
