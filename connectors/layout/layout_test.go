package layout_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout"
)

// shapes is a message with a field of each shape.
var shapes = layout.Message{Kind: card.AcctRet, Answers: card.AcctReq, Inward: true, Fields: []layout.Field{
	{Name: "card_no", Shape: layout.Code, Min: 9, Max: 9},
	{Name: "name", Shape: layout.Text, Max: 50, Personal: true},
	{Name: "pan", Shape: layout.Digits, Min: 16, Max: 19, Optional: true, Personal: true},
	{Name: "ident_code", Shape: layout.Hex, Min: 32, Max: 32, Optional: true},
	{Name: "birth", Shape: layout.Date, Optional: true, Personal: true},
	{Name: "time", Shape: layout.Moment, Optional: true},
	{Name: "result", Shape: layout.Code, Min: 2, Max: 3},
	{Name: "reason", Shape: layout.Text, Optional: true},
}}

// format writes a format of the standard shape for m.
func format(m *layout.Message, e layout.Encoding) string {
	text := `notation = 1
name = "test"
message = "` + string(m.Kind) + `"
version = 1
encoding = "` + e.String() + `"
delimited = { delimiter = "|" }
header = [ { columns = [ { const = "H" }, { value = "kind" }, { value = "version" }, { value = "file" }, { value = "date" }, { value = "answered" } ] } ]
trailer = [ { columns = [ { const = "T" }, { value = "rows" }, { value = "total" } ] } ]
detail = { columns = [ { const = "D" }, { value = "ref" }`
	for _, f := range m.Fields {
		text += `, { field = "` + f.Name + `" }`
	}
	return text + " ] }\n"
}

// answer is the layout of shapes that most tests have.
func answer(e layout.Encoding) *layout.Layout { return of(&shapes, e) }

func of(m *layout.Message, e layout.Encoding) *layout.Layout {
	l, err := layout.ParseFor(format(m, e), m)
	if err != nil {
		panic(err)
	}
	return l
}

var file = card.File{Partner: "ICBC", Kind: card.AcctRet, Date: "20261121", Seq: 17}

const head = "H|ACCTRET|1|ICBC_ACCTRET_20261121_000017.txt|20261121|ICBC_ACCTREQ_20261121_000017.txt\n"

func row(ref int, name string) []string {
	number, err := card.MakeNumber(fmt.Sprintf("D%07d", ref%10_000_000))
	if err != nil {
		panic(err)
	}
	return []string{string(number), name, "6299990000000000019", "440100D15600000500000001DE1B38F3", "19900101", "20261121093000", "00", ""}
}

// write makes a file of rows for people of the given names, with refs from 1.
func write(t require.TestingT, l *layout.Layout, names ...string) []byte {
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, file)
	for i, name := range names {
		require.NoError(t, w.Row(i+1, row(i+1, name)...))
	}
	rows, fen, err := w.Close()
	require.NoError(t, err)
	require.Equal(t, len(names), rows)
	require.Zero(t, fen)
	return b.Bytes()
}

// declared is what is expected when the file's manifest says so many rows.
func declared(rows int) layout.Expected {
	return layout.Expected{File: file, Manifest: &card.Manifest{Name: file.Name(), Layout: "ACCTRET/1", Rows: rows}}
}

type read struct {
	Line, Ref int
	Fields    string
}

// readAll reads b and returns what a transaction would hold at the end, and the error.
func readAll(b io.Reader, l *layout.Layout, want layout.Expected) (rows []read, err error) {
	for row, err := range layout.NewReader(b, l, want).Rows() {
		if err != nil {
			return rows, err
		}
		rows = append(rows, read{row.Line, row.Ref, strings.Join(row.Fields, "|")})
	}
	return rows, nil
}

var any17 = layout.Expected{File: file}

func TestAFileOfEveryEncodingRoundTrips(t *testing.T) {
	t.Parallel()
	for _, e := range []layout.Encoding{layout.GB18030, layout.GBK, layout.UTF8} {
		l := answer(e)
		names := []string{"欧阳测试", "阿卜杜拉·买买提", "䶮\ue000", "O'Neil"}
		b := write(t, l, names...)
		if e != layout.UTF8 {
			require.NotContains(t, string(b), "欧阳测试")
		}
		rows, err := readAll(iotest.OneByteReader(bytes.NewReader(b)), l, declared(4))
		require.NoError(t, err)
		require.Len(t, rows, 4)
		for i, name := range names {
			require.Equal(t, read{i + 2, i + 1, strings.Join(row(i+1, name), "|")}, rows[i])
		}
	}
}

// A text that ends in a part of the delimiter keeps that end: it is quoted where quotes are used, and refused where not.
func TestATextThatEndsLikeTheDelimiter(t *testing.T) {
	t.Parallel()
	const one, two = `delimiter = "|"`, `delimiter = "||", quote = `
	l, err := layout.ParseFor(strings.Replace(format(&shapes, layout.UTF8), one, two+`"needed"`, 1), &shapes)
	require.NoError(t, err)
	rows, err := readAll(bytes.NewReader(write(t, l, "欧|", "|欧")), l, declared(2))
	require.NoError(t, err)
	require.Equal(t, strings.Join(row(1, "欧|"), "|"), rows[0].Fields)
	require.Equal(t, strings.Join(row(2, "|欧"), "|"), rows[1].Fields)
	l, err = layout.ParseFor(strings.Replace(format(&shapes, layout.UTF8), one, two+`"none"`, 1), &shapes)
	require.NoError(t, err)
	err = layout.NewWriter(io.Discard, l, file).Row(1, row(1, "欧|")...)
	require.Equal(t, card.ReasonFieldCharacters, card.ReasonOf(err))
}

func TestAnEmptyFile(t *testing.T) {
	t.Parallel()
	b := write(t, answer(layout.GB18030))
	require.Equal(t, head+"T|0|0\n", string(b))
	rows, err := readAll(bytes.NewReader(b), answer(layout.GB18030), any17)
	require.NoError(t, err)
	require.Empty(t, rows)
}

func TestAFileThatAnswersNothing(t *testing.T) {
	t.Parallel()
	m := shapes
	m.Answers = ""
	l := of(&m, layout.UTF8)
	b := write(t, l, "张三")
	require.True(t, strings.HasPrefix(string(b), "H|ACCTRET|1|ICBC_ACCTRET_20261121_000017.txt|20261121|\n"))
	_, err := readAll(bytes.NewReader(b), l, any17)
	require.NoError(t, err)
}

func TestAManifestOfAnotherLayout(t *testing.T) {
	t.Parallel()
	want := declared(0)
	want.Manifest.Layout = "ACCTRET/2"
	_, err := readAll(strings.NewReader(head), answer(layout.UTF8), want)
	require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))
	require.ErrorContains(t, err, `found a manifest of layout "ACCTRET/2", expected ACCTRET/1`)
}

func TestAManifestWithMoney(t *testing.T) {
	t.Parallel()
	want := declared(0)
	want.Manifest.TotalFen = 5
	_, err := readAll(strings.NewReader(head+"T|0|0\n"), answer(layout.UTF8), want)
	require.Equal(t, card.ReasonFileTotal, card.ReasonOf(err))
	require.ErrorContains(t, err, "line 2: found a total of 0, expected 5 as the manifest says")
}

// A personal value in the wrong column does not get into an error either.
func TestFaultsTellNoPersonalData(t *testing.T) {
	t.Parallel()
	const number, phone = "440100199001010015", "13800000000"
	for column := range 8 {
		for _, value := range []string{number, phone, "欧阳测试", "WANG XIAOMING", "6299990000000000019|"} {
			fields := append([]string{"D", "1"}, row(1, "张三")...)
			fields[column+2] = value + value
			if column == 1 || column == 7 {
				fields[column+2] = value + "\x01"
			}
			text := head + strings.Join(fields, "|") + "\n"
			_, err := readAll(strings.NewReader(text), answer(layout.UTF8), any17)
			require.Error(t, err)
			require.NotContains(t, err.Error(), strings.TrimSuffix(value, "|"))
		}
	}
}

func TestARowRepeatedWordForWord(t *testing.T) {
	t.Parallel()
	const d1 = "D|1|D00000128|张三||||20261121093000|00|\n"
	rows, err := readAll(strings.NewReader(head+d1+d1+d1+"T|3|0\n"), answer(layout.UTF8), declared(3))
	require.NoError(t, err)
	require.Len(t, rows, 1)
}

func TestARowThatIsWrongInItsSense(t *testing.T) {
	t.Parallel()
	for row, err := range layout.NewReader(bytes.NewReader(write(t, answer(layout.UTF8), "张三")), answer(layout.UTF8), any17).Rows() {
		require.NoError(t, err)
		err = row.Fault(6, "a result of the table")
		require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))
		require.ErrorContains(t, err, `line 2 ref 1 column 9 (result): found "00", expected a result of the table`)
		var fault *layout.Fault
		require.ErrorAs(t, err, &fault)
		require.Equal(t, 2, fault.Line)
		break
	}
}

var errDisk = errors.New("disk gone")

func TestAReaderThatFails(t *testing.T) {
	t.Parallel()
	b := write(t, answer(layout.UTF8), "张三")
	for cut := range b {
		_, err := readAll(io.MultiReader(bytes.NewReader(b[:cut]), iotest.ErrReader(errDisk)), answer(layout.UTF8), any17)
		require.ErrorIs(t, err, errDisk)
		require.Equal(t, card.Unavailable, card.KindOf(err))
	}
	_, err := readAll(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(errDisk)), answer(layout.UTF8), any17)
	require.ErrorIs(t, err, errDisk)
}

// However a file is cut, it is refused.
func TestACutFileIsRefused(t *testing.T) {
	t.Parallel()
	b := write(t, answer(layout.GB18030), "张三", "𠮷野")
	for cut := range b {
		_, err := readAll(bytes.NewReader(b[:cut]), answer(layout.GB18030), any17)
		require.Equal(t, card.Invalid, card.KindOf(err), cut)
	}
}

// Whatever text a field holds, it is either refused when it is written or comes back as it was.
func TestTextsRoundTrip(t *testing.T) {
	t.Parallel()
	m := &layout.Message{Kind: card.AcctRet, Fields: []layout.Field{{Name: "a", Optional: true}, {Name: "b", Optional: true}}}
	rapid.Check(t, func(t *rapid.T) {
		l := of(m, rapid.SampledFrom([]layout.Encoding{layout.GB18030, layout.GBK, layout.UTF8}).Draw(t, "encoding"))
		texts := rapid.SliceOfN(rapid.String(), 2, 2).Draw(t, "texts")
		var b bytes.Buffer
		w := layout.NewWriter(&b, l, file)
		if err := w.Row(1, texts...); err != nil {
			require.Contains(t, []card.Reason{card.ReasonNameUnencodable, card.ReasonFieldCharacters}, card.ReasonOf(err))
			return
		}
		_, _, err := w.Close()
		require.NoError(t, err)
		rows, err := readAll(&b, l, any17)
		require.NoError(t, err)
		require.Equal(t, []read{{2, 1, strings.Join(texts, "|")}}, rows)
	})
}

// A reader never panics, and a file that it accepts is the file that the writer makes of its rows, repetitions apart.
func FuzzReader(f *testing.F) {
	for _, e := range []layout.Encoding{layout.GB18030, layout.GBK, layout.UTF8} {
		f.Add(write(f, answer(e), "张三", "阿·卜\ue000"), uint8(e))
		f.Add([]byte(head+"T|0|0\n"), uint8(e))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		l := answer(layout.Encoding(n % 3))
		var again bytes.Buffer
		w := layout.NewWriter(&again, l, file)
		rows := 0
		for row, err := range layout.NewReader(bytes.NewReader(b), l, any17).Rows() {
			if err != nil {
				require.NotEmpty(t, card.ReasonOf(err))
				return
			}
			require.NoError(t, w.Row(row.Ref, row.Fields...))
			rows++
		}
		_, _, err := w.Close()
		require.NoError(t, err)
		if bytes.Count(b, []byte("\n")) == rows+2 {
			require.Equal(t, string(b), again.String())
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	l := answer(layout.GB18030)
	fields := row(1, "欧阳测试")
	w := layout.NewWriter(io.Discard, l, file)
	b.ReportAllocs()
	for ref := 1; b.Loop(); ref++ {
		if err := w.Row(ref, fields...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkReader(b *testing.B) {
	l := answer(layout.GB18030)
	var text bytes.Buffer
	fields := row(1, "欧阳测试")
	_, _, err := layout.Write(&text, l, file, numbers(100_000, nil), func(n int, f []string) (int, []string, error) {
		return n, append(f, fields...), nil
	}, nil)
	require.NoError(b, err)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		for _, err := range layout.NewReader(bytes.NewReader(text.Bytes()), l, any17).Rows() {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
