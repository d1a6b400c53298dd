package onecard_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/card"
)

var update = flag.Bool("update", false, "write the table of reason codes in the partner guide anew")

const guide = "docs/partner-files.md"

// notForPartners are reasons about files that only the hub's own people meet.
var notForPartners = []card.Reason{
	card.ReasonFileXLS, card.ReasonFileEmpty, card.ReasonFileMerged, card.ReasonFileRefusedThere, card.ReasonFileVanished,
	card.ReasonFileArchive, card.ReasonFileApplied, card.ReasonFileStructural, card.ReasonFileOutcomeUnknown,
}

// alsoForPartners are reasons about rows and cells that receipts and verdicts tell.
var alsoForPartners = []card.Reason{
	card.ReasonNameUnencodable, card.ReasonFieldCharacters, card.ReasonFieldTooLong, card.ReasonFormulaInCell, card.ReasonMergedCell,
	card.ReasonCellTooLong, card.ReasonNumberAsFloat, card.ReasonConstraintHeld, card.ReasonNoAnswer, card.ReasonAnswerRefused,
}

// reasonTable is the table of all codes that a partner can meet, in the words of the program.
func reasonTable() string {
	var b strings.Builder
	b.WriteString("| 代码 Code | 含义 Meaning | 怎么办 What to do |\n|---|---|---|\n")
	for _, r := range card.Reasons() {
		ours := strings.HasPrefix(string(r), "FILE_") && !slices.Contains(notForPartners, r)
		if ours || slices.Contains(alsoForPartners, r) {
			t := r.Text()
			fmt.Fprintf(&b, "| `%s` | %s %s | %s %s |\n", r, t.ZH, t.EN, t.MendZH, t.MendEN)
		}
	}
	return b.String()
}

// The guide tells every reason code in the words of the program: go test . -run Guide -update writes the table anew.
func TestTheGuideTellsEveryReason(t *testing.T) {
	const begin, end = "<!-- reasons -->\n", "<!-- end of reasons -->\n"
	text := read(t, guide)
	before, rest, found := strings.Cut(text, begin)
	require.True(t, found, "the table's place")
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "the table's end")
	want := before + begin + reasonTable() + end + after
	if *update {
		require.NoError(t, os.WriteFile(guide, []byte(want), 0o600))
	}
	require.Equal(t, want, read(t, guide), "run go test . -run Guide -update")
}

var sampleBlock = regexp.MustCompile("(?s)<!-- sample: ([a-z0-9-]+) -->\n```text\n(.*?)```")

// The samples of layouts in the guide are what the program makes: lines of testdata/layouts, in their order.
func TestTheGuideShowsWhatTheProgramMakes(t *testing.T) {
	t.Parallel()
	blocks := sampleBlock.FindAllStringSubmatch(read(t, guide), -1)
	require.GreaterOrEqual(t, len(blocks), 4)
	for _, b := range blocks {
		made, err := simplifiedchinese.GB18030.NewDecoder().String(read(t, "testdata/layouts/"+b[1]+".txt"))
		require.NoError(t, err)
		made = strings.ReplaceAll(made, "\r\n", "\n")
		for line := range strings.Lines(b[2]) {
			if line == "…\n" {
				continue
			}
			_, rest, found := strings.Cut(made, line)
			require.True(t, found, "%s: %q is no line of the program's sample, or out of order", b[1], line)
			made = rest
		}
	}
}
