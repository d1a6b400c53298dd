package roster

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// PaySample says what a sample of payments holds.
type PaySample struct {
	Programme card.Programme // amounts keep to its rules
	Seed      uint64
	Bad       float64 // share of rows, from 0 to 1, that are refused, for each cause in turn
	Format    string  // FormatCSV or FormatXLSX; empty is FormatCSV
}

// Totals are what is declared with a roster of payments.
type Totals struct {
	Rows int
	Fen  int64
}

// SamplePayments writes a roster that pays the people, one row each, and returns its control totals as the hub counts them: an
// amount that cannot be read counts nothing. The same people and options give the same rows.
func SamplePayments(w io.Writer, people iter.Seq2[card.Person, error], o PaySample) (Totals, error) {
	s := &paySampler{o: o, source: rand.NewPCG(0, 0)}
	s.Rand = rand.New(s.source) //nolint:gosec // samples must come out the same again
	write := s.csv
	if o.Format == FormatXLSX {
		write = s.book
	}
	err := write(w, people)
	return s.totals, err
}

// paySampler makes the rows of a sample one by one.
type paySampler struct {
	o      PaySample
	totals Totals
	bad    int
	before []string // the row before
	source *rand.PCG
	*rand.Rand
}

func (s *paySampler) csv(w io.Writer, people iter.Seq2[card.Person, error]) error {
	out := bufio.NewWriterSize(w, 256<<10)
	line := appendCSV([]byte(magicUTF8), PayHeadings())
	_, err := out.Write(line)
	if err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	for p, err := range people {
		if err != nil {
			return err
		}
		line = appendCSV(line[:0], s.row(p))
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	return nil
}

func (s *paySampler) book(w io.Writer, people iter.Seq2[card.Person, error]) error {
	b := newRosterBook(payPaper(), 0, TemplateOptions{})
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, map[string]filler{b.sheetName: func(out *xlsx.RowWriter) error {
		for p, err := range people {
			if err != nil {
				return err
			}
			out.Begin(0)
			for _, text := range s.row(p) {
				out.Text(b.body, text)
			}
			if err := out.End(); err != nil {
				return err
			}
		}
		return nil
	}})
}

// row makes the row of a person, good or bad, and counts it.
func (s *paySampler) row(p card.Person) []string {
	s.source.Seed(s.o.Seed, uint64(s.totals.Rows)) //nolint:gosec // a count is never negative
	fen := s.amount()
	cells := PayCells(p, fen)
	s.totals.Rows++
	if due := int(float64(s.totals.Rows) * s.o.Bad); due > s.bad {
		s.spoil(cells)
		s.bad++
	}
	if fen, err := card.ParseYuan(cells[payYuan]); err == nil {
		s.totals.Fen += fen
	}
	s.before = cells
	return cells
}

// usual is the amount of a programme without rules, in fen.
const usual = 30_000

// amount is the fixed one of the programme, or one between a third of its limit, but not more than is usual, and that.
func (s *paySampler) amount() int64 {
	if s.o.Programme.Fixed > 0 {
		return s.o.Programme.Fixed
	}
	most := int64(usual)
	if s.o.Programme.Limit > 0 {
		most = min(most, s.o.Programme.Limit)
	}
	return most - s.Int64N(most*2/3)
}

// spoil makes a row fail one check, each in turn: the number, the name, the amount, and who is paid.
func (s *paySampler) spoil(cells []string) {
	switch s.bad % 6 {
	case 0:
		cells[payNumber] = otherCheck(card.SynthesizeSSN("440100", "19700101", s.Int()%1000))
	case 1:
		cells[payName] = "陈?明"
	case 2:
		cells[payYuan] += "5" // three decimals
	case 3:
		cells[payDocType], cells[payName] = "", "改名者" // not the name on the card
	case 4: // whom no card was issued to: nobody is born in 1901 in a sample
		cells[payDocType], cells[payNumber] = "", card.SynthesizeSSN("440100", "19010101", s.Int()%1000)
	case 5:
		if s.before != nil {
			copy(cells, s.before)
		}
	}
}
