package roster

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

const sheetSample = "核查样本"

// SampledPayment is a paid row that is to be verified with its payee.
type SampledPayment struct {
	Sample, Number int
	City, Bank     string // in words
	Fen            int64
	Person         card.Person
	Outcome        card.SampleOutcome // "" before its result
	Note           string
}

// SampleFinding is a row of a workbook of a sample that has been filled in.
type SampleFinding struct {
	Sample, Number int
	Outcome        card.SampleOutcome
	Note           string
}

// The columns of a sample's workbook that are read.
const (
	sampleNo = iota
	sampleRow
	sampleOutcome
	sampleNote
)

var sampleColumns = []struct {
	heading string
	width   float64
}{
	{"样本号\nSample", 10}, {"名册行号\nRow", 12}, {"核查结果\nOutcome", 18}, {"核查说明\nNote", 36}, {"姓名\nName", 16}, {"证件号码\nDocument number", 24},
	{"电话\nPhone", 16}, {"地市\nCity", 18}, {"银行\nBank", 24}, {"金额(元)\nYuan", 14},
}

// WriteSample writes the workbook of a sample: who verifies fills in the outcome of every row. rows are taken one by one; an error
// among them is returned.
func WriteSample(w io.Writer, rows iter.Seq2[SampledPayment, error]) error {
	b := newBook("补贴发放核查样本", sheetSample)
	heading, ask := b.headingStyle(colourMain), b.headingStyle(colourWarn)
	for col, c := range sampleColumns {
		style := heading
		if col == sampleOutcome {
			style = ask
		}
		b.width(sheetSample, col, c.width)
		b.set(sheetSample, col, 1, c.heading, style)
	}
	b.freeze(sheetSample, 2, 1)
	b.print(sheetSample, 1)
	var words []string
	for _, o := range card.SampleOutcomes() {
		words = append(words, o.Name().ZH)
	}
	b.choices(sheetSample, "C2:C1048576", words)
	body := b.textStyle(true, "")
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, map[string]filler{sheetSample: sampleRows(rows, body)})
}

func sampleRows(rows iter.Seq2[SampledPayment, error], body int) filler {
	return func(out *xlsx.RowWriter) error {
		for r, err := range rows {
			if err != nil {
				return err
			}
			out.Begin(lineHeight + 6)
			for _, text := range []string{strconv.Itoa(r.Sample), strconv.Itoa(r.Number), r.Outcome.Name().ZH, r.Note, r.Person.Name, r.Person.SSN, r.Person.Phone,
				r.City, r.Bank, card.FormatYuan(r.Fen)} {
				out.Text(body, text)
			}
			if err := out.End(); err != nil {
				return err
			}
		}
		return nil
	}
}

// ReadSample reads a workbook of WriteSample that has been filled in. Rows without an outcome are left out; an outcome in other
// words, or a row that cannot be told, is an Invalid error that names the row of the sheet.
func ReadSample(r io.ReaderAt, size int64) ([]SampleFinding, error) {
	found := []SampleFinding{}
	err := eachRow(r, size, sheetSample, func(row xlsx.Row) error {
		if row.Number == 1 {
			return nil
		}
		f, open, err := sampleFinding(row)
		if err == nil && !open {
			found = append(found, f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// sampleFinding reads a row; open says that it has no outcome yet.
func sampleFinding(row xlsx.Row) (f SampleFinding, open bool, err error) {
	var cells [sampleNote + 1]string
	for _, c := range row.Cells {
		if c.Col < len(cells) {
			cells[c.Col] = strings.TrimSpace(c.Text)
		}
	}
	f.Note = cells[sampleNote]
	for _, o := range card.SampleOutcomes() {
		if name := o.Name(); cells[sampleOutcome] == name.ZH || strings.EqualFold(cells[sampleOutcome], name.EN) {
			f.Outcome = o
		}
	}
	if cells[sampleOutcome] == "" {
		return f, true, nil
	}
	var errNo, errRow error
	f.Sample, errNo = strconv.Atoi(cells[sampleNo])
	f.Number, errRow = strconv.Atoi(cells[sampleRow])
	if errNo != nil || errRow != nil || f.Outcome == "" {
		err = card.E(card.Invalid, fmt.Sprintf("read line %d of the sample", row.Number), card.ReasonSampleResults, nil)
	}
	return f, false, err
}
