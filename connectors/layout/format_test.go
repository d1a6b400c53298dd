package layout_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

const goodFormat = `notation = 1
name = "good"
message = "ACCTRET"
version = 1
[delimited]
delimiter = "|"
[[header]]
columns = [ { const = "H" }, { value = "file" } ]
[detail]
columns = [
  { const = "D" },
  { value = "ref" },
  { field = "card_no" },
  { field = "result", codes = "results" },
  { field = "pan" },
]
[[trailer]]
columns = [
  { const = "T" },
  { value = "rows" },
]
[codes.results]
read = { OK = "00", NO = "E01" }
`

// A format that is wrong is told with line and key, and never used.
func TestBadFormats(t *testing.T) {
	t.Parallel()
	_, err := layout.Parse(goodFormat)
	require.NoError(t, err)
	for name, c := range map[string]struct{ old, new, says string }{
		"not TOML":             {"version = 1", "version == 1", "line 4"},
		"unknown key":          {"version = 1", "version = 1\nvresion = 2", "line 5: vresion: is not known here"},
		"unknown column key":   {`{ value = "ref" }`, `{ value = "ref", with = 3 }`, "line 12: detail.columns[2].with: is not known here"},
		"unknown in form":      {`delimiter = "|"`, "delimiter = \"|\"\nqoute = \"none\"", "delimited.qoute: is not known here; there are delimiter, quote"},
		"no notation":          {"notation = 1\n", "", "notation: is missing"},
		"another notation":     {"notation = 1", "notation = 2", "line 1: notation: must be within 1 and 1"},
		"name":                 {`"good"`, `"../x"`, "line 2: name: must be 1 to 40"},
		"no version":           {"version = 1\n", "", "version: is missing"},
		"version as text":      {"version = 1", `version = "1"`, "line 4: version: must be a whole number"},
		"unknown message":      {"ACCTRET", "ACCTRAT", "line 3: message: must be one of MATCHREQ"},
		"no form":              {"[delimited]\ndelimiter = \"|\"\n", "", "exactly one of the tables [delimited], [fixed], [workbook]"},
		"two forms":            {"[delimited]", "[fixed]\n[delimited]", "exactly one of the tables"},
		"encoding":             {"version = 1", "version = 1\nencoding = \"LATIN1\"", "line 5: encoding: must be GB18030, GBK, UTF-8"},
		"line end":             {"version = 1", "version = 1\nline_end = \"CR\"", "line 5: line_end: must be LF, CRLF"},
		"mark in GBK":          {"version = 1", "version = 1\nencoding = \"GBK\"\nbom = true", "line 6: bom: is for UTF-8 only"},
		"no delimiter":         {`delimiter = "|"`, `delimiter = ""`, "delimited.delimiter: must be 1 to 4 signs"},
		"letters between":      {`delimiter = "|"`, `delimiter = "x"`, "delimited.delimiter: must be 1 to 4 signs"},
		"no detail":            {"[detail]", "[details]", "detail: is missing"},
		"no columns":           {`columns = [ { const = "H" }, { value = "file" } ]`, "columns = []", "header[1].columns: there must be at least one"},
		"columns of numbers":   {`columns = [ { const = "H" }, { value = "file" } ]`, "columns = [1]", "must be a list of tables"},
		"nothing in a column":  {`{ value = "ref" }`, `{ as = "x" }`, "line 12: detail.columns[2]: must have exactly one of const, value, field, ignore"},
		"two in a column":      {`{ value = "ref" }`, `{ value = "ref", const = "x" }`, "line 12: detail.columns[2]: must have exactly one"},
		"unknown field":        {`field = "pan"`, `field = "pin"`, `line 15: detail.columns[5].field: "pin" is no field of ACCTRET; there are card_no, pan`},
		"field twice":          {`field = "pan"`, `field = "card_no"`, "line 15: detail.columns[5].field: card_no stands in another column already"},
		"field in a header":    {`{ value = "file" }`, `{ field = "pan" }`, "line 8: header[1].columns[2].field: fields stand in the detail only"},
		"unknown value":        {`{ value = "file" }`, `{ value = "now" }`, "line 8: header[1].columns[2].value: must be one of rows, total, kind"},
		"rows in a row":        {`{ value = "ref" }`, `{ value = "rows" }`, "line 12: detail.columns[2].value: must be one of ref, line"},
		"no ref":               {"  { value = \"ref\" },\n", "", `line 10: detail.columns: no column holds { value = "ref" }`},
		"a needed field":       {"  { field = \"card_no\" },\n", "", "detail.columns: no column holds the field card_no, which every ACCTRET needs"},
		"form of a text":       {`field = "pan"`, `field = "pan", form = "YYYY"`, "detail.columns[5].form: is for dates and times"},
		"unit of a text":       {`field = "pan"`, `field = "pan", unit = "yuan"`, "detail.columns[5].unit: is for amounts and totals"},
		"two conversions":      {`codes = "results"`, `codes = "results", unit = "fen"`, "cannot stand beside"},
		"no such codes":        {`codes = "results"`, `codes = "reslts"`, "line 14: detail.columns[4].codes: there is no table [codes.reslts]"},
		"codes unused":         {`, codes = "results"`, "", "line 22: codes.results: is used by no column"},
		"a code of nobody":     {`NO = "E01"`, `NO = "E77"`, `line 23: codes.results.read.NO: "E77" is no code of result; there are 00, E01`},
		"ambiguous codes":      {`NO = "E01"`, `NO = "00"`, "codes.results.read: has NO, OK for our 00: say under write"},
		"codes of numbers":     {`NO = "E01"`, `NO = 1`, "codes.results.read.NO: must be a text"},
		"empty codes":          {`read = { OK = "00", NO = "E01" }`, "", "codes.results: needs a table read"},
		"unknown code":         {`read = {`, "unknown = \"skip\"\nread = {", "codes.results.unknown: must be"},
		"delimiter in const":   {`const = "H"`, `const = "H|1"`, `line 8: header[1].columns[1]: "H|1" holds the delimiter`},
		"control in const":     {`const = "H"`, `const = "\t"`, "has a control character"},
		"trailer like a row":   {`const = "T"`, `const = "D"`, `line 19: trailer[1].columns[1]: "D" can stand at the beginning of a row too`},
		"trailer without mark": {"  { const = \"T\" },\n", "", "trailer[1].columns: must begin with a constant"},
		"default of nobody":    {`field = "pan"`, `field = "pan", default = "abc"`, `detail.columns[5].default: "abc" cannot stand in pan`},
		"default of a const":   {`const = "H"`, `const = "H", default = "x"`, "header[1].columns[1].default: is for fields"},
		"pad without width":    {`field = "pan"`, `field = "pan", pad = "0"`, "detail.columns[5].width: is missing"},
		"pad of two":           {`field = "pan"`, `field = "pan", width = 19, pad = "ab"`, "detail.columns[5].pad: must be one plain character"},
		"zeros behind":         {`field = "pan"`, `field = "pan", width = 19, pad = "0"`, "detail.columns[5].pad: digits and letters can pad on the left only"},
		"width":                {`field = "pan"`, `field = "pan", width = 0`, "detail.columns[5].width: must be within 1 and 4096"},
		"unknown fingerprint":  {"version = 1", "version = 1\nfingerprint = [\"pin\"]", `line 5: fingerprint: "pin" is no field`},
		"fingerprint without":  {"version = 1", "version = 1\nfingerprint = [\"reason\"]", "line 5: fingerprint: no column holds the field reason"},
		"order":                {"version = 1", "version = 1\norder = \"falling\"", "line 5: order: must be ascending, any"},
		"no widths":            {"[delimited]\ndelimiter = \"|\"", "[fixed]", "line 7: header[1].columns[1].width: is missing: in bytes of GB18030"},
		"widths in a workbook": {"[delimited]\ndelimiter = \"|\"", "[workbook]\nsheet = \"a/b\"", "workbook.sheet: must be 1 to 31"},
		"encoded workbook":     {"version = 1\n[delimited]\ndelimiter = \"|\"", "version = 1\nencoding = \"GBK\"\n[workbook]\nsheet = \"a\"", "encoding: is not known here"},
		"counts in front":      {"[delimited]\ndelimiter = \"|\"\n[[header]]\ncolumns = [ { const = \"H\" }, { value = \"file\" }", "[workbook]\nsheet = \"a\"\n[[header]]\ncolumns = [ { const = \"H\" }, { value = \"rows\" }", "a workbook tells rows and total at its end"},
	} {
		require.Contains(t, goodFormat, c.old, name)
		_, err := layout.Parse(strings.Replace(goodFormat, c.old, c.new, 1))
		require.Equal(t, card.Invalid, card.KindOf(err), name)
		require.ErrorContains(t, err, c.says, name)
	}
}

// A file that has money moved says which, from where or to whom, and how much; a bank's layout may leave out the rest.
func TestNoLayoutLeavesOutWhatABankNeeds(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]map[string]bool{
		"standard-payreq":  {"instruction": true, "pan": true, "amount": true, "card_no": false, "name": false, "purpose": false},
		"standard-fundreq": {"order": true, "action": true, "account": true, "amount": true, "block": true},
		"standard-payenq":  {"instruction": true, "card_no": false, "amount": false},
	} {
		text, err := layout.Source(name)
		require.NoError(t, err)
		for field, needed := range fields {
			lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, `{ field = "`+field+`"`) })
			_, err := layout.Parse(strings.Join(lines, "\n"))
			if !needed {
				require.NoError(t, err, "%s without %s", name, field)
				continue
			}
			require.Equal(t, card.Invalid, card.KindOf(err))
			require.ErrorContains(t, err, "no column holds the field "+field)
		}
	}
}

const payFormat = `notation = 1
name = "pay"
message = "PAYRET"
version = 1
[fixed]
[detail]
columns = [
  { value = "ref", width = 10 },
  { field = "instruction", width = 32 },
  { field = "card_no", width = 9 },
  { field = "pan", width = 19 },
  { field = "amount", unit = "yuan", width = 18 },
  { field = "result", width = 16 },
  { field = "time", form = "YYYYMMDD", width = 8 },
  { field = "time", form = "hh:mm:ss", width = 8 },
]
`

func TestBadFormatsOfMoneyAndTime(t *testing.T) {
	t.Parallel()
	_, err := layout.Parse(payFormat)
	require.NoError(t, err)
	for name, c := range map[string]struct{ old, new, says string }{
		"no unit":           {`unit = "yuan", `, "", "line 12: detail.columns[5].unit: is missing"},
		"another unit":      {`"yuan"`, `"dollar"`, "detail.columns[5].unit: must be fen, yuan"},
		"thousands of fen":  {`unit = "yuan"`, `unit = "fen", thousands = true`, "thousands: is for yuan only"},
		"thousands alone":   {`field = "pan"`, `field = "pan", thousands = true`, "detail.columns[4].thousands"},
		"seconds missing":   {"hh:mm:ss", "hh:mm", "line 14: detail.columns[7].form: the columns of time together must hold YYYY MM DD hh mm ss"},
		"seconds twice":     {"hh:mm:ss", "hh:mm:ss ss", "detail.columns[8].form: must be made of"},
		"hours twice":       {"YYYYMMDD", "YYYYMMDDhh", "the columns of time together"},
		"letters in a form": {"YYYYMMDD", "YYYYMMDDT", "must be made of"},
		"too wide":          {"width = 32", "width = 4090", "detail: is 4178 bytes wide, at most 4096"},
		"default of a part": {`form = "YYYYMMDD"`, `form = "YYYYMMDD", default = "20260101000000"`, "is for times in one column"},
		"headings":          {"[fixed]", "[fixed]\n[[header]]\nheadings = true", "header[1].headings: is for delimited files and workbooks"},
		"const too long":    {"[fixed]", "[fixed]\n[[header]]\ncolumns = [ { const = \"ABC\", width = 2 } ]", `"ABC" is longer than the 2 bytes`},
		"not in GBK":        {"version = 1", "version = 1\nencoding = \"GBK\"\n[[header]]\ncolumns = [ { const = \"𠮷\", width = 9 } ]", `has a character that GBK cannot carry`},
	} {
		require.Contains(t, payFormat, c.old, name)
		_, err := layout.Parse(strings.Replace(payFormat, c.old, c.new, 1))
		require.ErrorContains(t, err, c.says, name)
	}
}

func TestAllFaultsOfAFormatAreToldAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(`field = "pan"`, `field = "pin"`, `value = "file"`, `value = "fill"`).Replace(goodFormat)
	_, err := layout.Parse(text)
	require.ErrorContains(t, err, "line 8: ")
	require.ErrorContains(t, err, "line 15: ")
}

func TestSets(t *testing.T) {
	t.Parallel()
	s, err := layout.OpenSet("rural-acctreq", "rural-acctret")
	require.NoError(t, err)
	require.Equal(t, []card.FileKind{card.AcctReq, card.AcctRet}, s.Kinds())
	own, err := s.Of(card.AcctReq)
	require.NoError(t, err)
	require.Equal(t, "ACCTREQ/2", own.Name())
	usual, err := s.Of(card.ActReq)
	require.NoError(t, err)
	require.Equal(t, "standard-actreq", usual.Format)
	_, err = layout.OpenSet("rural-acctreq", "citybank-acctreq")
	require.ErrorContains(t, err, "both of ACCTREQ")
	_, err = layout.OpenSet("nobodys")
	require.Equal(t, card.NotFound, card.KindOf(err))
	_, err = layout.Open("./nobodys.toml")
	require.Equal(t, card.NotFound, card.KindOf(err))
}

func FuzzParse(f *testing.F) {
	f.Add(goodFormat)
	f.Add(payFormat)
	for _, name := range layout.Shipped() {
		text, err := layout.Source(name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := layout.Parse(text)
		if err != nil {
			require.Equal(t, card.Invalid, card.KindOf(err))
			return
		}
		require.NotEmpty(t, l.Name())
	})
}
