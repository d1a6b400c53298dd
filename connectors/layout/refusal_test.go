package layout_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

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
		{"nothing", "", card.ReasonFileRows, "line 1: found the end of the file, expected the first line H|<kind>|<version>|<file name>|<date>|<file answered>"},
		{"no header", d1, card.ReasonFileLayout, "found a first line of 10 fields, expected 6"},
		{"a header of another record", "X" + head[1:], card.ReasonFileLayout, `line 1 column 1 (record): found "X", expected "H"`},
		{"another kind", strings.Replace(head, "H|ACCTRET", "H|ACCTENR", 1), card.ReasonFileLayout, `column 2 (kind): found "ACCTENR", expected "ACCTRET"`},
		{"another version", strings.Replace(head, "|1|", "|2|", 1), card.ReasonFileLayout, `column 3 (version): found "2", expected "1"`},
		{"another file's name", strings.Replace(head, "ICBC_ACCTRET", "ABC_ACCTRET", 1), card.ReasonFileName, `column 4 (file name): found "ABC_ACCTRET_20261121_000017.txt", expected "ICBC_ACCTRET_20261121_000017.txt"`},
		{"a name that is no name", strings.Replace(head, "ICBC_ACCTRET", "../张", 1), card.ReasonFileName, "column 4 (file name): found 24 characters .{2}/字_9{8}_9{6}.a{3}, expected"},
		{"another date", strings.Replace(head, "|20261121|", "|20261122|", 1), card.ReasonFileName, `column 5 (date): found "20261122", expected "20261121"`},
		{"the answer to another file", strings.Replace(head, "000017.txt\n", "000018.txt\n", 1), card.ReasonFileAnswered, `column 6 (file answered): found "ICBC_ACCTREQ_20261121_000018.txt", expected "ICBC_ACCTREQ_20261121_000017.txt"`},
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
		{"refs in disorder", head + d2 + d1, card.ReasonFileLayout, "line 3 column 2 (ref): found ref 1 after ref 2, expected ascending refs"},
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
