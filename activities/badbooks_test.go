package activities_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
	"onecard/connectors/outlet"
)

// inWorkbooks has the outlets report in workbooks, as the township of the shipped formats does.
func (w *world) inWorkbooks() *layout.Layout {
	w.t.Helper()
	set, err := layout.OpenSet("township-report")
	require.NoError(w.t, err)
	w.outlets.Network = outlet.Client{Desk: desk.Desk{Exchange: w.x, Layouts: set}, Lister: w.x}
	l, err := set.Of(card.Report)
	require.NoError(w.t, err)
	return l
}

// book is a report in a workbook: the card arrived at its outlet.
func book(t *testing.T, l *layout.Layout, f, dispatch card.File, number card.Number, clerk string) []byte {
	t.Helper()
	return bookOf(t, l, f, string(number), "A", f.Date+"100000", "", clerk, dispatch.Name())
}

// bookOf is a report of one row in a workbook.
func bookOf(t *testing.T, l *layout.Layout, f card.File, fields ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, f)
	require.NoError(t, w.Row(1, fields...))
	_, _, err := w.Close()
	require.NoError(t, err)
	return b.Bytes()
}

// rezip writes a workbook again: edit changes a part, add adds one.
func rezip(t *testing.T, text []byte, edit func(name, part string) string, add map[string]string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	require.NoError(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	put := func(name, part string) {
		to, err := out.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(to, part)
		require.NoError(t, err)
	}
	for _, f := range in.File {
		r, err := f.Open()
		require.NoError(t, err)
		part, err := io.ReadAll(r)
		require.NoError(t, err)
		put(f.Name, edit(f.Name, string(part)))
	}
	for name, part := range add {
		put(name, part)
	}
	require.NoError(t, out.Close())
	return b.Bytes()
}

func same(_, part string) string { return part }

// badBooks are workbooks that people, or somebody worse, hand in.
var badBooks = []struct {
	name   string
	reason card.Reason
	change func(t *testing.T, text []byte) []byte
}{
	{"book-formula", card.ReasonFormulaInCell, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, func(_, part string) string {
			return strings.Replace(part, ` t="inlineStr"><is><t xml:space="preserve">到卡</t></is>`, `><f>HYPERLINK("http://x.invalid","到卡")</f><v>到卡</v>`, 1)
		}, nil)
	}},
	{"book-number-as-float", card.ReasonNumberAsFloat, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, func(_, part string) string {
			return strings.Replace(part, ` t="inlineStr"><is><t xml:space="preserve">到卡</t></is>`, `><v>4.2E+17</v>`, 1)
		}, nil)
	}},
	{"book-merged-cells", card.ReasonMergedCell, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, func(_, part string) string {
			return strings.Replace(part, "</sheetData>", `</sheetData><mergeCells count="1"><mergeCell ref="A2:B2"/></mergeCells>`, 1)
		}, nil)
	}},
	{"book-bomb", card.ReasonFileBomb, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, func(name, part string) string {
			if strings.HasSuffix(name, "sheet1.xml") {
				part += strings.Repeat(" ", 257<<20)
			}
			return part
		}, nil)
	}},
	{"book-path-trick", card.ReasonFileZipPath, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, same, map[string]string{"../../../../etc/cron.d/x": "* * * * * root true\n"})
	}},
	{"book-path-trick-windows", card.ReasonFileZipPath, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, same, map[string]string{`xl\..\..\startup.bat`: "rem"})
	}},
	{"book-no-workbook", card.ReasonFileNotWorkbook, func(*testing.T, []byte) []byte { return []byte("社保卡号,事项\n") }},
	{"book-other-headings", card.ReasonFileHeadings, func(t *testing.T, text []byte) []byte {
		return rezip(t, text, func(_, part string) string { return strings.Replace(part, "经办人", "经办", 1) }, nil)
	}},
}

// A workbook that is wrong, or a trap, is quarantined with its own reason, and the good one under its name is taken: its cards
// are found by their numbers, for it has no refs. What begins like a formula leaves and comes back as the text that it is.
func TestBadWorkbooksAreQuarantined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	step, dispatch, numbers := w.dispatched(0)
	l := w.inWorkbooks()
	for i, c := range badBooks {
		t.Run(c.name, func(t *testing.T) {
			f := reportFile(i + 1)
			good := book(t, l, f, dispatch, numbers[len(numbers)-1], "C"+strings.Repeat("1", i+1))
			w.lay("OUTLET", fixture(t, c.name, func() map[string][]byte { return change{}.letter(t, f, c.change(t, good), 1) }))
			w.collects(t, step)
			w.requireStands(t, f, "quarantined", c.reason)
			require.Contains(t, w.receipts(f)[0], "|F|02|"+string(c.reason)+"|")
			w.lay("OUTLET", change{}.letter(t, f, good, 1))
			w.collects(t, step)
			w.requireStands(t, f, "acknowledged", "")
		})
	}
	last := reportFile(len(badBooks) + 1)
	w.lay("OUTLET", change{}.letter(t, last, bookOf(t, l, last, string(numbers[1]), "H", last.Date+"110000", "01", "C1", dispatch.Name()), 1))
	p, err := w.outlets.CollectReports(t.Context(), step)
	require.NoError(t, err)
	require.Equal(t, 1, p.HandedOver, "the card is found by its number")
	w.requireSound(t)
}
