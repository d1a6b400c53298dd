package sim

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// formOf reads a declaration that ships, and its sample; they are data of the hub's.
func formOf(t testing.TB, name string) (*Form, []byte) {
	form, err := ReadForm(filepath.Join("..", "..", "layout", "formats", name+".toml"))
	require.NoError(t, err)
	sample, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "layouts", name+".txt"))
	require.NoError(t, err)
	return form, sample
}

func sampleName(f *Form) FileName { return FileName{"SAMPLE", f.kind, "20261121", 17} }

// The sample of every format that ships, which the hub has written, is read, and comes out of the translation and back as it was.
func TestEverySampleThereAndBack(t *testing.T) {
	t.Parallel()
	formats, err := filepath.Glob(filepath.Join("..", "..", "layout", "formats", "*.toml"))
	require.NoError(t, err)
	require.NotEmpty(t, formats)
	for _, path := range formats {
		name := strings.TrimSuffix(filepath.Base(path), ".toml")
		if _, err := ReadForm(path); err != nil {
			require.Regexp(t, `workbook|PAYLIST`, err.Error(), name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, sample := formOf(t, name)
			var plain, back bytes.Buffer
			found, err := form.translate(bytes.NewReader(sample), sampleName(form), &plain)
			require.NoError(t, err)
			require.Equal(t, 24, found.Rows)
			require.EqualValues(t, len(sample), found.Size)
			again, err := form.dress(&plain, found, &back)
			require.NoError(t, err)
			require.Equal(t, found, again)
			require.Equal(t, string(sample), back.String())
		})
	}
}

// A row as somebody would write it who has only the declaration before him.
func TestAFormByHand(t *testing.T) {
	t.Parallel()
	form, _ := formOf(t, "river-payback")
	name := FileName{"ICBC", "PAYBACK", "20261121", 3}
	own := "1ICBC            2026-11-21\r\n" +
		"20000000007R20261121-001.0000001.1         D000001286299990000000000012000150002002" + "2026-11-2116:30:05" + pad("账户已注销", 60) + "\r\n" +
		"900000001000000000000015000\r\n"
	plain := "H|PAYBACK|1|ICBC_PAYBACK_20261121_000003.txt|20261121|\n" +
		"D|7|R20261121-001.0000001.1|D00000128|6299990000000000012|15000|ACCT_CLOSED|20261121163005|账户已注销\nT|1|15000\n"
	var out bytes.Buffer
	m, err := form.translate(strings.NewReader(gbk(t, own)), name, &out)
	require.NoError(t, err)
	require.Equal(t, gbk(t, plain), out.String())
	require.Equal(t, [2]int64{1, 15_000}, [2]int64{int64(m.Rows), m.Total})
	out.Reset()
	_, err = form.dress(strings.NewReader(gbk(t, plain)), m, &out)
	require.NoError(t, err)
	require.Equal(t, gbk(t, own), out.String())
}

// pad fills a text of Chinese characters with blanks up to a width in bytes of GBK.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", width-2*len([]rune(text)))
}

func gbk(t *testing.T, text string) string {
	out, err := simplifiedchinese.GBK.NewEncoder().String(text)
	require.NoError(t, err)
	return out
}

// What is not as it was declared is refused, and nothing is guessed.
func TestFilesThatAreNotOfTheForm(t *testing.T) {
	t.Parallel()
	form, sample := formOf(t, "river-payreq")
	whole := string(sample)
	first := strings.Index(whole, "\r\n") + 2
	for name, tc := range map[string]struct{ text, code string }{
		"nothing":             {"", "FILE_SIZE"},
		"cut off":             {whole[:len(whole)-30], "FILE_SIZE"},
		"cut off after a row": {whole[:first+184], "FILE_SIZE"},
		"another line end":    {strings.ReplaceAll(whole, "\r\n", "\n"), "FILE_LAYOUT"},
		"a byte too many":     {whole[:first] + " " + whole[first:], "FILE_LAYOUT"},
		"half a character":    {whole[:first+62] + "\xc1 " + whole[first+64:], "FILE_ENCODING"},
		"four bytes":          {whole[:first+62] + "\x95\x34\xb2\x36" + whole[first+66:], "FILE_ENCODING"},
		"a row less":          {whole[:first] + whole[first+184:], "FILE_ROWS"},
		"another amount":      {whole[:first+109] + "9" + whole[first+110:], "FILE_TOTAL"},
		"another partner":     {strings.Replace(whole, "SAMPLE", "OTHERS", 1), "FILE_LAYOUT"},
		"another day":         {strings.Replace(whole, "20261121", "20261122", 1), "FILE_LAYOUT"},
		"more at the end":     {whole + whole[first:], "FILE_LAYOUT"},
		"a line without end":  {whole[:first] + strings.Repeat("x", 5000) + "\r\n", "FILE_LINE_LENGTH"},
	} {
		_, err := form.translate(strings.NewReader(tc.text), sampleName(form), &bytes.Buffer{})
		var refusal *Refusal
		require.ErrorAs(t, err, &refusal, name)
		require.Equal(t, tc.code, refusal.Code, name)
	}
}

// A declaration that a partner could not work by is not taken.
func TestDeclarationsThatPartnersCannotUse(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "layout", "formats", "river-payret.toml"))
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"no TOML":              {"notation", "="},
		"another notation":     {"notation = 1", "notation = 2"},
		"another message":      {"PAYRET", "PAYLIST"},
		"a workbook":           {"[fixed]", "[workbook]\nsheet = \"退票\""},
		"two forms":            {"[fixed]", "[fixed]\n[delimited]\ndelimiter = \"|\""},
		"no delimiter":         {"[fixed]", "[delimited]"},
		"another encoding":     {`"GBK"`, `"EBCDIC"`},
		"no width":             {"width = 4, ", ""},
		"no unit":              {`, unit = "fen" },` + "\n" + `  { field = "result"`, ` },` + "\n" + `  { field = "result"`},
		"a field of nothing":   {`field = "pan"`, `field = "pin"`},
		"codes of nothing":     {`codes = "results"`, `codes = "answers"`},
		"no ref":               {`{ value = "ref"`, `{ value = "line"`},
		"no constant":          {`{ const = "9", width = 1 }`, `{ value = "date", width = 8 }`},
		"words that GBK lacks": {`"9001" =`, `"𠮷𠮷" =`},
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		require.NotEqual(t, string(text), changed, name)
		_, err := ParseForm(changed)
		require.Error(t, err, name)
	}
	_, err = ReadForm(filepath.Join(t.TempDir(), "none.toml"))
	require.Error(t, err)
}

// What a partner has no room or no code for it does not send; only its own words are made to fit.
func TestWhatAPartnerCannotWrite(t *testing.T) {
	t.Parallel()
	form, _ := formOf(t, "river-payret")
	name := FileName{"ICBC", "PAYRET", "20261121", 1}
	row := "D|1|R20261121-001.0000001.1|D00000128|6299990000000000012|%s|%s|20261121163005|%s\n"
	for text, good := range map[string]bool{
		fmt.Sprintf(row, "15000", "00", ""):                       true,
		fmt.Sprintf(row, "15000", "00", strings.Repeat("长", 100)): true,
		fmt.Sprintf(row, "123456789", "00", ""):                   false,
		fmt.Sprintf(row, "15000", "77", ""):                       false,
	} {
		var out bytes.Buffer
		_, err := form.dress(strings.NewReader(gbk(t, text)), Manifest{Name: name}, &out)
		require.Equal(t, good, err == nil, text)
		if good {
			require.Equal(t, 159, out.Len(), "157 bytes and the end of the line")
		}
	}
}

func FuzzForm(f *testing.F) {
	names := []string{"river-payreq", "coastal-payret", "county-matchret", "citybank-acctreq", "rural-acctret"}
	forms := make([]*Form, len(names))
	for i, name := range names {
		form, sample := formOf(f, name)
		forms[i] = form
		f.Add(uint8(i), sample)
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		form := forms[int(which)%len(forms)]
		var plain bytes.Buffer
		m, err := form.translate(bytes.NewReader(text), sampleName(form), &plain)
		if err != nil {
			var refusal *Refusal
			require.ErrorAs(t, err, &refusal)
			require.Contains(t, refusals, refusal.Code)
			return
		}
		require.Equal(t, m.Rows, bytes.Count(plain.Bytes(), []byte("\nD|")))
	})
}
