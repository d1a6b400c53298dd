package layout_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/connectors/layout"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleFile(l *layout.Layout) card.File {
	return card.File{Partner: "SAMPLE", Kind: l.Message.Kind, Date: "20261121", Seq: 17}
}

// shipped runs a test on every format that ships.
func shipped(t *testing.T, test func(t *testing.T, l *layout.Layout)) {
	for _, name := range layout.Shipped() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := layout.Open(name)
			require.NoError(t, err)
			test(t, l)
		})
	}
}

// The samples are wire formats: a change of them is a change of what partners get.
func TestSamplesOfEveryFormatAreGolden(t *testing.T) {
	t.Parallel()
	shipped(t, func(t *testing.T, l *layout.Layout) {
		var b bytes.Buffer
		rows, fen, err := layout.WriteSample(&b, l, sampleFile(l), 24)
		require.NoError(t, err)
		require.Equal(t, 24, rows)
		path := filepath.Join("..", "..", "testdata", "layouts", l.Format+extension(l))
		if *update {
			require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
		}
		want, err := os.ReadFile(filepath.Clean(path))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, b.Bytes()), "%s is another file; if that is meant, run the test with -update", path)

		m := &card.Manifest{Layout: l.Name(), Rows: rows, TotalFen: fen}
		got, err := readAll(iotest.HalfReader(&b), l, layout.Expected{File: sampleFile(l), Manifest: m})
		require.NoError(t, err)
		require.Len(t, got, 24)
	})
}

func extension(l *layout.Layout) string {
	if l.IsWorkbook() {
		return ".xlsx"
	}
	return ".txt"
}

// draw makes a value that the field may hold.
func draw(t *rapid.T, f layout.Field) string {
	if f.Optional && rapid.IntRange(0, 4).Draw(t, "missing") == 0 {
		return ""
	}
	if len(f.Codes) > 0 {
		return rapid.SampledFrom(f.Codes).Draw(t, f.Name)
	}
	most := min(f.Max, 60)
	if most == 0 {
		most = 60
	}
	least := max(f.Min, 1)
	most = max(most, least)
	n := rapid.IntRange(least, most)
	switch f.Shape {
	case layout.Text:
		plain := rapid.StringOfN(rapid.RuneFrom([]rune("欧阳测试样本甲乙丙丁·AB12")), least, most, -1)
		text := rapid.OneOf(plain, plain, rapid.StringOfN(rapid.SampledFrom([]rune("欧阳·测试䶮𠮷\ue000 AZ09|,\"'=+-;|+")), least, most, -1), rapid.StringN(least, most, -1))
		return text.Draw(t, f.Name)
	case layout.Digits:
		return rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), n.Draw(t, "n"), most, -1).Draw(t, f.Name)
	case layout.Code:
		return rapid.StringOfN(rapid.RuneFrom([]rune("AZaz09.-_")), n.Draw(t, "n"), most, -1).Draw(t, f.Name)
	case layout.Hex:
		return strings.Repeat(rapid.StringMatching("[0-9A-Fa-f]{2}").Draw(t, f.Name), rapid.IntRange((least+1)/2, most/2).Draw(t, "n"))
	case layout.Date:
		return day(t)
	case layout.Moment:
		return day(t) + rapid.StringMatching("([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]").Draw(t, f.Name)
	case layout.Amount:
		return rapid.StringMatching("0|[1-9][0-9]{0,12}").Draw(t, f.Name)
	}
	panic(f.Shape)
}

func day(t *rapid.T) string {
	return rapid.StringMatching("(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])").Draw(t, "day")
}

// Whoever is written into a file of any format either is refused with a reason, or comes back: as he was, where the format has
// all fields, and in any case so that the same file is written once more.
func TestPeopleRoundTripThroughEveryFormat(t *testing.T) {
	t.Parallel()
	shipped(t, func(t *testing.T, l *layout.Layout) {
		rapid.Check(t, func(t *rapid.T) { roundTrip(t, l, sampleFile(l)) })
	})
}

func roundTrip(t *rapid.T, l *layout.Layout, f card.File) {
	people := map[int][]string{}
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, f)
	ref := 0
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		ref += rapid.IntRange(1, 1000).Draw(t, "step")
		values := make([]string, len(l.Message.Fields))
		for i, field := range l.Message.Fields {
			values[i] = draw(t, field)
		}
		if err := w.Row(ref, values...); err != nil {
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.NotEmpty(t, card.ReasonOf(err))
			continue
		}
		people[ref] = values
	}
	rows, fen, err := w.Close()
	require.NoError(t, err)
	require.Len(t, people, rows)
	again := reread(t, l, f, b.Bytes(), &card.Manifest{Layout: l.Name(), Rows: rows, TotalFen: fen}, people)
	require.True(t, bytes.Equal(b.Bytes(), again), "what was read is written as it was")
}

// reread reads a file, compares what it says, and writes it once more.
func reread(t *rapid.T, l *layout.Layout, f card.File, content []byte, m *card.Manifest, people map[int][]string) []byte {
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, f)
	counted := 0
	for row, err := range layout.NewReader(bytes.NewReader(content), l, layout.Expected{File: f, Manifest: m}).Rows() {
		require.NoError(t, err)
		counted++
		want, known := people[row.Ref]
		for i, value := range row.Fields {
			if known && l.Lossless(i) {
				require.Equal(t, want[i], value, l.Message.Fields[i].Name)
			}
		}
		require.True(t, known || counted == row.Ref, "refs come back, or rows are counted")
		require.NoError(t, w.Row(row.Ref, row.Fields...))
	}
	require.Len(t, people, counted)
	_, _, err := w.Close()
	require.NoError(t, err)
	return b.Bytes()
}
