package roster

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestSamplePassesEveryCheck(t *testing.T) {
	t.Parallel()
	for _, city := range card.Cities() {
		for _, format := range []string{FormatCSV, FormatXLSX} {
			seen := map[string]bool{}
			for _, row := range readAll(t, sample(t, SampleOptions{Rows: 400, City: city.Code, Seed: 3, Format: format}), Options{}) {
				require.Empty(t, row.Reasons, "%s %s row %d", city.EN, format, row.Number)
				require.Equal(t, city.Code, row.Application.City)
				require.False(t, seen[row.Application.Person.SSN], "a number occurs twice")
				seen[row.Application.Person.SSN] = true
			}
			require.Len(t, seen, 400)
		}
	}
}

func TestSampleHasAllSortsOfPeople(t *testing.T) {
	t.Parallel()
	types, dots, rareNames, modes := map[card.DocType]int{}, 0, 0, map[card.DistributionMode]int{}
	for _, row := range readAll(t, sample(t, SampleOptions{Rows: 20_000, City: "佛山", Banks: []string{"ICBC", "103"}}), Options{}) {
		p := row.Application.Person
		types[p.DocType]++
		modes[row.Application.Mode]++
		if bytes.ContainsRune([]byte(p.Name), card.NameDot) {
			dots++
		}
		if slices.ContainsFunc(rare[:], func(r string) bool { return bytes.HasSuffix([]byte(p.Name), []byte(r)) }) {
			rareNames++
		}
	}
	require.Len(t, types, 3)
	require.Len(t, modes, 3)
	require.Positive(t, types[card.DocForeignPR])
	require.Positive(t, dots)
	require.InDelta(t, 200, rareNames, 80)
}

func TestSampleIsMadeBySeed(t *testing.T) {
	t.Parallel()
	o := SampleOptions{Rows: 3000, City: "440600", Seed: 7, Bad: 0.1}
	for _, o.Format = range []string{FormatCSV, FormatXLSX} {
		first := sample(t, o)
		require.Equal(t, first, sample(t, o))
	}
	seen := map[string]bool{}
	for seed := range uint64(20) {
		for _, city := range []string{"440600", "441300", "441900"} {
			for _, row := range readAll(t, sample(t, SampleOptions{Rows: 2000, City: city, Seed: seed}), Options{}) {
				require.False(t, seen[row.Application.Person.SSN], "a person occurs in two samples")
				seen[row.Application.Person.SSN] = true
			}
		}
	}
}

func TestSampleNumbersAreUnique(t *testing.T) {
	t.Parallel()
	c, err := newCrowd(SampleOptions{City: "440600"})
	require.NoError(t, err)
	a, b := c.numbers(), uint64(scatter)
	for b != 0 {
		a, b = b, a%b
	}
	require.EqualValues(t, 1, a, "scatter must have no factor in common with the count of numbers")
}

func TestBadRowsOfSampleFailEachCheckInTurn(t *testing.T) {
	t.Parallel()
	for _, format := range []string{FormatCSV, FormatXLSX} {
		reasons := SampleReasons(format)
		rows := readAll(t, sample(t, SampleOptions{Rows: 400, City: "440600", Seed: 11, Bad: 0.5, Format: format}), Options{})
		require.Len(t, rows, 400)
		for i, row := range rows {
			if i%2 == 0 {
				require.Empty(t, row.Reasons, "%s row %d", format, row.Number)
				continue
			}
			want := reasons[i/2%len(reasons)]
			if want == card.ReasonDuplicateInFile {
				require.Empty(t, row.Reasons)
				require.Equal(t, rows[i-1].Cells, row.Cells)
				continue
			}
			require.Contains(t, row.Reasons, want, "%s row %d", format, row.Number)
		}
	}
}

func TestSampleRefusesWrongOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []SampleOptions{
		{City: "1"}, {City: "440600", Banks: []string{"999"}}, {City: "440600", Bad: 2}, {City: "440600", Rows: -1},
		{City: "440600", Format: "xls"}, {City: "440600", Rows: 100_000_000},
	} {
		require.Equal(t, card.Invalid, card.KindOf(Sample(&bytes.Buffer{}, o)), "%+v", o)
	}
}
