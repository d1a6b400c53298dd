package roster

import (
	"io"
	"iter"
	"slices"
	"strings"

	"onecard/card"
)

// Payment is one row of a roster of payments that is not blank.
type Payment struct {
	// Number is the row's number in the sheet, from 1; in a text file the line on which the row begins.
	Number int
	// SSN and Name are normalised.
	SSN, Name string
	// Fen is the amount; 0 where it could not be read.
	Fen int64
	// Cells are the texts as they stand in the file, in the order of PayHeadings, but that an amount in fen is written in yuan. Of a
	// file in a layout they are what the layout made of it.
	Cells []string
	// Reasons are all the reasons why the row is refused; none when it is accepted.
	Reasons []card.Reason
}

// Payments reads a roster of payments once, row by row. It is not for use by several goroutines.
type Payments struct{ reader *Reader }

// OpenPayments opens the roster at path, under the same promises as Open. Admit is not asked; the headings needed are 证件号码,
// 姓名, and 金额(元) or 金额(分).
func OpenPayments(path string, o Options) (*Payments, error) {
	r, err := openForm(path, payments, o)
	return paymentsOf(r, err)
}

// NewPayments reads a roster of size bytes from r, as OpenPayments does. r must stay readable until Close.
func NewPayments(r io.ReaderAt, size int64, o Options) (*Payments, error) {
	reader, err := newReader(r, size, payments, o)
	return paymentsOf(reader, err)
}

func paymentsOf(r *Reader, err error) (*Payments, error) {
	if err != nil {
		return nil, err
	}
	return &Payments{reader: r}, nil
}

// Warnings returns what Reader.Warnings does.
func (p *Payments) Warnings() []string { return p.reader.Warnings() }

// Close closes the file.
func (p *Payments) Close() error { return p.reader.Close() }

// Rows hands out the rows as Reader.Rows does.
func (p *Payments) Rows() iter.Seq2[Payment, error] { return rowsOf(p.reader, p.reader.checkPayment) }

// checkPayment decodes a row and collects the reasons against it.
func (r *Reader) checkPayment(c *raw) Payment {
	found := r.cellReasons(c)
	p := Payment{Number: c.number, SSN: card.NormalizeSSN(trim(c.cells[payNumber])), Name: card.NormalizeName(trim(c.cells[payName]))}
	p.Reasons = card.CheckPayee(docType(trim(c.cells[payDocType])), p.SSN, p.Name)
	if slices.Contains(found, card.ReasonNumberAsFloat) {
		p.Reasons = slices.DeleteFunc(p.Reasons, aboutNumber)
	}
	var err error
	if p.Fen, err = r.amount(c); err != nil || p.Fen == 0 {
		p.Reasons = append(p.Reasons, card.ReasonAmountShape)
	}
	if p.Name != "" && !r.opts.Encodable(p.Name) {
		found = append(found, card.ReasonNameUnencodable)
	}
	p.Reasons = together(p.Reasons, found)
	p.Cells = writtenHeadings(c.cells[:payColumns])
	return p
}

// amount reads the amount of a row. One in fen is written over in yuan, or marked as being in fen where it cannot be read.
func (r *Reader) amount(c *raw) (int64, error) {
	if c.cells[payFen] == "" {
		return card.ParseYuan(plainAmount(c.cells[payYuan]))
	}
	text := plainAmount(c.cells[payFen])
	fen, err := parseFen(text)
	if c.cells[payYuan] = card.FormatYuan(fen); err != nil {
		c.cells[payYuan] = c.cells[payFen] + "（分）"
	}
	return fen, err
}

// maxFenDigits is as many digits as every file carries.
const maxFenDigits = 15

func parseFen(s string) (int64, error) {
	fen := int64(0)
	for i := range len(s) {
		fen = fen*10 + int64(s[i]-'0')
	}
	if !digits(s) || len(s) > maxFenDigits {
		return 0, card.E(card.Invalid, "read an amount", card.ReasonAmountShape, nil)
	}
	return fen, nil
}

// plainAmount takes off blanks and writes full-width digits and signs as plain ones.
func plainAmount(s string) string {
	s = trim(s)
	for i := range len(s) {
		if s[i] >= 0x7F {
			return strings.Map(func(r rune) rune {
				if r >= 0xFF01 && r <= 0xFF5E {
					return r - 0xFEE0
				}
				return r
			}, s)
		}
	}
	return s
}

// PayCells writes a payment as the texts of a row, in the order of PayHeadings. It is how a payment that came back comes into
// the workbook of WritePayErrors.
func PayCells(p card.Person, fen int64) []string {
	return []string{or(p.DocType.Name().ZH, string(p.DocType)), p.SSN, p.Name, card.FormatYuan(fen), ""}
}
