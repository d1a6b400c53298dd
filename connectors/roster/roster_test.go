package roster

import (
	"bytes"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// testDay is the business day of the tests.
var testDay = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func sample(t testing.TB, o SampleOptions) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, Sample(&file, o))
	return file.Bytes()
}

func open(t testing.TB, file []byte, o Options) *Reader {
	t.Helper()
	if o.Today.IsZero() {
		o.Today = testDay
	}
	r, err := New(bytes.NewReader(file), int64(len(file)), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func readAll(t testing.TB, file []byte, o Options) []Row {
	t.Helper()
	var rows []Row
	for row, err := range open(t, file, o).Rows() {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	return rows
}

func refused(rows []Row) iter.Seq2[RefusedRow, error] {
	return func(yield func(RefusedRow, error) bool) {
		for _, row := range rows {
			if len(row.Reasons) > 0 && !yield(RefusedRow{row.Number, row.Cells, row.Reasons}, nil) {
				return
			}
		}
	}
}

func TestRefusedRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rows := readAll(t, sample(t, SampleOptions{Rows: 300, City: "440600", Bad: 0.3}), Options{})
	var file bytes.Buffer
	require.NoError(t, WriteErrors(&file, refused(rows)))
	r := open(t, file.Bytes(), Options{})
	require.Empty(t, r.Warnings(), "our own columns are known")
	next, stop := iter.Pull2(r.Rows())
	defer stop()
	for row, err := range refused(rows) {
		require.NoError(t, err)
		again, err, ok := next()
		require.NoError(t, err)
		require.True(t, ok)
		for col := range row.Cells {
			require.Equal(t, trim(row.Cells[col]), trim(again.Cells[col]), "row %d %s", row.Number, headings[col])
		}
	}
	_, _, more := next()
	require.False(t, more)
}

func TestCorrectedWorkbookIsAccepted(t *testing.T) {
	t.Parallel()
	cells := goodCells()
	cells[colPhone] = "123"
	var file, corrected bytes.Buffer
	require.NoError(t, WriteErrors(&file, refused(readAll(t, csvOf(goodCells(), cells), Options{}))))
	f := openBook(t, file.Bytes())
	row, err := f.GetRows(SheetName)
	require.NoError(t, err)
	require.Equal(t, "3", row[1][0])
	require.Contains(t, row[1][1], string(card.ReasonPhone))
	require.NoError(t, f.SetCellStr(SheetName, reference(len(ours)+colPhone, 2), "13800000000"))
	require.NoError(t, f.Write(&corrected))
	again := readAll(t, corrected.Bytes(), Options{})
	require.Len(t, again, 1)
	require.Empty(t, again[0].Reasons)
}

func TestErrorsOfTheRowsEndTheWorkbook(t *testing.T) {
	t.Parallel()
	err := WriteErrors(&bytes.Buffer{}, func(yield func(RefusedRow, error) bool) {
		yield(RefusedRow{}, card.E(card.Unavailable, "read refused rows", "", nil))
	})
	require.Equal(t, card.Unavailable, card.KindOf(err))
}

func TestCellsOfAnApplicationAreReadAgain(t *testing.T) {
	t.Parallel()
	rows := readAll(t, sample(t, SampleOptions{Rows: 500, City: "440600", Seed: 5}), Options{})
	for _, row := range rows {
		again := [columns]string(Cells(row.Application))
		require.Equal(t, row.Application, application(row.Number, &again))
	}
}

func TestTemplateIsAnEmptyRoster(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, WriteTemplate(&file, TemplateOptions{Cities: []string{"佛山"}, Banks: []string{"工商银行"}}))
	_, err := New(bytes.NewReader(file.Bytes()), int64(file.Len()), Options{})
	require.Equal(t, card.ReasonFileEmpty, card.ReasonOf(err))
}

func TestRowsEndEarly(t *testing.T) {
	t.Parallel()
	file := sample(t, SampleOptions{Rows: 5000, City: "440600"})
	for _, stop := range []int{1, 255, 256, 257, 1300} {
		r, n := open(t, file, Options{}), 0
		for _, err := range r.Rows() {
			require.NoError(t, err)
			if n++; n == stop {
				break
			}
		}
		require.Equal(t, stop, n)
		for _, err := range r.Rows() {
			require.Equal(t, card.Internal, card.KindOf(err), "rows are read once")
		}
	}
}

func TestFurtherChecksOfTheCaller(t *testing.T) {
	t.Parallel()
	o := Options{
		Encodable: func(name string) bool { return len(name) != len("𠮷") },
		Admit: func(a card.Application) []card.Reason {
			if a.Bank == "103" {
				return []card.Reason{card.ReasonBankNotServing}
			}
			return nil
		},
	}
	cells := goodCells()
	cells[colName] = "𠮷"
	require.Equal(t, []card.Reason{card.ReasonNameUnencodable}, readAll(t, csvOf(cells), o)[0].Reasons)
	cells[colBank] = "103"
	require.Equal(t, []card.Reason{card.ReasonNameUnencodable, card.ReasonBankNotServing}, readAll(t, csvOf(cells), o)[0].Reasons)
}

// goodCells is a row that passes.
func goodCells() []string {
	cells := make([]string, columns)
	for i, c := range columnTable() {
		cells[i] = c.example
	}
	return cells
}

func csvOf(rows ...[]string) []byte {
	file := appendCSV(nil, headings[:])
	for _, cells := range rows {
		file = appendCSV(file, cells)
	}
	return file
}

func TestExampleOfTheTemplatePasses(t *testing.T) {
	t.Parallel()
	rows := readAll(t, csvOf(goodCells()), Options{})
	require.Len(t, rows, 1)
	require.Empty(t, rows[0].Reasons)
	require.Equal(t, 2, rows[0].Number)
}

func TestCellsAreNormalised(t *testing.T) {
	t.Parallel()
	tests := []struct {
		col      int
		written  string
		field    func(card.Application) string
		expected string
	}{
		{colSSN, " '440600199001010012\t", func(a card.Application) string { return a.Person.SSN }, "440600199001010012"},
		{colSSN, "４４０６００１９９００１０１００１２", func(a card.Application) string { return a.Person.SSN }, "440600199001010012"},
		{colBirth, "1990-1-1", func(a card.Application) string { return a.Person.Birth }, "19900101"},
		{colBirth, "1990年01月01日", func(a card.Application) string { return a.Person.Birth }, "19900101"},
		{colBirth, "1990/1/1 0:00:00", func(a card.Application) string { return a.Person.Birth }, "19900101"},
		{colName, "　古丽 • 艾山　", func(a card.Application) string { return a.Person.Name }, "古丽·艾山"},
		{colPhone, "+86 138-0000-0000", func(a card.Application) string { return a.Person.Phone }, "13800000000"},
		{colPhone, "０７５７－８３３３１２３４", func(a card.Application) string { return a.Person.Phone }, "0757-83331234"},
		{colPhone, "'+85261234567", func(a card.Application) string { return a.Person.Phone }, "+85261234567"},
		{colCity, "广东省佛山市", func(a card.Application) string { return a.City }, "440600"},
		{colBank, "中国工商银行股份有限公司", func(a card.Application) string { return a.Bank }, "102"},
		{colEthnic, "1", func(a card.Application) string { return a.Person.Ethnic }, "01"},
		{colEthnic, "汉族", func(a card.Application) string { return a.Person.Ethnic }, "01"},
		{colMode, "O", func(a card.Application) string { return string(a.Mode) }, "O"},
		{colOutlet, "4406001020001 ", func(a card.Application) string { return a.Outlet }, "4406001020001"},
		{colAddress, "\uFEFF广东省佛山市示例区\u200B", func(a card.Application) string { return a.Person.Address }, "广东省佛山市示例区"},
	}
	for _, test := range tests {
		cells := goodCells()
		cells[test.col] = test.written
		row := readAll(t, csvOf(cells), Options{})[0]
		require.Empty(t, row.Reasons, test.written)
		require.Equal(t, test.expected, test.field(row.Application), test.written)
		require.Equal(t, test.written, row.Cells[test.col])
	}
}

func TestAllReasonsOfARowTogether(t *testing.T) {
	t.Parallel()
	cells := goodCells()
	cells[colName], cells[colPhone], cells[colCity], cells[colAddress] = "", "1", "", "=1+1"
	require.Equal(t, []card.Reason{
		card.ReasonNameMissing, card.ReasonPhone, card.ReasonCityUnknown, card.ReasonFormulaInCell,
	}, readAll(t, csvOf(cells), Options{})[0].Reasons)
	cells[colSSN] = "4.406E+17"
	require.Equal(t, []card.Reason{
		card.ReasonNameMissing, card.ReasonPhone, card.ReasonCityUnknown, card.ReasonNumberAsFloat, card.ReasonFormulaInCell,
	}, readAll(t, csvOf(cells), Options{})[0].Reasons)
}

func TestErrorsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	cells := goodCells()
	for _, file := range [][]byte{
		appendCSV(appendCSV(nil, cells), cells),
		append(csvOf(cells), fmt.Sprintf("%q%s,\n", cells[colName], cells[colSSN])...),
	} {
		r, err := New(bytes.NewReader(file), int64(len(file)), Options{})
		if err == nil {
			for _, e := range r.Rows() {
				err = e
			}
		}
		require.Error(t, err)
		for _, secret := range []string{cells[colSSN], cells[colName], cells[colPhone], cells[colAddress]} {
			require.NotContains(t, err.Error(), secret)
		}
	}
}
