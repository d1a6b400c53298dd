package layout

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"onecard/card"
)

// sampleNames are invented; the last ones hold characters that not every encoding carries.
var sampleNames = []string{
	"欧阳测试", "样本甲", "阿依·测试", "王样本", "司徒样例", "测䶮", "李·样本·测试", "陈试用", "测\ue000", "测𠮷",
}

// cardsOfSample is how many card numbers a sample has.
const cardsOfSample = 10_000_000

// WriteSample writes file f of layout l with so many rows of invented people, the same ones each time. Among the rows of an
// answer some tell of failures.
func WriteSample(w io.Writer, l *Layout, f card.File, rows int) (count int, fen int64, err error) {
	return Write(w, l, f, l.sampleRows(f, rows), func(s *sample, values []string) (int, []string, error) {
		return s.ref, append(values, s.values...), nil
	}, nil)
}

// Sample yields the refs and values of the rows that WriteSample writes; the values are overwritten by the next row's. More
// than ten million rows cannot be made, and are an Invalid error before the first row.
func Sample(l *Layout, f card.File, rows int, yield func(ref int, values []string) error) error {
	for s, err := range l.sampleRows(f, rows) {
		if err != nil {
			return err
		}
		if err := yield(s.ref, s.values); err != nil {
			return err
		}
	}
	return nil
}

// sample is one row of a sample while it is made up.
type sample struct {
	layout *Layout
	file   card.File
	ref    int
	values []string
}

func (l *Layout) sampleRows(f card.File, rows int) iter.Seq2[*sample, error] {
	return func(yield func(*sample, error) bool) {
		if rows < 0 || rows >= cardsOfSample {
			yield(nil, card.E(card.Invalid, "make sample", "", fmt.Errorf("%d rows cannot be made, at most %d can", rows, cardsOfSample-1)))
			return
		}
		s := &sample{layout: l, file: f, values: make([]string, len(l.Message.Fields))}
		for s.ref = 1; s.ref <= rows; s.ref++ {
			s.fill()
			if !yield(s, nil) {
				return
			}
		}
	}
}

func (s *sample) fill() {
	for i := range s.layout.Message.Fields {
		s.values[i] = s.value(&s.layout.Message.Fields[i])
	}
	s.agree()
}

// value makes up the value of a field from the row's ref.
func (s *sample) value(f *Field) string {
	if len(f.Codes) > 0 {
		return s.code(f)
	}
	n := s.ref
	switch f.Name {
	case "card_no":
		number, _ := card.MakeNumber(fmt.Sprintf("S%07d", n%cardsOfSample)) // such a body has a check character
		return string(number)
	case "number":
		return card.SynthesizeSSN("440100", s.birth(), n%999+1)
	case "name":
		return s.name()
	case "birth":
		return s.birth()
	case "phone":
		return fmt.Sprintf("154%08d", n)
	case "pan":
		return card.SynthesizePAN("629999", int64(n))
	case "account":
		return fmt.Sprintf("4406%012d", n)
	case "amount":
		return strconv.Itoa(10_000 + n%90_000)
	case "instruction":
		return fmt.Sprintf("P%s%08d", s.file.Date, n)
	case "ident_code":
		return string(card.MakeIdentCode("440600", uint32(n), uint32(n)*2654435761)) //nolint:gosec // any check value will do
	case "atr_history":
		return fmt.Sprintf("0081544B31869B44%010d", n)
	case "position":
		return fmt.Sprintf("%02d-%04d-%03d", n/100_000%100, n/100%1000, n%100)
	}
	return s.other(f)
}

// other makes up the fields that hardly differ from row to row.
func (s *sample) other(f *Field) string {
	switch f.Name {
	case "address":
		return fmt.Sprintf("佛山市样本区测试路%d号", s.ref%1000+1)
	case "outlet":
		return "4406001020001"
	case "employer_no":
		return "SAMPLE0001"
	case "employer_name":
		return "样本单位"
	case "tracking":
		return fmt.Sprintf("EX%09dCN", s.ref)
	case "face":
		return "F3-2026.1"
	case "ef05", "ef06":
		return fmt.Sprintf("0709%018X", s.ref)
	case "purpose":
		return "物价补贴"
	case "zh":
		return "文件已收取并入账。"
	case "en":
		return "The file was taken and applied."
	case "time":
		return s.file.Date + fmt.Sprintf("%02d%02d%02d", 8+s.ref%10, s.ref%60, s.ref%59)
	case "clerk":
		return "C0001"
	case "order":
		return fmt.Sprintf("R%s-001.SAMPLE.N%06d", s.file.Date, s.ref)
	case "block":
		return fmt.Sprintf("R%s-001.SAMPLE.B%06d", s.file.Date, s.ref)
	case "balance", "blocked":
		return strconv.Itoa(1_000_000 * s.ref)
	case "dispatch":
		f := s.file
		f.Kind = card.Dispatch
		return f.Name()
	}
	return ""
}

func (s *sample) birth() string {
	return fmt.Sprintf("%04d%02d%02d", 1940+s.ref%70, 1+s.ref%12, 1+s.ref%28)
}

// name takes the next name that the encoding carries.
func (s *sample) name() string {
	for n := s.ref; ; n++ {
		if name := sampleNames[n%len(sampleNames)]; s.layout.encoding.CanCarry(name) {
			return name
		}
	}
}

// code takes one of the codes that the format can write and that come back as they are; every seventh row takes another than
// the first.
func (s *sample) code(f *Field) string {
	known := slices.DeleteFunc(slices.Clone(f.Codes), func(code string) bool { return !s.layout.returns(f, code) })
	switch {
	case f.Name == "sex":
		return []string{"2", "1"}[(s.ref%999+1)%2]
	case len(known) == 0:
		return ""
	case f.Name == "doc_type" || s.ref%7 != 0 && f.Name == "result":
		return known[0]
	case f.Name == "result":
		return known[s.ref/7%len(known)]
	}
	return known[s.ref%len(known)]
}

// returns says whether our code comes back as it is when it is written and read.
func (l *Layout) returns(f *Field, code string) bool {
	at := l.columnOf[l.Message.field(f.Name)]
	if at < 0 {
		return true
	}
	c := &l.detail.columns[at]
	text, wrong := c.write(code)
	if wrong != nil {
		return false
	}
	back, wrong := c.read(text)
	return wrong == nil && back == code
}

// agree takes out what does not go with the row's result, event or mode.
func (s *sample) agree() {
	switch result := s.get("result"); {
	case s.layout.Message.Kind == card.MatchRet:
		if result != "03" {
			s.set("died", "")
		} else {
			s.set("died", s.file.Date)
		}
	case result == card.ResultDone:
		s.set("reason", "")
	case result != "" && !slices.Contains(returns(), result):
		for _, name := range []string{"pan", "account", "ident_code", "atr_history", "position", "time", "status"} {
			s.set(name, "")
		}
		s.set("reason", "样例：未办成")
	}
	if e := s.get("event"); e != "" && e != string(card.ReportHanded) {
		s.set("proof", "")
	}
	if s.get("mode") == string(card.Post) {
		s.set("outlet", "")
	}
	switch card.FundAction(s.get("action")) {
	case card.FundBlock:
		s.set("block", "")
	case card.FundRelease, card.FundQuery:
		s.set("amount", "0")
	}
}

func (s *sample) get(name string) string {
	if i := s.layout.Message.field(name); i >= 0 {
		return s.values[i]
	}
	return ""
}

func (s *sample) set(name, value string) {
	if i := s.layout.Message.field(name); i >= 0 {
		s.values[i] = value
	}
}
