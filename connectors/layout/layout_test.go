package layout_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout"
)

// answer is a layout with a column of each shape.
func answer(e layout.Encoding) *layout.Layout {
	return &layout.Layout{Kind: card.AcctRet, Version: 1, Answers: card.AcctReq, Encoding: e, Columns: []layout.Column{
		{Name: "card_no", Shape: layout.Code, Min: 9, Max: 9},
		{Name: "name", Shape: layout.Text, Max: 50, Personal: true},
		{Name: "pan", Shape: layout.Digits, Min: 16, Max: 19, Optional: true, Personal: true},
		{Name: "ident_code", Shape: layout.Hex, Min: 32, Max: 32, Optional: true},
		{Name: "birth", Shape: layout.Date, Optional: true, Personal: true},
		{Name: "time", Shape: layout.Moment, Optional: true},
		{Name: "result", Shape: layout.Code, Min: 2, Max: 3},
		{Name: "reason", Shape: layout.Text, Optional: true},
	}}
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
	l := answer(layout.UTF8)
	l.Answers = ""
	b := write(t, l, "张三")
	require.True(t, strings.HasPrefix(string(b), "H|ACCTRET|1|ICBC_ACCTRET_20261121_000017.txt|20261121|\n"))
	_, err := readAll(bytes.NewReader(b), l, any17)
	require.NoError(t, err)
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	const d1 = "D|1|D00000128|张三||||20261121093000|00|\n"
	const d2 = "D|2|D00000209|李四|6299990000000000019|440100D15600000500000001DE1B38F3|19900101||E01|证件过期\n"
	cases := []struct {
		name   string
		file   string
		reason card.Reason
		fault  string
	}{
		{"nothing", "", card.ReasonFileRows, "line 1: found the end of the file, expected the first line H|<kind>|…"},
		{"no header", d1, card.ReasonFileLayout, "found a first line of 10 fields, expected 6"},
		{"a header of another record", "X" + head[1:], card.ReasonFileLayout, `line 1 column 1 (record): found "X", expected "H"`},
		{"another kind", strings.Replace(head, "H|ACCTRET", "H|ACCTENR", 1), card.ReasonFileLayout, `column 2 (kind): found "ACCTENR", expected "ACCTRET"`},
		{"another version", strings.Replace(head, "|1|", "|2|", 1), card.ReasonFileLayout, `column 3 (version): found "2", expected "1"`},
		{"another file's name", strings.Replace(head, "ICBC_ACCTRET", "ABC_ACCTRET", 1), card.ReasonFileName, `column 4 (file name): found "ABC_ACCTRET_20261121_000017.txt", expected "ICBC_ACCTRET_20261121_000017.txt"`},
		{"a name that is no name", strings.Replace(head, "ICBC_ACCTRET", "../张", 1), card.ReasonFileName, "column 4 (file name): found 24 characters .{2}/字_9{8}_9{6}.a{3}, expected"},
		{"another date", strings.Replace(head, "|20261121|", "|20261122|", 1), card.ReasonFileName, `column 5 (date): found "20261122", expected "20261121"`},
		{"the answer to another file", strings.Replace(head, "000017.txt\n", "000018.txt\n", 1), card.ReasonFileName, `column 6 (file answered): found "ICBC_ACCTREQ_20261121_000018.txt", expected "ICBC_ACCTREQ_20261121_000017.txt"`},
		{"no trailer", head + d1, card.ReasonFileRows, "line 3: found the end of the file, expected the last line T|<rows>|<total>"},
		{"cut in a line", head + d1 + "T|1|", card.ReasonFileRows, "line 3: found the end of the file inside a line"},
		{"fewer rows", head + d1 + "T|2|0\n", card.ReasonFileRows, "found 1 rows and a last line that says 2"},
		{"rows that are no number", head + d1 + "T|01|0\n", card.ReasonFileRows, "found 1 rows and a last line that says no number"},
		{"fewer rows than the manifest says", head + "T|0|0\n", card.ReasonFileRows, "found 0 rows, expected 2 as the manifest says"},
		{"money in a file without", head + d1 + d2 + "T|2|5\n", card.ReasonFileTotal, "found a total of 5, expected 0"},
		{"a trailer with more", head + "T|0|0|0\n", card.ReasonFileLayout, "found a last line of 4 fields, expected 3"},
		{"more after the trailer", head + d1 + d2 + "T|2|0\n\n", card.ReasonFileLayout, "found more after the last line"},
		{"another record", head + "\n", card.ReasonFileLayout, "found nothing as first field, expected D or T"},
		{"a second header", head + head, card.ReasonFileLayout, `found "H" as first field`},
		{"CRLF", strings.ReplaceAll(head+"T|0|0\n", "\n", "\r\n"), card.ReasonFileLayout, "found a control character in field 6"},
		{"a tab", head + "D|1|\t", card.ReasonFileRows, "inside a line"},
		{"a C1 control", head + "D|1|\u0085|\n", card.ReasonFileLayout, "line 2: found a control character in field 3"},
		{"bytes of another encoding", head + "D|1|\xc5\xb7\xd1\xf4|\n", card.ReasonFileEncoding, "line 2: found no UTF-8 character at byte 7 of the line, expected UTF-8 text"},
		{"a long line", head + "D|1|" + strings.Repeat("x", 5000) + "\n", card.ReasonFileLineLength, "line 2: found more than 4096 bytes"},
		{"an endless line", head + strings.Repeat("x", 1<<20), card.ReasonFileLineLength, "line 2: found more than 4096 bytes"},
		{"a field too few", head + strings.Replace(d1, "|00|", "|00", 1), card.ReasonFileLayout, "line 2: found 9 fields, expected 10"},
		{"a ref with a zero", head + strings.Replace(d1, "D|1|", "D|01|", 1), card.ReasonFileLayout, "line 2 column 2 (ref): found 2 characters 9{2}, expected 1 to 10 digits"},
		{"ref zero", head + strings.Replace(d1, "D|1|", "D|0|", 1), card.ReasonFileLayout, "column 2 (ref)"},
		{"a ref too long", head + strings.Replace(d1, "D|1|", "D|12345678901|", 1), card.ReasonFileLayout, "column 2 (ref)"},
		{"a negative ref", head + strings.Replace(d1, "D|1|", "D|-1|", 1), card.ReasonFileLayout, "column 2 (ref)"},
		{"refs in disorder", head + d2 + d1, card.ReasonFileRepeatedRow, "line 3 column 2 (ref): found ref 1 after ref 2, expected ascending refs"},
		{"a ref with other content", head + d1 + strings.Replace(d1, "|00|", "|E01|", 1), card.ReasonFileRepeatedRow, "line 3 column 2 (ref): found ref 1 again, with other content"},
		{"a short code", head + strings.Replace(d1, "D00000128", "D0000012", 1), card.ReasonFileLayout, "line 2 ref 1 column 3 (card_no): found 8 characters A9{7}, expected 9 letters and digits"},
		{"a code of other characters", head + strings.Replace(d1, "|00|", "|成功|", 1), card.ReasonFileLayout, "column 9 (result): found 2 characters 字{2}, expected 2 to 3 letters and digits"},
		{"a long result", head + strings.Replace(d1, "|00|", "|E012|", 1), card.ReasonFileLayout, `(result): found "E012", expected 2 to 3 letters`},
		{"no result", head + strings.Replace(d1, "|00|", "||", 1), card.ReasonFileLayout, "(result): found nothing, expected 2 to 3"},
		{"no name", head + strings.Replace(d1, "张三", "", 1), card.ReasonFileLayout, "(name): found nothing, expected 1 to 50 characters"},
		{"letters in a PAN", head + strings.Replace(d2, "629999", "62999X", 1), card.ReasonFileLayout, "column 5 (pan): found 19 characters 9{5}A9{13}, expected 16 to 19 digits or nothing"},
		{"an odd hex", head + strings.Replace(d2, "|440100D1", "|440100G1", 1), card.ReasonFileLayout, "column 6 (ident_code): found 32 characters 9{6}A9"},
		{"no day", head + strings.Replace(d2, "19900101", "19900230", 1), card.ReasonFileLayout, "column 7 (birth): found 8 characters 9{8}, expected a date YYYYMMDD or nothing"},
		{"no time", head + strings.Replace(d1, "20261121093000", "20261121246000", 1), card.ReasonFileLayout, "column 8 (time): found 14 characters 9{14}, expected a time YYYYMMDDHHMMSS or nothing"},
		{"too many rows", head + d1 + d2 + strings.Replace(d2, "D|2|", "D|3|", 1), card.ReasonFileTooManyRows, "line 4: found another row, expected at most 2"},
	}
	for _, c := range cases {
		_, err := readAll(strings.NewReader(c.file), answer(layout.UTF8), layout.Expected{File: file, Manifest: declared(2).Manifest, MaxRows: 2})
		require.Equal(t, card.Invalid, card.KindOf(err), c.name)
		require.Equal(t, c.reason, card.ReasonOf(err), c.name)
		require.ErrorContains(t, err, "ICBC_ACCTRET_20261121_000017.txt", c.name)
		require.ErrorContains(t, err, c.fault, c.name)
		require.NotContains(t, err.Error(), "张三", c.name)
	}
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

func TestRowsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		ref    int
		change func([]string) []string
		reason card.Reason
		fault  string
	}{
		{"a dot that GBK lacks", 7, func(f []string) []string { f[1] = "阿•买"; return f }, card.ReasonNameUnencodable, "line 3 ref 7 column 4 (name): found a character that GBK cannot carry at byte 4 of the UTF-8 text"},
		{"malformed UTF-8", 7, func(f []string) []string { f[1] = "\xff"; return f }, card.ReasonNameUnencodable, "byte 1"},
		{"a separator", 7, func(f []string) []string { f[7] = "a|b"; return f }, card.ReasonFieldCharacters, "column 10 (reason): found a separator or control character at byte 2"},
		{"a line end", 7, func(f []string) []string { f[1] = "张\n"; return f }, card.ReasonFieldCharacters, "column 4 (name)"},
		{"a C1 control", 7, func(f []string) []string { f[1] = "\u0090"; return f }, card.ReasonFieldCharacters, "column 4 (name)"},
		{"a short PAN", 7, func(f []string) []string { f[2] = "62"; return f }, card.ReasonFileLayout, "column 5 (pan): found 2 characters 9{2}, expected 16 to 19 digits or nothing"},
		{"a field too few", 7, func(f []string) []string { return f[1:] }, card.ReasonFileLayout, "found 7 fields, expected 8"},
		{"the same ref", 5, func(f []string) []string { return f }, card.ReasonFileSequence, "found 5, expected a ref above 5"},
		{"a ref too long", 10_000_000_000, func(f []string) []string { return f }, card.ReasonFileSequence, "at most 10 digits"},
		{"a long line", 7, func(f []string) []string { f[7] = strings.Repeat("很长", 1100); return f }, card.ReasonFileLineLength, "expected at most 4096"},
	}
	l := answer(layout.GBK)
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, file)
	require.NoError(t, w.Row(5, row(5, "张三")...))
	for _, c := range cases {
		err := w.Row(c.ref, c.change(row(7, "李四"))...)
		require.Equal(t, card.Invalid, card.KindOf(err), c.name)
		require.Equal(t, c.reason, card.ReasonOf(err), c.name)
		require.ErrorContains(t, err, c.fault, c.name)
	}
	require.NoError(t, w.Row(6, row(6, "王五")...))
	rows, _, err := w.Close()
	require.NoError(t, err)
	require.Equal(t, 2, rows)
	got, err := readAll(&b, l, any17)
	require.NoError(t, err)
	require.Len(t, got, 2)
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

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestAWriterThatFails(t *testing.T) {
	t.Parallel()
	w := layout.NewWriter(failing{}, answer(layout.UTF8), file)
	_, _, err := w.Close()
	require.ErrorIs(t, err, errDisk)
	var rowErr error
	for i := 1; rowErr == nil && i < 10_000; i++ {
		rowErr = w.Row(i, row(i, "张三")...)
	}
	require.ErrorIs(t, rowErr, errDisk)
}

func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := 1; i <= n; i++ {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestWriteAndReadWholeFiles(t *testing.T) {
	t.Parallel()
	l := answer(layout.GB18030)
	fields := func(n int, f []string) (int, []string, error) { return n, append(f, row(n, "张三")...), nil }
	var b bytes.Buffer
	rows, fen, err := layout.Write(&b, l, file, numbers(1000, nil), fields)
	require.NoError(t, err)
	require.Equal(t, 1000, rows)
	require.Zero(t, fen)

	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	all := layout.Read(open, l, any17, func(r *layout.Row) (int, error) { return r.Ref, nil })
	for range 2 { // a file can be read again
		last := 0
		for ref, err := range all {
			require.NoError(t, err)
			require.Equal(t, last+1, ref)
			last = ref
		}
		require.Equal(t, 1000, last)
	}
}

func TestWriteAndReadPassErrorsOn(t *testing.T) {
	t.Parallel()
	l := answer(layout.GB18030)
	fields := func(n int, f []string) (int, []string, error) { return n, append(f, row(n, "张三")...), nil }
	_, _, err := layout.Write(io.Discard, l, file, numbers(3, errDisk), fields)
	require.ErrorIs(t, err, errDisk)
	_, _, err = layout.Write(io.Discard, l, file, numbers(3, nil), func(int, []string) (int, []string, error) { return 3, nil, errDisk })
	require.ErrorIs(t, err, errDisk)
	require.ErrorContains(t, err, "ref 3")
	_, _, err = layout.Write(io.Discard, l, file, numbers(3, nil), func(int, []string) (int, []string, error) { return 3, nil, nil })
	require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err))

	first := func(s iter.Seq2[int, error]) error {
		for _, err := range s {
			return err
		}
		return nil
	}
	noFile := func() (io.ReadCloser, error) { return nil, errDisk }
	require.ErrorIs(t, first(layout.Read(noFile, l, any17, func(*layout.Row) (int, error) { return 0, nil })), errDisk)
	b := write(t, l, "张三")
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	require.ErrorIs(t, first(layout.Read(open, l, any17, func(*layout.Row) (int, error) { return 0, errDisk })), errDisk)
}

// Whatever text a field holds, it is either refused when it is written or comes back as it was.
func TestTextsRoundTrip(t *testing.T) {
	t.Parallel()
	l := &layout.Layout{Kind: card.AcctRet, Version: 3, Columns: []layout.Column{{Name: "a", Optional: true}, {Name: "b", Optional: true}}}
	rapid.Check(t, func(t *rapid.T) {
		l := *l
		l.Encoding = rapid.SampledFrom([]layout.Encoding{layout.GB18030, layout.GBK, layout.UTF8}).Draw(t, "encoding")
		texts := rapid.SliceOfN(rapid.String(), 2, 2).Draw(t, "texts")
		var b bytes.Buffer
		w := layout.NewWriter(&b, &l, file)
		if err := w.Row(1, texts...); err != nil {
			require.Contains(t, []card.Reason{card.ReasonNameUnencodable, card.ReasonFieldCharacters}, card.ReasonOf(err))
			return
		}
		_, _, err := w.Close()
		require.NoError(t, err)
		rows, err := readAll(&b, &l, any17)
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
	})
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
