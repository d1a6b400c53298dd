package roster

import (
	"bytes"
	"errors"
	"iter"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func sequenceOf[T any](rows ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// The workbook tells each owner what to do, and its roster is taken as it stands once it is corrected.
func TestTheFollowUpIsARosterAgain(t *testing.T) {
	t.Parallel()
	person := card.Person{DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440600", "19600101", 7), Name: "=冼示例", Phone: "13800000000"}
	var file bytes.Buffer
	reasons := []card.Reason{card.ReasonPayNameDiffers}
	require.NoError(t, WriteFollowUp(&file, sequenceOf(RefusedRow{Number: 17, Cells: PayCells(person, 15_050), Reasons: reasons}), []OwnerRows{
		{card.OwnerHolder, sequenceOf[FollowUpRow]()},
		{card.OwnerDepartment, sequenceOf(FollowUpRow{Number: 17, City: "440600 佛山", State: "退票 Returned", Fen: 15_050, Person: person, Reasons: reasons, Note: "paid again"})},
	}))
	f := openBook(t, file.Bytes())
	require.Subset(t, f.GetSheetList(), []string{PaySheetName, "持卡人 holder", "发放部门 department"})
	for i, want := range []string{"17", "NAME_MISMATCH", card.ReasonPayNameDiffers.Text().MendZH, "退票 Returned", "440600 佛山", "", "150.50"} {
		got, err := f.GetCellValue("发放部门 department", reference(i, 2))
		require.NoError(t, err)
		require.Contains(t, got, want)
	}
	require.NoError(t, f.SetCellStr(PaySheetName, reference(len(ours)+payName, 2), "冼示例"))
	var corrected bytes.Buffer
	require.NoError(t, f.Write(&corrected))
	again, err := readPayments(t, corrected.Bytes(), Options{})
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Empty(t, again[0].Reasons)
	require.Equal(t, Payment{Number: 2, SSN: person.SSN, Name: "冼示例", Fen: 15_050, Cells: again[0].Cells}, again[0])

	failed := errors.New("the ledger is gone")
	require.ErrorIs(t, WriteFollowUp(&bytes.Buffer{}, func(yield func(RefusedRow, error) bool) { yield(RefusedRow{}, failed) }, nil), failed)
}

// A sample's workbook comes back with the outcomes that were filled in; what cannot be told is refused.
func TestASampleComesBackFilledIn(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, WriteSample(&file, sequenceOf(SampledPayment{Sample: 3, Number: 17, Fen: 15_050}, SampledPayment{Sample: 3, Number: 18}, SampledPayment{Sample: 3, Number: 20})))
	read := func(outcomes ...string) ([]SampleFinding, error) {
		f := openBook(t, file.Bytes())
		for i, o := range outcomes {
			require.NoError(t, f.SetCellStr(sheetSample, reference(sampleOutcome, 2+i), o))
			require.NoError(t, f.SetCellStr(sheetSample, reference(sampleNote, 2+i), "说明"+strconv.Itoa(i)))
		}
		var b bytes.Buffer
		require.NoError(t, f.Write(&b))
		return ReadSample(bytes.NewReader(b.Bytes()), int64(b.Len()))
	}
	found, err := read("属实", "", "Not reached")
	require.NoError(t, err)
	require.Equal(t, []SampleFinding{{3, 17, card.SampleConfirmed, "说明0"}, {3, 20, card.SampleNotReached, "说明2"}}, found)
	_, err = read("maybe")
	require.Equal(t, card.ReasonSampleResults, card.ReasonOf(err))
	_, err = ReadSample(bytes.NewReader([]byte("no workbook")), 11)
	require.Equal(t, card.Invalid, card.KindOf(err))
	none, err := read()
	require.NoError(t, err)
	require.Empty(t, none)
}
