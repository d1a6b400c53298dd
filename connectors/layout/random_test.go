package layout_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout"
)

// drawFormat makes up a format of one of the messages: every form, encoding, order and padding.
func drawFormat(t *rapid.T) string {
	kind := rapid.SampledFrom(layout.Kinds()).Draw(t, "kind")
	m, _ := layout.MessageOf(kind)
	form := rapid.SampledFrom([]string{"delimited", "fixed", "workbook"}).Draw(t, "form")
	var b strings.Builder
	fmt.Fprintf(&b, "notation = 1\nname = \"drawn\"\nmessage = %q\nversion = %d\n", kind, rapid.IntRange(1, 9999).Draw(t, "version"))
	if form != "workbook" {
		fmt.Fprintf(&b, "encoding = %q\nline_end = %q\n", rapid.SampledFrom([]string{"GB18030", "GBK", "UTF-8"}).Draw(t, "encoding"),
			rapid.SampledFrom([]string{"LF", "CRLF"}).Draw(t, "end"))
	}
	switch form {
	case "delimited":
		fmt.Fprintf(&b, "delimited = { delimiter = %q, quote = %q }\n", rapid.SampledFrom([]string{"|", ",", "\t", "^", "|+|", "||", "\x01"}).Draw(t, "delimiter"),
			rapid.SampledFrom([]string{"none", "needed", "always"}).Draw(t, "quote"))
	case "fixed":
		b.WriteString("fixed = {}\n")
	case "workbook":
		b.WriteString("workbook = { sheet = \"样例\" }\n")
	}
	frame(t, &b, "header", "HEAD", form)
	details(t, &b, m, form)
	frame(t, &b, "trailer", "#END", form)
	return b.String()
}

// frame makes up a header or a trailer, or none.
func frame(t *rapid.T, b *strings.Builder, record, mark, form string) {
	if rapid.Bool().Draw(t, record) {
		return
	}
	columns := []string{fmt.Sprintf("const = %q%s", mark, width(form, 6))}
	values := []string{"kind", "version", "file", "answered", "partner", "date", "sequence", "rows"}
	for _, v := range rapid.SliceOfNDistinct(rapid.SampledFrom(values), 0, 5, rapid.ID[string]).Draw(t, record+" values") {
		if v != "rows" || form != "workbook" || record == "trailer" {
			columns = append(columns, fmt.Sprintf("value = %q%s", v, width(form, 64)))
		}
	}
	fmt.Fprintf(b, "[[%s]]\ncolumns = [ { %s } ]\n", record, strings.Join(columns, " }, { "))
}

func width(form string, n int) string {
	if form != "fixed" {
		return ""
	}
	return fmt.Sprintf(", width = %d", n)
}

// details puts the fields of a message in any order, with what is not ours between them.
func details(t *rapid.T, b *strings.Builder, m *layout.Message, form string) {
	columns := []string{`value = "ref"` + width(form, 10)}
	if form == "fixed" && rapid.Bool().Draw(t, "zeros") {
		columns[0] += `, align = "right", pad = "0"`
	}
	for _, f := range m.Fields {
		column := fmt.Sprintf("field = %q", f.Name)
		switch f.Shape {
		case layout.Date:
			column += rapid.SampledFrom([]string{"", `, form = "YYYY-MM-DD"`, `, form = "DD/MM/YYYY"`}).Draw(t, "day")
		case layout.Moment:
			column += rapid.SampledFrom([]string{"", `, form = "YYYY-MM-DD hh:mm:ss"`}).Draw(t, "moment")
		case layout.Amount:
			column += rapid.SampledFrom([]string{`, unit = "fen"`, `, unit = "yuan"`}).Draw(t, "unit")
		case layout.Text, layout.Digits, layout.Code, layout.Hex:
		}
		align := rapid.SampledFrom([]string{"left", "right"}).Draw(t, "align")
		if form == "fixed" {
			column += width(form, min(250, 4*max(f.Max, 8))) + fmt.Sprintf(", align = %q", align)
		}
		columns = append(columns, column)
	}
	if rapid.Bool().Draw(t, "foreign") {
		columns = append(columns, `ignore = "theirs", write = "0"`+width(form, 3))
	}
	fmt.Fprintf(b, "[detail]\ncolumns = [ { %s } ]\n", strings.Join(rapid.Permutation(columns).Draw(t, "columns"), " }, { "))
}

// Whatever format a partner may come with: if it is taken, people come back from it.
func TestPeopleRoundTripThroughRandomFormats(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawFormat(t)
		l, err := layout.Parse(text)
		if err != nil { // a trailer that a row could look like, or a date with the delimiter in it
			require.Equal(t, card.Invalid, card.KindOf(err), text)
			return
		}
		roundTrip(t, l, sampleFile(l))
	})
}

// fuzzReader feeds anything to the readers of some formats: they refuse it with a reason, or what they yield can be written.
func fuzzReader(f *testing.F, names ...string) {
	layouts := make([]*layout.Layout, len(names))
	for i, name := range names {
		l, err := layout.Open(name)
		require.NoError(f, err)
		layouts[i] = l
		var b bytes.Buffer
		_, _, err = layout.WriteSample(&b, l, sampleFile(l), 3)
		require.NoError(f, err)
		f.Add(b.Bytes(), uint8(i))
		f.Add(b.Bytes()[:b.Len()/2], uint8(i))
	}
	f.Fuzz(func(t *testing.T, content []byte, n uint8) {
		l := layouts[int(n)%len(layouts)]
		w := layout.NewWriter(io.Discard, l, sampleFile(l))
		for row, err := range layout.NewReader(bytes.NewReader(content), l, layout.Expected{File: sampleFile(l)}).Rows() {
			if err != nil {
				require.NotEmpty(t, card.ReasonOf(err), err)
				return
			}
			require.NotZero(t, row.Line)
			if err := w.Row(row.Ref, row.Fields...); err != nil {
				require.Contains(t, []card.Kind{card.Invalid, card.Internal}, card.KindOf(err), err)
			}
		}
	})
}

func FuzzDelimited(f *testing.F) {
	fuzzReader(f, "rural-acctreq", "rural-acctret", "citybank-acctreq", "county-matchret", "coastal-payreq", "post-dispatch",
		"standard-payenr", "standard-payback", "standard-fundret", "standard-acctsta")
}

func FuzzFixed(f *testing.F) { fuzzReader(f, "bureau-cardreq", "bureau-cardret", "coastal-payret") }

func FuzzWorkbook(f *testing.F) { fuzzReader(f, "township-report", "township-dispatch") }

// sampleOf returns a file of sample rows.
func sampleOf(b *testing.B, l *layout.Layout, rows int) []byte {
	var text bytes.Buffer
	_, _, err := layout.WriteSample(&text, l, sampleFile(l), rows)
	require.NoError(b, err)
	return text.Bytes()
}

func BenchmarkFormats(b *testing.B) {
	const rows = 20_000
	for _, name := range layout.Shipped() {
		l, err := layout.Open(name)
		require.NoError(b, err)
		content := sampleOf(b, l, rows)
		var people [][]string
		b.Run("read/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				people = people[:0]
				for row, err := range layout.NewReader(bytes.NewReader(content), l, layout.Expected{File: sampleFile(l)}).Rows() {
					require.NoError(b, err)
					people = append(people, append([]string(nil), row.Fields...))
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("write/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				w := layout.NewWriter(io.Discard, l, sampleFile(l))
				for i, values := range people {
					require.NoError(b, w.Row(i+1, values...))
				}
				_, _, err := w.Close()
				require.NoError(b, err)
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
